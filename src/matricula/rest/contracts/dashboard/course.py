"""What the dashboard shows of a course run: itself, a person, its unfinished jobs."""

from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from matricula.catalog.reads import CourseRun, get_course_facts
from matricula.enrollments.course.reads import (
    EnrollmentRow,
    IdentifierFitsTwoAccounts,
    find_enrollment,
    find_enrollment_of,
)
from matricula.enrollments.course.rosters import count_managers, count_modes
from matricula.foundation.folding import fold
from matricula.foundation.text import key_problem, trim
from matricula.jobs.reads import JobStatus, list_unfinished_jobs_of_course
from matricula.jobs.statuses import RUNNING
from matricula.learners.reads import find_confirmed, get_learners
from matricula.rest.contracts.dashboard.guard import is_instructor
from matricula.rest.contracts.dashboard.schemas import (
    DashboardCourse,
    DashboardLearner,
    DashboardPermissions,
    DashboardTab,
    EnrollmentStatus,
    InstructorTask,
    InstructorTasks,
    InstructorTaskState,
    StatusBody,
)
from matricula.rest.endpoint import PlainCall, answer_json, encode, seconds
from matricula.rest.errors import FITS_TWO_ACCOUNTS, invalid_field, invalid_fields, text_message
from matricula.rest.forms import parse_body_or_form


def get_dashboard_course(call: PlainCall) -> HttpResponse:
    """200 DashboardCourse."""
    course = call.course
    # a run may have a + of its own
    org, number, run = course.key.removeprefix("course-v1:").split("+", 2)
    facts = get_course_facts([course.id])[course.id]
    counts = count_modes(course.id)
    total = sum(counts.values())
    managers, enrolled_managers = count_managers(course.id)
    return answer_json(
        DashboardCourse(
            course_id=course.key,
            display_name=course.plain_title,
            org=org,
            course_number=number,
            course_run=run,
            enrollment_start=facts.enrollment_start and seconds(facts.enrollment_start),
            enrollment_end=facts.enrollment_end and seconds(facts.enrollment_end),
            total_enrollment=total,
            learner_count=total - enrolled_managers,
            staff_count=managers,
            enrollment_counts={**dict.fromkeys(course.modes, 0), **counts, "total": total},
            permissions=_permissions(call),
            tabs=_tabs(course),
        )
    )


def _permissions(call: PlainCall) -> DashboardPermissions:
    """Only those that mean something here are ever given."""
    return DashboardPermissions(
        admin=call.signed_in.is_global_staff,
        instructor=is_instructor(call),
        finance_admin=False,
        sales_admin=False,
        staff=True,
        forum_admin=False,
        data_researcher=False,
    )


def _tabs(course: CourseRun) -> list[DashboardTab]:
    start = f"{settings.ENVIRONMENT.dashboard_url.rstrip('/')}/{quote(course.key, safe=':+')}"
    titles = {"course_info": _("Course"), "enrollments": _("Enrollments")}
    return [
        DashboardTab(tab_id, title, f"{start}/{tab_id}", 10 * place)
        for place, (tab_id, title) in enumerate(titles.items(), 1)
    ]


def get_dashboard_learner(call: PlainCall) -> HttpResponse:
    """200 DashboardLearner."""
    identifier = _checked("email_or_username", call.path["email_or_username"])
    found = find_confirmed([fold(identifier)]).get(fold(identifier), [])
    if not found:
        raise invalid_field(
            "email_or_username", "There is no account with this username or email address. Check the spelling."
        )
    if len(found) > 1:
        raise invalid_fields({"email_or_username": FITS_TWO_ACCOUNTS})
    learner = found[0]
    row = find_enrollment_of(call.course.id, learner.id, learner.email_key)
    return answer_json(
        DashboardLearner(
            username=learner.username,
            email=learner.email,
            full_name=learner.full_name,
            progress_url=None,
            is_enrolled=row is not None and row.is_active,
        )
    )


def get_student_enrollment_status(call: PlainCall) -> HttpResponse:
    """200 EnrollmentStatus."""
    field = "unique_student_identifier"
    identifier = _checked(field, parse_body_or_form(call.request, StatusBody).unique_student_identifier)
    try:
        row = find_enrollment(call.course.id, identifier)
    except IdentifierFitsTwoAccounts:
        raise invalid_fields({field: FITS_TWO_ACCOUNTS}) from None
    return answer_json(EnrollmentStatus(call.course.key, "", _status_text(row) % {"person": identifier}))


def _status_text(row: EnrollmentRow | None) -> str:
    if row is None:
        return _("Enrollment status of %(person)s: never enrolled")
    if row.is_active:
        return _("Enrollment status of %(person)s: active")
    # only an enrollment that was there has a place in the roster
    if row.id is not None:
        return _("Enrollment status of %(person)s: inactive")
    return _("Enrollment status of %(person)s: pending (invited)")


def _checked(field: str, text: str) -> str:
    identifier = trim(text)
    if problem := key_problem(identifier):
        raise invalid_fields({field: text_message(problem)})
    return identifier


def get_instructor_tasks(call: PlainCall) -> HttpResponse:
    """200 InstructorTasks."""
    jobs = list_unfinished_jobs_of_course(call.course.id)
    people = get_learners({job.actor_id for job in jobs if job.actor_id is not None})
    names = {person.id: person.username for person in people}
    return answer_json(InstructorTasks([_task(job, names.get(job.actor_id or 0)) for job in jobs]))


def list_instructor_tasks(call: PlainCall) -> HttpResponse:
    """200 InstructorTasks, at the older address."""
    return get_instructor_tasks(call)


def _task(job: JobStatus, requester: str | None) -> InstructorTask:
    return InstructorTask(
        task_type=job.kind,
        task_input=encode({"total": job.total}).decode(),
        task_id=str(job.id),
        requester=requester,
        task_state=InstructorTaskState.PROGRESS if job.state == RUNNING else InstructorTaskState.PENDING,
        created=seconds(job.created),
        task_output=None,
        duration_sec=None,
        status=_("Incomplete"),
        task_message=_("%(done)s of %(total)s rows") % {"done": job.done, "total": job.total},
    )
