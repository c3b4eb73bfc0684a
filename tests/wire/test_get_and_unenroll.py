"""GET and DELETE /enrollments/{email_or_username}."""

from urllib.parse import quote

import pytest

from matricula.models import CourseEnrollment, CourseRole, OutgoingMail, PreEnrollment
from tests.conftest import BASE, KEY, Api, World, make_account
from tests.journal import changes
from tests.wire.answers import refused

INSTRUCTOR_BASE = "/api/instructor/v2/courses"
NEITHER = {"enrolled": False, "allowed": False}


def test_get_of_an_enrollment(api: Api, world: World) -> None:
    world.enroll("sam", mode="honor")
    row = api.get("enrollments/sam").json()
    assert row.pop("created").endswith("Z")
    assert row == {
        "username": "sam",
        "email": "sam@example.org",
        "first_name": "Sam",
        "last_name": "Learner",
        "full_name": "Sam Learner",
        "mode": "honor",
        "is_active": True,
        "enrollment_allowed": False,
        "auto_enroll": False,
    }


def test_get_of_an_ended_enrollment(api: Api, world: World) -> None:
    world.enroll("sam", mode="honor")
    world.unenroll("sam")
    row = api.get("enrollments/sam").json()
    assert (row["is_active"], row["mode"]) == (False, "honor")


def test_get_of_a_pre_enrollment(api: Api, world: World) -> None:
    world.enroll("New@Example.org", auto_enroll=True, mode="honor")
    assert api.get("enrollments/new@example.ORG").json() == {
        "username": "",
        "email": "New@Example.org",
        "first_name": "",
        "last_name": "",
        "full_name": "",
        "mode": "honor",
        "is_active": False,
        "created": None,
        "enrollment_allowed": True,
        "auto_enroll": True,
    }
    world.enroll("New@Example.org")
    row = api.get("enrollments/new@example.org").json()
    assert (row["mode"], row["auto_enroll"]) == (None, False)


def test_get_of_an_account_that_is_not_active_yet(api: Api, world: World) -> None:
    world.enroll("later")
    for identifier in ("later", "later@example.org"):
        row = api.get(f"enrollments/{identifier}").json()
        assert (row["username"], row["is_active"], row["enrollment_allowed"]) == ("later", False, True)


@pytest.mark.parametrize("base", [BASE, INSTRUCTOR_BASE])
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    "identifier", ["sam", "SAM", "sam@example.org", "sam%40example.org", "Sam@EXAMPLE.org", "%73am", "%20sam%20"]
)
def test_spellings(identifier: str, base: str, slash: str, api: Api, world: World) -> None:
    world.enroll("sam")
    answer = api.get(f"{base}/{KEY}/enrollments/{identifier}{slash}")
    assert answer.json()["username"] == "sam"
    assert "is_beta_tester" not in answer.json()


ODD = ["sam+tag@example.org", "o'neil@example.org", "ünï@example.org", "a%b@example.org", "what?@example.org"]
ODD += ["#1@example.org", "a/b@example.org", "😀@example.org", "a&b=c@example.org"]


@pytest.mark.parametrize("email", ODD)
@pytest.mark.parametrize("has_account", [True, False])
def test_odd_addresses_are_found_and_ended(email: str, has_account: bool, api: Api, world: World) -> None:
    if has_account:
        make_account("odd", email=email)
    world.enroll(email)
    path = f"enrollments/{quote(email, safe='')}"
    assert api.get(path).json()["email"] == email
    assert api.delete(path).json()["results"][0]["identifier"] == email
    left = api.get(path)
    assert (left.status_code, has_account) in {(200, True), (404, False)}


def test_plus_in_a_path_is_a_plus(api: Api, world: World) -> None:
    world.enroll("a+b@example.org")
    assert api.get("enrollments/a+b@example.org").status_code == 200
    refused(api.get("enrollments/a%20b@example.org"), 404)


