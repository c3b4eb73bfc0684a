"""The addresses of the console's pages. Each view carries its ``permission`` (``console.pages``)."""

from django.urls import path, register_converter

from matricula.console import account, courses, enrolling, home, jobs, programs, roles, students, uploads
from matricula.console.pages import IdConverter

register_converter(IdConverter, "id")
urlpatterns = [
    path("search/", home.search, name="search"),
    path("courses/<key>/", courses.roster, name="course"),
    path("courses/<key>/history/", courses.history, name="course_history"),
    path("courses/<key>/curve/", courses.curve, name="course_curve"),
    path("courses/<key>/people/<id:account_id>/", courses.person, name="course_person"),
    path("courses/<key>/people/<id:account_id>/beta-tester/", enrolling.set_beta_tester, name="course_beta_tester"),
    path("courses/<key>/enroll/", enrolling.enroll, name="course_enroll"),
    path("courses/<key>/change/", enrolling.change, name="course_change"),
    path("programs/<key>/", programs.program, name="program"),
    path("programs/<key>/numbers/", programs.numbers, name="program_numbers"),
    path("programs/<key>/courses/", programs.courses, name="program_courses"),
    path("programs/<key>/curve/", programs.curve, name="program_curve"),
    path("programs/<key>/history/", programs.history, name="program_history"),
    path("programs/<key>/download/", programs.download, name="program_download"),
    path("programs/<key>/upload/", uploads.upload, name="program_upload"),
    path("programs/<key>/students/<id:student_id>/", students.student, name="student"),
    path("programs/<key>/students/<id:student_id>/history/", students.history, name="student_history"),
    path("programs/<key>/students/<id:student_id>/change/", students.change, name="student_change"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/progress/", jobs.progress, name="job_progress"),
    path("jobs/<uuid:job_id>/cancel/", jobs.cancel, name="job_cancel"),
    path("jobs/<uuid:job_id>/carry-out/", jobs.carry_out, name="job_carry_out"),
    path("jobs/<uuid:job_id>/refused.csv", jobs.refused, name="job_refused"),
    path("access/", roles.access, name="access"),
    path("account/", account.account, name="account"),
]
