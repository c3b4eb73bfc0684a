"""The addresses of the console's pages. Each view carries its ``permission`` (``console.pages``)."""

from django.urls import path, register_converter

from matricula.console import courses, disclosures, enrolling, home, my, operations, programs, students, uploads
from matricula.console.access import clients, granting, roles
from matricula.console.account import pages as account
from matricula.console.jobs import pages as jobs
from matricula.console.pages import IdConverter
from matricula.console.plans import deciding
from matricula.console.plans import pages as plans
from matricula.console.why import pages as why

register_converter(IdConverter, "id")
urlpatterns = [
    path("search/", home.search, name="search"),
    path("why/", why.ask, name="why"),
    path("my/", my.my, name="my"),
    path("my/history/", my.history, name="my_history"),
    path("courses/<key>/", courses.roster, name="course"),
    path("courses/<key>/history/", courses.history, name="course_history"),
    path("courses/<key>/curve/", courses.curve, name="course_curve"),
    path("courses/<key>/people/<id:account_id>/", courses.person, name="course_person"),
    path("courses/<key>/why/", why.course, name="course_why"),
    path("courses/<key>/people/<id:account_id>/why/", why.person, name="course_person_why"),
    path("courses/<key>/people/<id:account_id>/beta-tester/", enrolling.set_beta_tester, name="course_beta_tester"),
    path("courses/<key>/enroll/", enrolling.enroll, name="course_enroll"),
    path("courses/<key>/change/", enrolling.change, name="course_change"),
    path("programs/<key>/", programs.program, name="program"),
    path("programs/<key>/numbers/", programs.numbers, name="program_numbers"),
    path("programs/<key>/courses/", programs.courses, name="program_courses"),
    path("programs/<key>/curve/", programs.curve, name="program_curve"),
    path("programs/<key>/history/", programs.history, name="program_history"),
    path("programs/<key>/download/", programs.download, name="program_download"),
    path("programs/<key>/reports/<name>", programs.report, name="program_report"),
    path("programs/<key>/upload/", uploads.upload, name="program_upload"),
    path("programs/<key>/students/<id:student_id>/", students.student, name="student"),
    path("programs/<key>/why/", why.program, name="program_why"),
    path("programs/<key>/students/<id:student_id>/why/", why.student, name="student_why"),
    path("programs/<key>/students/<id:student_id>/history/", students.history, name="student_history"),
    path("programs/<key>/students/<id:student_id>/change/", students.change, name="student_change"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/progress/", jobs.progress, name="job_progress"),
    path("jobs/<uuid:job_id>/cancel/", jobs.cancel, name="job_cancel"),
    path("jobs/<uuid:job_id>/refused.csv", jobs.refused, name="job_refused"),
    path("plans/", plans.plans, name="plans"),
    path("plans/<uuid:plan_id>/", plans.plan, name="plan"),
    path("plans/<uuid:plan_id>/progress/", plans.progress, name="plan_progress"),
    path("plans/<uuid:plan_id>/refused.csv", plans.refused, name="plan_refused"),
    path("plans/<uuid:plan_id>/rows/", deciding.choose, name="plan_rows"),
    path("plans/<uuid:plan_id>/review/", deciding.review, name="plan_review"),
    path("plans/<uuid:plan_id>/apply/", deciding.apply, name="plan_apply"),
    path("plans/<uuid:plan_id>/cancel/", deciding.cancel, name="plan_cancel"),
    path("operations/", operations.operations, name="operations"),
    path("operations/<uuid:operation_id>/", operations.operation, name="operation"),
    path("operations/<uuid:operation_id>/undo/", operations.undo, name="operation_undo"),
    path("disclosures/", disclosures.disclosures, name="disclosures"),
    path("access/", roles.access, name="access"),
    path("access/grant/<slug:kind>/", granting.grant, name="access_grant"),
    path("access/withdraw/<slug:kind>/<id:grant_id>/", granting.withdraw, name="access_withdraw"),
    path("access/people/<id:account_id>/", roles.person, name="access_person"),
    path("access/groups/new/", granting.add_group, name="access_group_new"),
    path("access/groups/<id:group_id>/", roles.group, name="access_group"),
    path("access/groups/<id:group_id>/add/", granting.add_member, name="access_member_new"),
    path("access/groups/<id:group_id>/delete/", granting.remove_group, name="access_group_delete"),
    path("access/clients/new/", clients.add, name="access_client_new"),
    path("access/clients/<id:client_id>/", roles.client, name="access_client"),
    path("access/clients/<id:client_id>/delete/", clients.remove, name="access_client_delete"),
    path("account/", account.account, name="account"),
    path("account/sessions/end/", account.end_other_sessions, name="account_sessions_end"),
    path("account/clients/new/", clients.add_own, name="own_client_new"),
    path("account/clients/<id:client_id>/delete/", clients.remove_own, name="own_client_delete"),
    path("account/tokens/<id:token_id>/end/", clients.end_own_token, name="own_token_end"),
]
