"""Who may do what in the Registrar API: every route, every role, own, foreign and unknown programs.

See registrar-api: Permissions.
"""

import uuid
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest

from matricula.models import Account, ProgramEnrollment
from matricula.rest.contracts.registrar.urls import REGISTRAR_ADDRESSES
from tests.conftest import KEY, OTHER_KEY, Api
from tests.university import ABROAD, EXTERNAL, OWN, UNMANAGED, University
from tests.wire.answers import content, declined
from tests.wire.test_permissions import NOBODY, caller, session

VERSIONS = ("v1", "v2")
PROGRAM = "/programs/{program_key}/"
COURSE = PROGRAM + "courses/{course_id}/"
READ_METADATA, READ, WRITE, REPORTS = "read_metadata", "read_enrollments", "write_enrollments", "read_reports"

# path, method → permission on the program
ON_PROGRAMS = {
    (PROGRAM, "GET"): READ_METADATA,
    (PROGRAM + "courses/", "GET"): READ_METADATA,
    (PROGRAM + "enrollments/", "GET"): READ,
    (PROGRAM + "enrollments/", "POST"): WRITE,
    (PROGRAM + "enrollments/", "PATCH"): WRITE,
    (PROGRAM + "enrollments/upload/", "POST"): WRITE,
    (PROGRAM + "course_enrollments/", "GET"): READ,
    (PROGRAM + "course_enrollments/upload/", "POST"): WRITE,
    (COURSE + "enrollments/", "GET"): READ,
    (COURSE + "enrollments/", "POST"): WRITE,
    (COURSE + "enrollments/", "PATCH"): WRITE,
    (COURSE + "grades/", "GET"): READ,
    # ours, beyond the contract's table: grades come in by file or API
    (COURSE + "grades/", "PUT"): WRITE,
    (PROGRAM + "reports", "GET"): REPORTS,
}
ANYBODY = {("/programs/", "GET"), ("/jobs/", "GET")}
BY_JOB = {("/jobs/{job_id}/", "GET")}
V3 = {("/programs/", "GET")}

HOLDS = {
    "nobody special": set(),
    "global staff": set(),
    "read_all_jobs": set(),
    "read_metadata": {READ_METADATA},
    "read_enrollments": {READ_METADATA, READ},
    "read_write_enrollments": {READ_METADATA, READ, WRITE},
    "read_reports": {READ_METADATA, REPORTS},
    "root": {READ_METADATA, READ, WRITE, REPORTS},
}
METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "BREW")


def account(name: str, university: University) -> Account:
    known = {"nobody special": university.world.learner, "global staff": university.world.admin}
    known["root"] = university.root
    return known[name] if name in known else university.holder(name)


def address(version: str, path: str, program: str = OWN, slash: bool = True) -> str:
    filled = path.format(program_key=program, course_id=quote(KEY), job_id=uuid.UUID(int=1))
    return f"/api/{version}{filled.rstrip('/')}{'/' if slash else ''}"


def methods(path: str) -> set[str]:
    return {method for known, method in ON_PROGRAMS if known == path}


def needed(path: str, method: str) -> str | None:
    return ON_PROGRAMS.get((path, "GET" if method == "HEAD" else method))


def body_of(method: str) -> str:
    return "[]" if method in {"POST", "PATCH", "PUT"} else ""


def test_the_table_is_the_address_table() -> None:
    rows = {
        *((f"/api/{v}{path}", method) for v in VERSIONS for path, method in {*ON_PROGRAMS, *ANYBODY, *BY_JOB}),
        *((f"/api/v3{path}", method) for path, method in V3),
    }
    assert rows == {(a.template, method) for a in REGISTRAR_ADDRESSES for method in a.methods}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", HOLDS)
def test_every_route_and_role(name: str, version: str, university: University) -> None:
    ask = Api(account(name, university))
    for path, method, slash in product({p for p, _ in ON_PROGRAMS}, METHODS, (True, False)):
        answer = ask(method, address(version, path, slash=slash), body_of(method))
        permission = needed(path, method)
        seen = (method, path, answer.status_code)
        if permission is None:
            assert seen == (method, path, 405)
            assert set(answer.headers["Allow"].split(", ")) == methods(path) | (
                {"HEAD"} if "GET" in methods(path) else set()
            )
        elif permission in HOLDS[name]:
            assert answer.status_code not in {401, 403, 404, 405}, seen
            assert answer.status_code < 500, seen
        else:
            assert seen == (method, path, 403)


@pytest.mark.parametrize("name", HOLDS)
def test_foreign_unmanaged_and_unknown_programs(name: str, university: University) -> None:
    ask = Api(account(name, university))
    for (path, wanted), program in product(ON_PROGRAMS, (ABROAD, "unknown", OWN.upper(), f"{OWN}%00")):
        for method in (wanted, *(["HEAD"] if wanted == "GET" else [])):
            answer = ask(method, address("v2", path, program), body_of(method))
            if program != ABROAD:
                assert answer.status_code == 404, (method, path, program)
            elif name != "root":
                assert answer.status_code == 403, (method, path, program)
            else:
                # that course run stands in another program
                assert (answer.status_code == 404) == ("course_id" in path), (method, path, content(answer))