@pytest.mark.parametrize(
    ("identifier", "status"),
    [
        ("nobody", 404),
        ("nobody@example.org", 404),
        ("staff", 404),
        ("a%2Fb", 404),
        ("%2F", 404),
        ("..", 404),
        ("not an email@", 404),
        ("a,sam", 404),
        ("%ED%A0%80", 404),
        ("%FF%FE", 404),
        ("x" * 255, 404),
        ("x" * 256, 400),
        ("x" * 60_000, 400),
        ("%20", 400),
        ("%20%09%C2%A0", 400),
        ("sa%00m", 400),
        ("sam%0A%0A", 404),
        ("sa%0Am", 400),
        ("%E2%80%A8sa%E2%80%A8m", 400),
        ("sam%7F", 400),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_people_who_are_not_there(identifier: str, status: int, method: str, api: Api) -> None:
    refused(api(method, f"enrollments/{identifier}"), status, *(["email_or_username"] if status == 400 else []))
    assert not changes().exists()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_identifier_that_fits_two_accounts(method: str, api: Api, world: World) -> None:
    make_account("sam@example.org", email="other@example.org")
    world.enroll("sam")
    refused(api(method, "enrollments/sam@example.org"), 400, "email_or_username")
    assert api.get("enrollments/sam").json()["is_active"] is True


def test_look_alikes_of_other_alphabets_never_match(api: Api, world: World) -> None:
    make_account("kit")
    world.enroll("kit")
    refused(api.get("enrollments/%E2%84%AAit"), 404)  # the sign for kelvin, whose lower case is k


def test_requested_fields(api: Api, world: World) -> None:
    world.enroll("sam")
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="beta_tester")
    row = api.get("enrollments/sam?requested_fields=beta_tester,profile_image").json()
    assert row["beta_tester"] is True
    assert row["profile_image"]["has_image"] is False


def test_delete_ends_an_enrollment(api: Api, world: World) -> None:
    world.enroll("sam", mode="honor")
    before = {"enrolled": True, "allowed": False, "mode": "honor"}
    answer = api.delete("enrollments/SAM")
    assert answer.status_code == 200
    assert answer.json() == {
        "action": "unenroll",
        "results": [{"identifier": "SAM", "before": before, "after": NEITHER}],
    }
    again = api.delete("enrollments/sam").json()
    assert again["results"][0] == {"identifier": "sam", "before": NEITHER, "after": NEITHER}
    seat = CourseEnrollment.objects.get(account=world.learner)
    assert (seat.is_active, seat.mode) == (False, "honor")
    transitions = list(changes().order_by("id").values_list("transition", flat=True))
    assert transitions[-2:] == ["from enrolled to unenrolled", "from unenrolled to unenrolled"]


def test_delete_ends_a_pre_enrollment(api: Api, world: World) -> None:
    world.enroll("new@example.org", auto_enroll=True)
    answer = api.delete("enrollments/new@example.org")
    [result] = answer.json()["results"]
    assert result["before"] == {"enrolled": False, "allowed": True, "auto_enroll": True}
    assert result["after"] == NEITHER
    refused(api.get("enrollments/new@example.org"), 404)
    refused(api.delete("enrollments/new@example.org"), 404)


def test_delete_ends_both(api: Api, world: World) -> None:
    world.enroll("both@example.org", auto_enroll=True)
    make_account("both")
    [result] = api.delete("enrollments/both?email_student=true").json()["results"]
    assert result["before"] == {"enrolled": True, "allowed": True, "mode": "audit", "auto_enroll": True}
    assert result["after"] == NEITHER
    assert not PreEnrollment.objects.exists()
    kinds = list(OutgoingMail.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["enrolled_unenroll", "allowed_unenroll"]


@pytest.mark.parametrize(
    ("query", "mails"),
    [
        ("", 0),
        ("?email_student=true", 1),
        ("?email_student=1", 1),
        ("?email_students=true", 1),
        ("?email_student=false", 0),
        ("?email_student=0&email_students=1", 1),
        ("?email_students=false", 0),
    ],
)
def test_delete_tells_the_student_if_asked(query: str, mails: int, api: Api, world: World) -> None:
    world.enroll("sam")
    assert api.delete(f"enrollments/sam{query}").status_code == 200
    assert OutgoingMail.objects.count() == mails


def test_delete_of_somebody_who_has_left_sends_nothing(api: Api, world: World) -> None:
    world.enroll("sam")
    world.unenroll("sam")
    assert api.delete("enrollments/sam?email_student=true").status_code == 200
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("name", ["email_student", "email_students"])
@pytest.mark.parametrize("value", ["maybe", "True", "", "yes", "any"])
def test_delete_with_a_bad_boolean_changes_nothing(name: str, value: str, api: Api, world: World) -> None:
    world.enroll("sam")
    refused(api.delete(f"enrollments/sam?{name}={value}"), 400, name)
    assert api.get("enrollments/sam").json()["is_active"] is True


def test_delete_keeps_the_reason(api: Api, world: World) -> None:
    world.enroll("sam")
    reason = quote("Moved away;\nsee “mail” of 3 May 😀")
    assert api.delete(f"enrollments/sam?reason={reason}").status_code == 200
    entry = changes().latest("id")
    assert entry.reason == "Moved away;\nsee “mail” of 3 May 😀"
    assert (entry.actor_id, entry.account_id) == (world.instructor.pk, world.learner.pk)


@pytest.mark.parametrize("reason", ["x" * 10_001, "a%00b", "a%1Bb", "a%C2%85b", "a%E2%80%A9b"])
def test_delete_with_a_bad_reason_changes_nothing(reason: str, api: Api, world: World) -> None:
    world.enroll("sam")
    refused(api.delete(f"enrollments/sam?reason={reason}"), 400, "reason")
    assert api.get("enrollments/sam").json()["is_active"] is True


def test_delete_leaves_the_beta_role_alone(api: Api, world: World) -> None:
    world.enroll("sam")
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="beta_tester")
    api.delete("enrollments/sam")
    assert api.get("enrollments/sam?requested_fields=beta_tester").json()["beta_tester"] is True


def test_delete_ignores_a_body(api: Api, world: World) -> None:
    world.enroll("sam")
    assert api("DELETE", "enrollments/sam", b"\xff{", content_type="text/plain").status_code == 200


def test_head_changes_nothing_and_has_no_body(api: Api, world: World) -> None:
    world.enroll("sam")
    head = api("HEAD", "enrollments/sam")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(api.get("enrollments/sam").content))
