"""Sign-ups that nobody confirmed: the login does not tell of them, and no door takes one for somebody."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.batches.imports import ImportDoor
from matricula.identity.accounts import save_accounts
from matricula.institution.problems import InstitutionRefused
from matricula.journal.writes import new_operation
from matricula.learners.rows import unreferred
from matricula.learners.writes import USERNAME_REFUSED, AccountRequest
from matricula.models import Account, Course, Group, PendingMember
from tests.accounts import NEW_PASSWORD, SIGN_UP, link_to, mails
from tests.batches import import_grades, import_student_keys
from tests.conftest import KEY, World, make_account
from tests.console.access import CLIENT, ROLE
from tests.console.conftest import Reader
from tests.domain.test_institution import load
from tests.wire.test_guessing import keep_waiting

PASSWORD = SIGN_UP["password1"]


def sign_up(**fields: str) -> None:
    assert HttpClient().post("/signup/", {**SIGN_UP, **fields}).status_code == 302


def log_in(name: str, password: str = PASSWORD, language: str = "en") -> Any:
    form = {"login": name, "password": password}
    answer = HttpClient(headers={"Accept-Language": language}).post("/login/", form)
    # what was typed stands in the form again
    errors = answer.context["form"].errors.as_json() if answer.status_code == 200 else ""
    return answer.status_code, answer.headers.get("Location"), errors


@pytest.mark.parametrize("name", ["newcomer", "NEWCOMER", None])
def test_a_login_after_a_sign_up_does_not_tell_whether_the_address_had_an_account(
    name: str | None, world: World
) -> None:
    answers = {}
    for email in ("sam@example.org", "new@example.org"):
        sign_up(email=email)
        before = mails()
        answers[email] = [log_in(name or email), log_in(name or email, "wrong")]
        assert mails() == before
    assert Account.objects.filter(username="newcomer", email="new@example.org").exists()
    [answer] = {answer for both in answers.values() for answer in both}
    assert answer[:2] == (200, None)
    assert "confirmed yet" in answer[2]


def test_the_right_password_of_a_sign_up_is_counted_as_a_wrong_one(world: World) -> None:
    sign_up()
    statuses = [log_in("newcomer")[0] for _ in range(30)]
    keep_waiting()
    assert (statuses[0], log_in("newcomer")[0]) == (200, 429)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_sign_up_keeps_no_name_in_reserve_that_looks_like_one_made_since(language: str, world: World) -> None:
    twin = "z\u0435d"
    sign_up(username=twin)
    make_account("zed")
    http = HttpClient(headers={"Accept-Language": language})
    answer = http.post(link_to(SIGN_UP["email"]), {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert answer.status_code == 409
    told = {"en": "another person got a username that looks like", "es": "otra persona obtuvo un nombre de usuario"}
    assert f"{told[language]}" in answer.content.decode()
    assert not Account.objects.get(username=twin).is_active
    # nor does a file make it
    [outcome] = save_accounts(new_operation(None, "command"), [AccountRequest(twin, "other@example.org")])
    assert outcome.word == USERNAME_REFUSED
    # its owner signs up again
    sign_up(username="another")
    assert (
        http.post(link_to(SIGN_UP["email"]), {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).status_code == 302
    )


def test_the_login_says_so_in_spanish(world: World) -> None:
    assert "solicite un enlace nuevo" in log_in("nobody", language="es")[2].encode().decode("unicode_escape")


Door = Callable[[Reader, str, Path], None]


def _grant(kind: str, **fields: str) -> Door:
    def give(operator: Reader, who: str, _folder: Path) -> None:
        page = operator.post(f"/access/{kind}/", 400, who=who, reason="hired", **fields)
        assert "There is no account with this username or email address." in page

    return give


def _group(operator: Reader, who: str, _folder: Path) -> None:
    waits = "@" in who
    group = Group.objects.create(name="team")
    operator.post(f"/access/groups/{group.pk}/add/", 302 if waits else 400, who=who, reason="hired")
    assert PendingMember.objects.filter(email=who).exists() is waits


def _rejected(run: Callable[[Path, ImportDoor], Any], folder: Path, text: str) -> None:
    file = folder / "rows.csv"
    file.write_text(text)
    rejected: list[Any] = []
    assert run(file, ImportDoor(None, "command", lambda _: None, rejected.append)) == {"error": 1}
    assert "There is no account with this" in rejected[0].reason


def _student_key(_operator: Reader, who: str, folder: Path) -> None:
    organization_id = Course.objects.get(key=KEY).organization_id
    column = "email" if "@" in who else "username"
    text = f"student_key,{column}\nK-1,{who}\n"
    _rejected(lambda file, door: import_student_keys(file, organization_id, door), folder, text)


def _grade(_operator: Reader, who: str, folder: Path) -> None:
    _rejected(import_grades, folder, f"course,username,percent,passed\n{KEY},{who},1,yes\n")


def _institution(text: str) -> Door:
    def give(_operator: Reader, who: str, _folder: Path) -> None:
        with pytest.raises(InstitutionRefused, match="unknown user"):
            load(text.format(who=who, course=KEY))

    return give


USERNAME, ADDRESS = SIGN_UP["username"], SIGN_UP["email"]
DOORS = {
    "role": _grant("grant/role", **{name: value for name, value in ROLE.items() if name != "reason"}),
    "course role": _grant("grant/course-role", role="staff", course=KEY),
    "feature": _grant("grant/feature", feature="names_in_downloads"),
    "client": _grant("clients/new", client_id=CLIENT["client_id"], scopes="read"),
    "group": _group,
    "student key": _student_key,
    "grade": _grade,
    "client of a file": _institution("clients:\n  - {{client_id: c, client_secret: s, user: '{who}'}}\n"),
    "grade of a file": _institution(
        "grades:\n  - {{course: '{course}', username: '{who}', percent: 1, passed: true}}\n"
    ),
}


@pytest.mark.parametrize("who", [USERNAME, ADDRESS])
@pytest.mark.parametrize("door", DOORS)
def test_no_door_takes_a_sign_up_that_nobody_confirmed_for_somebody(
    door: str, who: str, operator: Reader, tmp_path: Path
) -> None:
    sign_up()
    account = Account.objects.get(username=USERNAME)
    DOORS[door](operator, who, tmp_path)
    assert unreferred([account.pk]) == {account.pk}
