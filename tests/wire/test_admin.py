"""The operators' admin: superusers only; accounts come through the one road, the journal is only looked at."""

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from matricula.models import Account, CourseEnrollment, OutgoingMail
from tests.conftest import World, make_account
from tests.journal import changes


@pytest.fixture
def operator(world: World) -> Client:
    client = Client()
    client.force_login(make_account("root", is_superuser=True))
    return client


def test_only_superusers_get_in(world: World) -> None:
    for account in (world.admin, world.instructor, world.learner):
        client = Client()
        client.force_login(account)
        assert client.get("/admin/").status_code == 302


def test_an_account_made_here_is_enrolled_where_it_was_invited(world: World, operator: Client) -> None:
    world.enroll("new@example.org", auto_enroll=True)
    form = {"username": "new", "email": "new@example.org", "is_active": "on", "new_password": "a-long-secret"}
    answer = operator.post("/admin/matricula/account/add/", form)
    assert answer.status_code == 302, answer.content.decode()
    account = Account.objects.get(username="new")
    assert account.check_password("a-long-secret")
    assert CourseEnrollment.objects.get().account_id == account.pk
    entry = changes().latest("id")
    assert (entry.source, entry.account_id) == ("console", account.pk)


def test_an_account_activated_here_is_enrolled(world: World, operator: Client) -> None:
    world.enroll("later", auto_enroll=True)
    form = {"email": "later@example.org", "is_active": "on"}
    answer = operator.post(f"/admin/matricula/account/{world.inactive.pk}/change/", {**form, "username": "later"})
    assert answer.status_code == 302, answer.content.decode()
    assert CourseEnrollment.objects.get().account_id == world.inactive.pk


def test_a_taken_address_is_refused_in_the_form(world: World, operator: Client) -> None:
    form = {"username": "new", "email": "SAM@example.org", "is_active": "on"}
    answer = operator.post("/admin/matricula/account/add/", form)
    assert answer.status_code == 200
    assert not Account.objects.filter(username="new").exists()


@pytest.mark.parametrize(
    "table", ["account", "change", "job", "outgoingmail", "courseenrollment", "course", "program", "organization"]
)
def test_every_list_and_row_can_be_looked_at(world: World, operator: Client, table: str) -> None:
    world.enroll("sam", email=True)
    assert operator.get(f"/admin/matricula/{table}/").status_code == 200


@pytest.mark.parametrize("table", ["change", "job", "outgoingmail", "courseenrollment"])
def test_what_has_its_own_road_is_only_looked_at(world: World, operator: Client, table: str) -> None:
    world.enroll("sam", email=True)
    assert operator.get(f"/admin/matricula/{table}/add/").status_code == 403
    entry = changes().latest("id")
    assert operator.post(f"/admin/matricula/change/{entry.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_way_into_an_account_is_not_shown(operator: Client) -> None:
    context = {"full_name": "", "username": "new", "site": "https://m", "link": "https://m/in/SECRET/", "address": ""}
    mail = OutgoingMail.objects.create(
        kind="password_reset", to="new@example.org", language="en", context=context, operation=uuid.uuid4(),
        queued=timezone.now(), due=timezone.now(),
    )  # fmt: skip
    page = operator.get(f"/admin/matricula/outgoingmail/{mail.pk}/change/")
    assert page.status_code == 200
    assert "new@example.org" in page.content.decode()
    assert "SECRET" not in page.content.decode()
