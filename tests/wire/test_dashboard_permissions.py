"""Who may call what the instructor dashboard calls: every address, every method, every kind of caller."""

import io
import json
import re
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client as HttpClient

from matricula.models import CourseRole
from matricula.rest.contracts.dashboard.urls import DASHBOARD_ADDRESSES
from tests.conftest import KEY, OTHER_KEY, Api, World, make_token
from tests.university import University
from tests.wire.answers import content
from tests.wire.test_permissions import CALLERS, MANAGERS, NOBODY, caller, expected
from tests.wire.test_withdrawn_rights import COURSE_WAYS, refused_when_withdrawn
from tests.withdrawing import everything

COURSE, OLDER = "/api/instructor/v2/courses/{course_key}", "/courses/{course_key}/instructor/api"
BULK = "/api/bulk_enroll/v1/bulk_enroll"
ONE = {"identifier": ["sam"], "action": "enroll"}
ONE_TESTER = {"identifier": ["sam"], "action": "add"}

# address, method -> a body that is carried out
MANAGERS_ONLY: dict[tuple[str, str], Any] = {
    (COURSE, "GET"): None,
    (COURSE, "HEAD"): None,
    (f"{COURSE}/enrollments/modify", "POST"): ONE,
    (f"{COURSE}/learners/{{email_or_username}}", "GET"): None,
    (f"{COURSE}/learners/{{email_or_username}}", "HEAD"): None,
    (f"{COURSE}/instructor_tasks", "GET"): None,
    (f"{COURSE}/instructor_tasks", "HEAD"): None,
    (f"{OLDER}/list_instructor_tasks", "POST"): {},
    (f"{OLDER}/get_student_enrollment_status", "POST"): {"unique_student_identifier": "sam"},
    (f"{OLDER}/students_update_enrollment", "POST"): {"identifiers": "sam", "action": "unenroll"},
}
# the role staff of the course run is not enough
INSTRUCTORS_ONLY: dict[tuple[str, str], Any] = {
    (f"{COURSE}/beta_testers/modify", "POST"): ONE_TESTER,
    (f"{OLDER}/bulk_beta_modify_access", "POST"): {"identifiers": "sam", "action": "remove"},
}
GLOBAL_STAFF_ONLY: dict[tuple[str, str], Any] = {
    (BULK, "POST"): {"identifiers": "sam", "courses": KEY, "action": "enroll"},
}
ALL = {**MANAGERS_ONLY, **INSTRUCTORS_ONLY, **GLOBAL_STAFF_ONLY}


def path_of(template: str, key: str = KEY) -> str:
    return template.format(course_key=key, email_or_username="sam")


def ask(who: Any, method: str, path: str, body: Any) -> HttpResponseBase:
    answer: HttpResponseBase = who(method, path, "" if body is None else json.dumps(body))
    if method != "HEAD":
        assert answer.headers["Content-Type"] == "application/json", content(answer)
        assert isinstance(answer.json(), dict)  # type: ignore[attr-defined]
    return answer


def needs(method: str) -> str:
    return "write" if method == "POST" else "read"


def test_table_has_every_address_and_method() -> None:
    assert {*ALL} == {(a.template, method) for a in DASHBOARD_ADDRESSES for method in a.allowed_methods}


@pytest.mark.parametrize("name", CALLERS)
def test_what_managers_may(name: str, world: World) -> None:
    who = caller(name, world)
    for (template, method), body in MANAGERS_ONLY.items():
        status = ask(who, method, path_of(template), body).status_code
        assert status == expected(name, 200, needs(method)), (template, method)


@pytest.mark.parametrize("name", CALLERS)
def test_what_instructors_may(name: str, world: World) -> None:
    who = caller(name, world)
    for (template, method), body in INSTRUCTORS_ONLY.items():
        status = ask(who, method, path_of(template), body).status_code
        assert status == (403 if name == "staff" else expected(name, 200, "write")), (template, method)


GOOD_FOR_BULK = {"global staff": 200, "superuser": 200}
# a session is no proof here
NO_TOKEN = {"learner session": 401, "session": 401, "session without csrf": 401}


