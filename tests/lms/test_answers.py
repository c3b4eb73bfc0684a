"""The test LMS answers as the contract says of the real one."""

import json
from typing import Any

import pytest

from tests.lms.answers import ALLOWED, ENROLLMENT, ENROLLMENTS, Asked, Reply, answer
from tests.lms.state import State, StoppedClock

KEY = "course-v1:North+CS101+2027_T1"
QUOTED = "course-v1%3ANorth%2BCS101%2B2027_T1"


class Lms:
    """One LMS, and a caller with a token."""

    def __init__(self) -> None:
        self.clock = StoppedClock()
        self.state = State(self.clock)
        self.state.load({"runs": [{"key": KEY}], "users": [{"username": "sam", "email": "Sam@example.org"}]})
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Reply:
        raw = b"" if body is None else json.dumps(body).encode()
        return answer(self.state, Asked(method, path, query, self.headers, raw))

    def log_in(self, client: str = "matricula") -> Reply:
        form = f"grant_type=client_credentials&client_id={client}&client_secret=matricula-secret&token_type=jwt"
        headers = {"content-type": "application/x-www-form-urlencoded"}
        reply = answer(self.state, Asked("POST", "/oauth2/access_token", {}, headers, form.encode()))
        self.headers = {"authorization": f"JWT {json.loads(reply.content).get('access_token')}"}
        return reply

    def enroll(self, user: str = "sam", key: str = KEY, **more: Any) -> Reply:
        return self.ask("POST", ENROLLMENT, {"user": user, "course_details": {"course_id": key}} | more)


@pytest.fixture
def lms() -> Lms:
    lms = Lms()
    lms.log_in()
    return lms


def test_a_token_is_good_for_its_time() -> None:
    lms = Lms()
    assert lms.log_in("stranger").status == 401
    assert lms.enroll().status == 401
    lms.log_in()
    assert lms.enroll().status == 200
    lms.clock.advance(3600)
    assert lms.enroll().status == 401


def test_without_the_key_there_are_120_calls_a_minute(lms: Lms) -> None:
    answers = [lms.enroll() for _ in range(121)]
    assert [a.status for a in answers] == [200] * 120 + [429] and answers[-1].headers["retry-after"] == "60"
    lms.headers["x-edx-api-key"] = "lms-api-key"
    assert lms.enroll().status == 200
    del lms.headers["x-edx-api-key"]
    lms.clock.advance(60)
    assert lms.enroll().status == 200


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"mode": "audit"}, 200, '"mode": "audit"'),
        ({"mode": "masters"}, 400, "expired or otherwise unavailable"),
        ({"user": "nobody", "mode": "audit"}, 406, "does not exist"),
        ({"key": "course-v1:X+Y+Z", "mode": "audit"}, 400, "No course"),
        ({"is_active": "yes"}, 400, "invalid enrollment activation"),
        ({"enrollment_attributes": [{"name": "operation"}]}, 400, "attribute"),
    ],
)
def test_what_enrolling_answers(lms: Lms, asked: dict[str, Any], status: int, words: str) -> None:
    reply = lms.enroll(**asked)
    assert reply.status == status and words in reply.content.decode()


def test_modes_of_those_who_are_enrolled(lms: Lms) -> None:
    lms.enroll(mode="verified")
    assert lms.enroll(mode="audit", is_active=False).status == 400
    ended = json.loads(lms.enroll(is_active=False).content)
    assert (ended["mode"], ended["is_active"]) == ("verified", False)
    assert json.loads(lms.ask("GET", f"{ENROLLMENT}/sam,{QUOTED}").content)["is_active"] is False
    assert lms.ask("GET", f"{ENROLLMENT}/matricula,{QUOTED}").content == b"null"


def test_who_is_not_staff_is_told_nothing(lms: Lms) -> None:
    lms.state.users["matricula"].staff = False
    nothing = lms.enroll(mode="audit")
    assert (nothing.status, nothing.content) == (404, b"")
    assert lms.ask("GET", ENROLLMENTS, course_id=KEY).status == 403


def test_invitations(lms: Lms) -> None:
    body = {"email": "new@example.org", "course_id": KEY, "auto_enroll": True}
    assert [lms.ask("POST", ALLOWED, body).status for _ in range(2)] == [201, 409]
    assert [lms.ask("DELETE", ALLOWED, body).status for _ in range(2)] == [204, 404]
    assert lms.ask("DELETE", ALLOWED).status == 400
    lms.ask("POST", ALLOWED, body)
    lms.state.register("new", "new@example.org")
    assert lms.state.seats["new", KEY].mode == "audit"


def test_accounts_are_found_by_the_exact_address(lms: Lms) -> None:
    accounts = "/api/user/v1/accounts"
    assert json.loads(lms.ask("GET", accounts, email="Sam@example.org").content)[0]["username"] == "sam"
    assert lms.ask("GET", accounts, email="sam@example.org").status == 404


@pytest.mark.parametrize(
    ("path", "query", "page"),
    [(ENROLLMENTS, {"course_id": KEY}, 100), (f"/api/grades/v1/courses/{QUOTED}/", {}, 50)],
)
def test_lists_come_in_pages(lms: Lms, path: str, query: dict[str, str], page: int) -> None:
    for number in range(page + 20):
        lms.state.register(f"p{number}", f"p{number}@example.org")
        lms.state.enroll(f"p{number}", KEY, "audit")
        lms.state.grades[f"p{number}", KEY] = {"passed": True, "percent": 0.5, "letter_grade": None}
    lms.state.grades["p3", KEY] = None
    first = json.loads(lms.ask("GET", path, **query).content)
    cursor = first["next"].partition("cursor=")[2].partition("&")[0].replace("%3D", "=")
    second = json.loads(lms.ask("GET", path, **query, cursor=cursor).content)
    assert (len(first["results"]), second["next"]) == (page, None)
    assert len(second["results"]) == (20 if page == 100 else 19)


def test_faults_and_lies_are_ordered(lms: Lms) -> None:
    lms.state.load(
        {
            "faults": [
                {"call": f"POST {ENROLLMENT}", "status": 503, "times": 1, "after": True},
                {"call": f"POST {ENROLLMENT}", "lie": {"mode": "audit"}, "times": 1},
            ]
        }
    )
    assert lms.enroll(mode="honor").status == 503
    assert lms.state.seats["sam", KEY].mode == "honor"
    lie = lms.enroll(mode="verified")
    assert lie.status == 200 and json.loads(lie.content)["mode"] == "audit"
    assert lms.state.seats["sam", KEY].mode == "honor"
    assert lms.enroll(mode="verified").status == 200
