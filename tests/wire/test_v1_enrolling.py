"""POST of a record of the Enrollment API v1: the first rule that applies, and what the journal has of it."""

import json
from typing import Any

import pytest
from django.db import connection

from matricula.models import CourseEnrollment, PreEnrollment
from tests.conftest import KEY, OTHER_KEY, Api, World, make_account
from tests.journal import changes
from tests.wire.answers import content

URL = "/api/enrollment/v1/enrollment"
NO_COURSE = "course-v1:No+Such+Course"


def body(key: object = KEY, **more: Any) -> dict[str, Any]:
    return {"course_details": {"course_id": key}, **more}


def roster(world: World) -> None:
    world.enroll("sam", mode="honor")
    make_account("ended")
    world.enroll("ended", mode="audit")
    world.unenroll("ended")
    world.enroll("invited@example.org")
    make_account("gone")
    world.enroll("gone")
    type(world.learner).objects.filter(username="gone").update(is_active=False)


@pytest.fixture
def staff(world: World) -> Api:
    roster(world)
    return Api(world.admin)


ATTRIBUTES = [{"namespace": "order", "name": "order_number", "value": "EDX-1"}]
# in the order of the contract: each breaks its own rule and those behind it
REFUSED: dict[str, tuple[Any, int, str]] = {
    "no course": ({"user": "ghost"}, 400, "course key"),
    "no text": (body(5, user="ghost"), 400, "course key"),
    "details of no kind": ({"course_details": "x", "user": "ghost"}, 400, "course key"),
    "bad course": (body("North/CS101/2027", user="ghost"), 400, "course key"),
    "course with a nul": (body(KEY + "\x00", user="ghost"), 400, "course key"),
    "unknown email": (body(NO_COURSE, email="ghost@example.org", is_active="no"), 406, "email address"),
    "unknown user": (body(NO_COURSE, user="ghost", is_active="no"), 406, "username"),
    "user before email": (body(user="ghost", email="sam@example.org"), 406, "username"),
    "an email is no username": (body(user="sam@example.org"), 406, "username"),
    "a username is no email": (body(email="sam"), 406, "email address"),
    "user too long": (body(user="x" * 300), 406, "username"),
    "user with a nul": (body(user="sam\x00"), 406, "username"),
    "user of no kind": (body(user=5), 400, "user"),
    "email of no kind": (body(email=[1]), 400, "email"),
    "flag that is no boolean": (body(NO_COURSE, user="sam", is_active="false"), 400, "is_active"),
    "forced with no boolean": (body(NO_COURSE, user="sam", force_enrollment=1), 400, "force_enrollment"),
    "mode of no kind": (body(user="sam", mode=5), 400, "mode"),
    "attributes of no kind": (body(user="sam", enrollment_attributes=[{"name": "x"}]), 400, "enrollment_attributes"),
    "attributes too long": (
        body(user="sam", enrollment_attributes=[{**ATTRIBUTES[0], "value": "x" * 10_001}]),
        400,
        "enrollment_attributes",
    ),
    "ending another mode": (body(user="sam", is_active=False, mode="audit"), 400, "honor"),
    "ending what has ended in another mode": (body(user="ended", is_active=False, mode="honor"), 400, "audit"),
    "inactive account": (body(NO_COURSE, user="later", mode="gold"), 406, "active"),
    "inactive account that is enrolled": (body(user="gone", is_active=False), 406, "active"),
    "unknown course": (body(NO_COURSE, user="sam", mode="gold"), 400, "no course run"),
    "mode not offered": (body(user="sam", mode="gold"), 400, "audit, honor, verified"),
}


def unchanged() -> list[Any]:
    return [
        list(CourseEnrollment.objects.order_by("id").values()),
        list(PreEnrollment.objects.order_by("id").values()),
        changes().count(),
    ]


@pytest.mark.parametrize("case", REFUSED)
def test_the_first_rule_that_applies(case: str, staff: Api) -> None:
    sent, status, said = REFUSED[case]
    before = unchanged()
    answer = staff.post(URL, sent)
    assert answer.status_code == status, content(answer)
    error = answer.json()
    words = {"message", "localizedMessage"} if status in {400, 403} else {"message"}
    assert set(error) - {"course_details"} == words
    assert said in error["message"]
    assert ("course_details" in error) == (case == "mode not offered")
    assert unchanged() == before


def test_the_modes_of_the_course_run_come_with_the_refusal(staff: Api) -> None:
    details = staff.post(URL, body(user="sam", mode="gold")).json()["course_details"]
    assert details["course_id"] == KEY
    assert [mode["slug"] for mode in details["course_modes"]] == ["audit", "honor", "verified"]