@pytest.mark.parametrize("name", CALLERS)
def test_what_global_staff_may(name: str, world: World) -> None:
    who = caller(name, world)
    for (template, method), body in GLOBAL_STAFF_ONLY.items():
        status = ask(who, method, template, body).status_code
        assert status == (NOBODY | NO_TOKEN | GOOD_FOR_BULK).get(name, 403), (template, method)


def test_scope_of_global_staff(world: World) -> None:
    assert ask(Api(world.admin, "read"), "POST", BULK, GLOBAL_STAFF_ONLY[BULK, "POST"]).status_code == 403
    assert ask(Api(world.admin, "write"), "POST", BULK, GLOBAL_STAFF_ONLY[BULK, "POST"]).status_code == 200


IN_COURSE = [row for row in ALL if "{course_key}" in row[0] and row[1] != "HEAD"]


@pytest.mark.parametrize(("template", "method"), IN_COURSE)
def test_order_of_the_checks(template: str, method: str, world: World) -> None:
    """401, then 404 of the course run, then 403, then the body."""
    stranger, learner, instructor = Api(), Api(world.learner), Api(world.instructor)
    for key in ("course-v1:No+Such+Course", "no-key", "course-v1:A+B+C%00", "course-v1%3ANo%2BSuch%2BCourse"):
        assert ask(stranger, method, path_of(template, key), "broken").status_code == 401
        assert ask(learner, method, path_of(template, key), "broken").status_code == 404
        assert ask(instructor, method, path_of(template, key), "broken").status_code == 404
    # elsewhere a key with a slash is another address; it is 404 all the same
    slash = path_of(template, "a%2Fb")
    if "instructor/api" in template or template.endswith("enrollments/modify"):
        assert ask(stranger, method, slash, "broken").status_code == 401
    assert ask(instructor, method, slash, "broken").status_code == 404
    assert ask(learner, method, path_of(template), "broken").status_code == 403
    assert ask(instructor, method, path_of(template, OTHER_KEY), "broken").status_code == 403
    if method == "POST" and ALL[template, method]:
        assert ask(instructor, method, path_of(template), "broken").status_code == 400
        assert ask(instructor, method, path_of(template), {}).status_code == 400


@pytest.mark.parametrize("template", dict.fromkeys(template for template, _ in ALL))
def test_other_methods(template: str, world: World) -> None:
    answer = ask(Api(world.admin), "PATCH", path_of(template), {})
    assert answer.status_code == 405
    assert "PATCH" not in answer.headers["Allow"]


WRITING = [(path_of(template), body) for (template, _), body in ALL.items() if re.search("modify|update", template)]


@pytest.mark.parametrize("way", COURSE_WAYS)
def test_a_right_that_is_withdrawn_meanwhile(way: str, university: University) -> None:
    taken = COURSE_WAYS[way]
    account = taken.rest(university)
    for path, body in WRITING:
        refused_when_withdrawn(account, taken, "POST", path, body)


@pytest.mark.parametrize("way", ["global staff", "superuser"])
def test_rights_everywhere_that_are_withdrawn_meanwhile(way: str, university: University) -> None:
    account = COURSE_WAYS[way].rest(university)
    refused_when_withdrawn(account, COURSE_WAYS[way], "POST", BULK, GLOBAL_STAFF_ONLY[BULK, "POST"])


class Demoting(io.BytesIO):
    """A body that comes once the instructor has become staff of the course run."""

    def read(self, *size: int | None) -> bytes:
        CourseRole.objects.filter(role="instructor").update(role="staff")
        return super().read(*size)


def test_what_only_instructors_may_is_asked_again_when_it_is_written(world: World) -> None:
    body, before = json.dumps(ONE_TESTER).encode(), everything()
    answer = HttpClient().generic(
        "POST",
        path_of(f"{COURSE}/beta_testers/modify"),
        headers={
            "Authorization": f"Bearer {make_token(world.instructor)}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        },
        **{"wsgi.input": Demoting(body)},  # type: ignore[arg-type]
    )
    assert answer.status_code == 403, content(answer)
    assert everything()["journalentry"] == before["journalentry"]
    assert not CourseRole.objects.filter(role="beta_tester").exists()


def test_every_kind_of_manager_is_asked() -> None:
    assert {"staff", "instructor", "global staff", "session"} <= {*MANAGERS}
