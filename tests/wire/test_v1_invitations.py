"""Invitations of the Enrollment API v1: by the one road, each change in the journal."""

from typing import Any

import pytest

from matricula.history.integrity import list_differences
from matricula.models import CourseEnrollment, OutgoingMail, PreEnrollment
from tests.conftest import KEY, OTHER_KEY, Api, World, make_account
from tests.journal import changes, record_setting
from tests.wire.answers import content

URL = "/api/enrollment/v1/enrollment_allowed"
NEW = "new@example.org"


@pytest.fixture
def staff(world: World) -> Api:
    return Api(world.admin)


def about(email: str = NEW, key: str = KEY, **more: Any) -> dict[str, Any]:
    return {"email": email, "course_id": key, **more}


# address, auto_enroll → user of the answer, is there a seat, transition, subject
MADE: dict[str, tuple[str, bool, str | None, bool, str, str]] = {
    "no account": (NEW, False, None, False, "from unenrolled to allowed to enroll", "pre_enrollment"),
    "no account, at sign-up": (NEW, True, None, False, "from unenrolled to allowed to enroll", "pre_enrollment"),
    "inactive": ("later@example.org", True, None, False, "from unenrolled to allowed to enroll", "pre_enrollment"),
    "active": ("Sam@Example.org", False, "sam", False, "from unenrolled to allowed to enroll", "pre_enrollment"),
    "active, at sign-up": ("sam@example.org", True, "sam", True, "from unenrolled to enrolled", "course_enrollment"),
}


@pytest.mark.parametrize("case", MADE)
def test_invitations_are_made_listed_and_removed(case: str, staff: Api, world: World) -> None:
    email, auto_enroll, user, seated, transition, subject = MADE[case]
    record_setting()
    answer = staff.post(URL, about(email, auto_enroll=auto_enroll))
    assert answer.status_code == 201, content(answer)
    made = answer.json()
    assert list(made) == ["email", "course_id", "auto_enroll", "user", "created"]
    assert (made["email"].lower(), made["course_id"], made["auto_enroll"], made["user"]) == (
        email.lower(), KEY, auto_enroll, user,
    )  # fmt: skip
    assert staff.get(f"{URL}/?email={email.upper()}").json() == [made]
    assert CourseEnrollment.objects.filter(is_active=True).exists() == seated
    entry = changes().latest("id")
    assert (entry.transition, entry.subject, entry.actor_id) == (transition, subject, world.admin.pk)
    assert PreEnrollment.objects.get().actor_id == world.admin.pk

    count = changes().count()
    again = staff.post(URL, about(email, auto_enroll=not auto_enroll))
    assert (again.status_code, set(again.json())) == (409, {"message"})
    assert (changes().count(), staff.get(f"{URL}?email={email}").json()) == (count, [made])

    gone = staff("DELETE", URL, about(email))
    assert (gone.status_code, gone.content) == (204, b"")
    assert staff.get(f"{URL}?email={email}").json() == []
    # who was enrolled by it stays so
    assert CourseEnrollment.objects.filter(is_active=True).exists() == seated
    wanted = "from enrolled to enrolled" if seated else "from allowed to enroll to unenrolled"
    assert changes().latest("id").transition == wanted
    assert changes().count() == count + 1
    answer = staff("DELETE", f"{URL}/", about(email))
    assert (answer.status_code, set(answer.json())) == (404, {"message"})
    assert changes().count() == count + 1
    assert not OutgoingMail.objects.exists()
    assert list(list_differences()) == []


def test_who_is_enrolled_stays_so_in_the_same_mode(staff: Api, world: World) -> None:
    world.enroll("sam", mode="verified")
    assert staff.post(URL, about("sam@example.org", auto_enroll=True)).json()["user"] == "sam"
    seat = CourseEnrollment.objects.get()
    assert (seat.mode, seat.is_active) == ("verified", True)
    assert changes().latest("id").transition == "from enrolled to enrolled"


def test_who_was_invited_is_enrolled_at_sign_up(staff: Api) -> None:
    staff.post(URL, about(auto_enroll=True))
    staff.post(URL, about(key=OTHER_KEY, auto_enroll=False))
    account = make_account("new")
    assert [seat.course.key for seat in CourseEnrollment.objects.filter(account=account)] == [KEY]
    assert [(row["course_id"], row["user"]) for row in staff.get(f"{URL}?email={NEW}").json()] == [
        (KEY, "new"), (OTHER_KEY, "new"),
    ]  # fmt: skip


def test_without_an_address_they_are_ones_own(staff: Api, world: World) -> None:
    staff.post(URL, about("admin@example.org"))
    assert [row["email"] for row in staff.get(URL).json()] == ["admin@example.org"]


WRONG: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "email"),
    "no course": ({"email": NEW}, "course_id"),
    "bad course": (about(key="North/CS101"), "course key"),
    "unknown course": (about(key="course-v1:No+Such+Course"), "no course run"),
    "a username": (about("sam"), "email"),
    "bad address": (about("sam@"), "email"),
    "too long": (about("x" * 250 + "@example.org"), "email"),
    "invisible": (about("s\u200bam@example.org"), "email"),
    "nul": (about("sam\x00@example.org"), "email"),
    "of no kind": (about(email=5), "email"),  # type: ignore[arg-type]
    "no object": ([], "JSON object"),
}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("case", WRONG)
def test_wrong_bodies(case: str, method: str, staff: Api) -> None:
    sent, said = WRONG[case]
    answer = staff(method, URL, sent)
    assert answer.status_code == 400, content(answer)
    assert set(answer.json()) == {"message", "localizedMessage"}
    assert said in answer.json()["message"]
    assert not PreEnrollment.objects.exists()


def test_an_address_that_is_someone_elses_username(staff: Api, world: World) -> None:
    make_account("sam@example.org", email="twin@example.org")
    answer = staff.post(URL, about("sam@example.org"))
    assert answer.status_code == 400
    assert "two accounts" in answer.json()["message"]


def test_flags_and_content_types(staff: Api) -> None:
    assert "auto_enroll" in staff.post(URL, about(auto_enroll="yes")).json()["message"]
    answer = staff("POST", URL, "email=x", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, set(answer.json())) == (415, {"message"})
