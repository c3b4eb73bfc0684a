"""The addresses that the instructor dashboard calls beside those of the Enrollment API; and bulk enrollment."""

import re
from collections.abc import Mapping
from typing import Any

from matricula.rest.contracts.dashboard import bulk, course, enrolling, schemas, testers
from matricula.rest.contracts.dashboard.errors import ERROR
from matricula.rest.contracts.dashboard.guard import (
    GLOBAL_STAFF,
    INSTRUCTOR,
    MANAGES_COURSE,
    guard_global_staff,
    guard_instructor,
    guard_manager,
)
from matricula.rest.endpoint import COURSE_KEY, EMAIL_OR_USERNAME, NOTHING, Address, AnyEndpoint, Contract, Endpoint

TAG = "Instructor dashboard"
_COURSE, _OLDER = "/api/instructor/v2/courses/{course_key}", "/courses/{course_key}/instructor/api"
_BULK = "/api/bulk_enroll/v1/bulk_enroll"
_READS = (401, 403, 404, 405, 429)
_WRITES = (400, 401, 403, 404, 405, 413, 415, 429)
_FORMS = "The body can also be sent as a form."
_PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "course_key": COURSE_KEY,
    "email_or_username": EMAIL_OR_USERNAME,
}


def _address(template: str, guard: Any, methods: Mapping[str, AnyEndpoint]) -> Address:
    # a key with an encoded slash is a bad key and not an unknown address, where that leaves people of this name alone
    key = ".+?" if template.startswith(_OLDER) or template.endswith("/enrollments/modify") else "[^/]+"
    pattern = re.escape(template).replace(r"\{course_key\}", f"(?P<course_key>{key})")
    pattern = pattern.replace(r"\{email_or_username\}", "(?P<email_or_username>.+?)")
    return Address(
        template=template,
        pattern=re.compile(pattern + "/?", re.DOTALL),
        guard=guard,
        methods=methods,
        tag=TAG,
        error=ERROR,
        parameters=_PARAMETERS,
    )


def _post(handler: Any, summary: str, permission: str, answer: Any, body: Any = None) -> Mapping[str, AnyEndpoint]:
    if body is None:
        return {"POST": Endpoint(handler, NOTHING, summary, permission, {200: answer}, errors=_READS)}
    return {
        "POST": Endpoint(
            handler,
            NOTHING,
            summary,
            permission,
            {200: answer},
            late_body=body,
            errors=_WRITES,
            description=_FORMS,
        )
    }


DASHBOARD_ADDRESSES: tuple[Address, ...] = (
    _address(
        _COURSE,
        guard_manager,
        {
            "GET": Endpoint(
                course.get_dashboard_course,
                NOTHING,
                "Get a course run as the dashboard shows it",
                MANAGES_COURSE,
                {200: schemas.DashboardCourse},
                errors=_READS,
            )
        },
    ),
    _address(
        _COURSE + "/enrollments/modify",
        guard_manager,
        _post(
            enrolling.modify_enrollments,
            "Enroll or unenroll up to 1,000 people at once",
            MANAGES_COURSE,
            schemas.ModifyResults,
            schemas.ModifyBody,
        ),
    ),
    _address(
        _COURSE + "/beta_testers/modify",
        guard_instructor,
        _post(
            testers.modify_beta_testers,
            "Give or take the role of a beta tester",
            INSTRUCTOR,
            schemas.TestersResults,
            schemas.TestersBody,
        ),
    ),
    _address(
        _COURSE + "/learners/{email_or_username}",
        guard_manager,
        {
            "GET": Endpoint(
                course.get_dashboard_learner,
                NOTHING,
                "Find a person, and whether that person is enrolled",
                MANAGES_COURSE,
                {200: schemas.DashboardLearner},
                errors=(400, *_READS),
            )
        },
    ),
    _address(
        _COURSE + "/instructor_tasks",
        guard_manager,
        {
            "GET": Endpoint(
                course.get_instructor_tasks,
                NOTHING,
                "List the unfinished jobs of a course run",
                MANAGES_COURSE,
                {200: schemas.InstructorTasks},
                errors=_READS,
            )
        },
    ),
    _address(
        _OLDER + "/list_instructor_tasks",
        guard_manager,
        _post(
            course.list_instructor_tasks,
            "List the unfinished jobs of a course run",
            MANAGES_COURSE,
            schemas.InstructorTasks,
        ),
    ),
    _address(
        _OLDER + "/get_student_enrollment_status",
        guard_manager,
        _post(
            course.get_student_enrollment_status,
            "Get the enrollment status of a person in words",
            MANAGES_COURSE,
            schemas.EnrollmentStatus,
            schemas.StatusBody,
        ),
    ),
    _address(
        _OLDER + "/students_update_enrollment",
        guard_manager,
        _post(
            enrolling.students_update_enrollment,
            "Enroll or unenroll up to 1,000 people at once",
            MANAGES_COURSE,
            schemas.UpdateResults,
            schemas.UpdateBody,
        ),
    ),
    _address(
        _OLDER + "/bulk_beta_modify_access",
        guard_instructor,
        _post(
            testers.bulk_beta_modify_access,
            "Give or take the role of a beta tester",
            INSTRUCTOR,
            schemas.TestersUpdateResults,
            schemas.TestersUpdateBody,
        ),
    ),
    _address(
        _BULK,
        guard_global_staff,
        _post(
            bulk.bulk_enroll,
            "Enroll or unenroll people in several course runs",
            GLOBAL_STAFF,
            schemas.BulkEnrollResults,
            schemas.BulkEnrollBody,
        ),
    ),
)
CONTRACT = Contract(
    # not what the Enrollment API answers under the same base
    bases=re.compile(
        r"/courses/.+?/instructor/api(/.*)?|/api/bulk_enroll/v1(/.*)?|/api/instructor/v2/courses/.+?/enrollments/modify/?"
        r"|/api/instructor/v2/courses/[^/]+(/beta_testers/modify|/learners/.+|/instructor_tasks)?/?",
        re.DOTALL,
    ),
    error=ERROR,
    addresses=DASHBOARD_ADDRESSES,
    about="The calls of the instructor dashboard are answered in the words that it reads.",
)