def test_the_callers_language_is_in_the_localized_message_alone(staff: Api) -> None:
    error = staff.post(URL, body(NO_COURSE, user="sam"), **{"Accept-Language": "es"}).json()
    assert error["message"] == "There is no course run with this key."
    assert error["localizedMessage"] == "No hay ninguna edición del curso con esta clave."


NOTHING = {
    "never enrolled": body(user="elsewhere", is_active=False),
    "never enrolled, mode not offered": body(user="elsewhere", is_active=False, mode="gold"),
    "only invited": body(email="later@example.org", is_active=False),
    "unknown course": body(NO_COURSE, user="sam", is_active=False),
    "inactive account": body(user="later", is_active=False),
}


@pytest.mark.parametrize("case", NOTHING)
def test_ending_what_never_was_is_null_and_writes_nothing(case: str, staff: Api, world: World) -> None:
    world.enroll("later@example.org")
    before = unchanged()
    answer = staff.post(URL, NOTHING[case])
    assert (answer.status_code, answer.content) == (200, b"null")
    assert unchanged() == before


# what is sent → mode, is_active, and the transition of the journal
DONE: dict[str, tuple[Any, str, bool, str | None]] = {
    "new": (body(user="elsewhere"), "audit", True, "from unenrolled to enrolled"),
    "by email": (body(email="ELSEWHERE@example.org", mode="verified"), "verified", True, "from unenrolled to enrolled"),
    "no flag": (body(is_active=None, email="elsewhere@example.org"), "audit", True, "from unenrolled to enrolled"),
    "empty user": (body(user="", email="elsewhere@example.org"), "audit", True, "from unenrolled to enrolled"),
    "loud": (body(user="ELSEWHERE", force_enrollment=True), "audit", True, "from unenrolled to enrolled"),
    "oneself": (body(mode="honor", is_active=True), "honor", True, "from unenrolled to enrolled"),
    "another mode": (body(user="sam", mode="verified", is_active=True), "verified", True, "from enrolled to enrolled"),
    "again": (body(user="ended", mode="verified"), "verified", True, "from unenrolled to enrolled"),
    "ending": (body(user="sam", is_active=False), "honor", False, "from enrolled to unenrolled"),
    "ending its mode": (body(user="sam", mode="honor", is_active=False), "honor", False, "from enrolled to unenrolled"),
    "already so": (body(user="sam"), "honor", True, None),
    "already in this mode": (body(user="sam", mode="honor", enrollment_attributes=ATTRIBUTES), "honor", True, None),
    "ended already": (body(user="ended", is_active=False), "audit", False, None),
    "unknown fields": (body(user="sam", explicit_linked_enterprise=None, more={}), "honor", True, None),
}  # fmt: skip


@pytest.mark.parametrize("case", DONE)
def test_what_was_asked_for_is_so(case: str, staff: Api) -> None:
    sent, mode, is_active, transition = DONE[case]
    before = changes().count()
    answer = staff.post(URL, sent)
    assert answer.status_code == 200, content(answer)
    record = answer.json()
    assert (record["mode"], record["is_active"]) == (mode, is_active)
    name = "admin" if case == "oneself" else sent.get("user", "").lower() or "elsewhere"
    assert record["user"] == name
    assert staff.get(f"{URL}/{name},{KEY}").json() == record
    entries = list(changes().order_by("id"))[before:]
    assert [entry.transition for entry in entries] == ([transition] if transition else [])


def test_a_record_has_what_its_clients_read(staff: Api) -> None:
    record = staff.post(URL, body(user="elsewhere")).json()
    assert list(record) == ["created", "mode", "is_active", "user", "course_details"]
    assert record["created"][-1] == "Z" and len(record["created"]) == 20
    assert record["course_details"] == {
        "course_id": KEY,
        "course_name": "Introduction to Programming",
        "enrollment_start": None,
        "enrollment_end": None,
        "course_start": None,
        "course_end": None,
        "invite_only": False,
        "course_modes": [
            {
                "slug": slug,
                "name": slug.capitalize(),
                "min_price": 0,
                "suggested_prices": "",
                "currency": "usd",
                "expiration_datetime": None,
                "description": None,
                "sku": None,
                "bulk_sku": None,
            }
            for slug in ("audit", "honor", "verified")
        ],
        "pacing_type": None,
    }