def test_enrollments_that_are_kept_elsewhere_are_403_for_everybody(university: University) -> None:
    everything = university.holder("read_write_enrollments", on="organization")
    for ask, (path, method) in product((Api(university.root), Api(everything)), ON_PROGRAMS):
        answer = ask(method, address("v1", path, UNMANAGED), body_of(method))
        permission = ON_PROGRAMS[path, method]
        if permission in {READ, WRITE}:
            declined(answer, 403, permission)
        elif permission == READ_METADATA:
            assert answer.status_code == 200


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NOBODY)
def test_who_is_not_logged_in_learns_nothing(name: str, version: str, university: University) -> None:
    ask = caller(name, university.world)
    paths = [*ON_PROGRAMS, *ANYBODY, *BY_JOB, (PROGRAM, "DELETE"), (PROGRAM, "BREW")]
    for (path, method), program in product(paths, (OWN, "unknown")):
        answer = ask(method, address(version, path, program), "[]")
        declined(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    declined(ask("GET", "/api/v3/programs/", ""), 401)


@pytest.mark.parametrize("scopes", ["", "read", "write"])
def test_scopes(scopes: str, university: University) -> None:
    ask = Api(university.root, scopes)
    for path, wanted in [*ON_PROGRAMS, *ANYBODY]:
        for method in (wanted, *(["HEAD"] if wanted == "GET" else [])):
            scope = "read" if method in {"GET", "HEAD"} else "write"
            answer = ask(method, address("v2", path), body_of(method))
            assert (answer.status_code == 403) == (scope not in scopes), (path, method)
            unknown = ask(method, address("v2", path, "unknown"), body_of(method))
            if "program_key" in path:
                assert unknown.status_code == 404
    # a method that isn't there is 405 for everybody who is logged in
    declined(ask("DELETE", address("v2", PROGRAM)), 405)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_sessions_need_the_csrf_token_to_write(method: str, university: University) -> None:
    writer = university.writer()
    body = '[{"student_key": "S-1", "status": "enrolled"}]'
    path = address("v1", PROGRAM + "enrollments/")
    declined(session(writer, csrf=False)(method, path, body), 403, "CSRF")
    assert not ProgramEnrollment.objects.exists()
    assert session(writer)(method, path, body).status_code == {"POST": 200, "PATCH": 422}[method]
    assert session(writer, csrf=False)("GET", address("v1", PROGRAM), "").status_code == 200


def broken() -> Iterator[tuple[int, str, str, Any]]:
    """One request that is wrong in every way from some check on; each status hides those after it."""
    enrollments, course = f"/programs/{OWN}/enrollments/", f"/programs/{OWN}/courses/{quote(KEY)}/enrollments/"
    missing = f"/programs/{OWN}/courses/{quote(OTHER_KEY)}/enrollments/"
    yield 404, "POST", "/programs/unknown/enrollments/", "{"
    yield 405, "DELETE", f"/programs/{OWN}/courses/none/enrollments/", "{"
    yield 404, "POST", missing, "{"
    yield 400, "POST", enrollments, "{"
    yield 400, "PATCH", course, "{"
    yield 413, "POST", enrollments, [{}] * 26
    yield 400, "POST", course, [{"student_key": "x", "status": "active", "course_staff": "yes"}]
    yield 403, "POST", course, [{"student_key": "x", "status": "nonsense", "course_staff": True}]
    yield 422, "POST", course, [{"student_key": "x", "status": "nonsense"}]


@pytest.mark.parametrize(("status", "method", "path", "body"), list(broken()))
@pytest.mark.parametrize("version", VERSIONS)
def test_the_order_of_checks(
    status: int, method: str, path: str, body: Any, version: str, university: University
) -> None:
    declined(Api()(method, f"/api/{version}{path}", body), 401)
    answer = Api(university.writer())(method, f"/api/{version}{path}", body)
    assert answer.status_code == status
    # without the permission nobody learns more than that the program is there
    other = Api(university.holder("read_reports"))(method, f"/api/{version}{path}", body)
    assert other.status_code == (status if "unknown" in path or status == 405 else 403)


def test_course_runs_go_by_both_keys(university: University) -> None:
    ask = Api(university.writer())
    spelled = [KEY, KEY.replace("+", "%2B"), KEY.replace("+", "%252B"), quote(EXTERNAL), quote(EXTERNAL, safe="")]
    answers = [
        ask("PATCH", f"/api/v2/programs/{OWN}/courses/{course}/enrollments{slash}", "[]").status_code
        for course, slash in product(spelled, ("", "/"))
    ]
    assert answers == [422] * len(answers)
    for unknown in (OTHER_KEY, "ART", EXTERNAL.lower(), KEY.upper(), "x%00", "course-v1:No+Such+Run", "%20"):
        declined(ask("PATCH", f"/api/v2/programs/{OWN}/courses/{quote(unknown, safe='%')}/enrollments/", "[]"), 404)


@pytest.mark.parametrize("word", ["Bearer", "bearer", "JWT", "jwt"])
def test_both_words_before_a_token(word: str, university: University) -> None:
    token = Api(university.writer())._headers["Authorization"].split()[1]
    assert Api(Authorization=f"{word} {token}").get(f"/api/v1/programs/{OWN}/").status_code == 200