def test_attributes_are_the_reason_in_the_journal(staff: Api, world: World) -> None:
    more = [*ATTRIBUTES, {"namespace": "credit", "name": "provider_id", "value": "hogwarts"}]
    assert staff.post(URL, body(user="elsewhere", enrollment_attributes=more)).status_code == 200
    entry = changes().latest("id")
    assert (entry.reason, entry.actor_id) == ("order.order_number: EDX-1; credit.provider_id: hogwarts", world.admin.pk)


class Meanwhile:
    """Enrolls someone in another mode behind the first look at them, as a second request would."""

    def __init__(self, world: World) -> None:
        self.times, self._world = 0, world

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        if "from matricula_preenrollment where course_id" in sql and not self.times:
            self.times += 1
            self._world.enroll("sam", mode="verified")
        return answer


MEANWHILE = {
    "ending the mode that was": (body(user="sam", mode="honor", is_active=False), 400, "verified", True),
    "ending": (body(user="sam", is_active=False), 200, "verified", False),
    "the same mode": (body(user="elsewhere", mode="audit"), 200, "verified", True),
    "another mode": (body(user="sam", mode="audit"), 200, "audit", True),
}


@pytest.mark.parametrize("case", MEANWHILE)
def test_who_was_changed_meanwhile_is_looked_at_again(case: str, staff: Api, world: World) -> None:
    sent, status, mode, is_active = MEANWHILE[case]
    with connection.execute_wrapper(meanwhile := Meanwhile(world)):
        answer = staff.post(URL, sent)
    assert (answer.status_code, meanwhile.times) == (status, 1)
    seat = CourseEnrollment.objects.get(account=world.learner)
    assert (seat.mode, seat.is_active) == (mode, is_active)


def test_who_is_invited_and_enrolled_keeps_the_invitation_bound(staff: Api, world: World) -> None:
    account = make_account("asked")
    world.unenroll("asked")
    Api(world.admin).post("/api/enrollment/v1/enrollment_allowed", {"email": account.email, "course_id": KEY})
    assert staff.post(URL, body(user="asked")).json()["is_active"] is True
    assert PreEnrollment.objects.get(account=account).auto_enroll is False


def test_a_username_that_is_the_address_of_another_names_no_one_else(staff: Api, world: World) -> None:
    make_account("sam@example.org", email="twin@example.org")
    assert staff.post(URL, body(user="sam@example.org")).json()["user"] == "sam@example.org"
    assert staff.post(URL, body(user="sam")).json()["user"] == "sam"
    assert staff.post(URL, body(email="sam@example.org", is_active=False)).json()["user"] == "sam"
    assert CourseEnrollment.objects.get(account=world.learner).is_active is False


def test_others_than_global_staff_learn_and_change_nothing(world: World, staff: Api) -> None:
    before = unchanged()
    for account in (world.learner, world.instructor, world.staff):
        ask = Api(account)
        for sent in (
            body(user="ended"), body(user="ghost"), body(email="ghost@example.org"), body(email="ended@example.org"),
            body(NO_COURSE, user="ended"), body(user=5), body(user=[5]), body(email=[5]),
        ):  # fmt: skip
            answer = ask.post(URL, sent)
            assert (answer.status_code, answer.content) == (404, b""), sent
        for sent in (body(), body(user=account.username.upper()), body(email=account.email), body(is_active="x")):
            answer = ask.post(URL, sent)
            assert answer.status_code == 403, sent
            assert set(answer.json()) == {"message", "localizedMessage"}
        assert ask.post(URL, {"user": "ended"}).status_code == 400
    assert unchanged() == before


KINDS = {
    "application/json": 200,
    "application/json; charset=utf-8": 200,
    "application/x-www-form-urlencoded": 415,
    "text/plain": 415,
    "application/merge-patch+json": 415,
    "": 415,
}


@pytest.mark.parametrize("kind", KINDS)
def test_content_types(kind: str, staff: Api) -> None:
    answer = staff("POST", URL, json.dumps(body(user="sam")), content_type=kind)
    assert answer.status_code == KINDS[kind]
    assert set(answer.json()) == {"message"} or KINDS[kind] == 200


@pytest.mark.parametrize("sent", ["{", "[]", "null", '"x"', "5"])
def test_bodies_that_are_none(sent: str, staff: Api) -> None:
    answer = staff("POST", URL, sent)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "localizedMessage"}


def test_other_course_runs_are_not_touched(staff: Api, world: World) -> None:
    assert staff.post(URL, body(OTHER_KEY, user="sam")).json()["mode"] == "honor"
    assert CourseEnrollment.objects.filter(account=world.learner, is_active=True).count() == 2
