"""Groups in the console: their members, those who wait, what the group gives."""

import pytest

from matricula.models import (
    Group,
    Membership,
    PendingMember,
    RoleGrant,
)
from tests.conftest import make_account
from tests.console.access import ACCESS, ROLE, last, told
from tests.console.conftest import Reader, words_of
from tests.journal import changes
from tests.university import OWN, University


def test_a_group_is_made_once(operator: Reader, team: Group) -> None:
    state = {"group_id": team.pk, "group": "team"}
    assert told(last()) == ("group", "created", {}, state, "a new office", "console")
    assert last().account_id is None
    operator.post("/access/groups/new/", 400, name="other")
    operator.post("/access/groups/new/", 400, name="team", reason="again")
    assert Group.objects.count() == 1


def test_a_role_of_a_group_reaches_its_members_and_its_loss_is_told_before(
    operator: Reader, team: Group, university: University
) -> None:
    learner = Reader(university.world.learner)
    operator.post("/access/grant/role/", group="team", **{**ROLE, "role": "read_enrollments"})
    entry = last()
    state = {"role": "read_enrollments", "group_id": team.pk, "program_id": university.own.pk, "group": "team"}
    assert told(entry) == ("role", "granted read_enrollments", {}, state, "new registrar", "console")
    assert entry.account_id is None
    learner.get(f"/programs/{OWN}/", 403)
    for who in ("sam", "staff"):
        operator.post(f"/access/groups/{team.pk}/add/", who=who, reason="hired")
    learner.get(f"/programs/{OWN}/")
    assert "through the group team" in words_of(operator.get(f"/access/people/{university.world.learner.pk}/"))
    held = RoleGrant.objects.get(group=team)
    page = words_of(operator.get(f"/access/withdraw/role/{held.pk}/"))
    assert "This group gives read_enrollments to its 2 members." in page
    assert operator.post(f"/access/withdraw/role/{held.pk}/", reason="closed") == f"/access/groups/{team.pk}/"
    learner.get(f"/programs/{OWN}/", 403)


def test_members_are_added_and_removed(operator: Reader, team: Group, university: University) -> None:
    add = f"/access/groups/{team.pk}/add/"
    operator.post(add, 400, who="sam")
    operator.post(add, who="Sam@Example.org", reason="hired")
    held = Membership.objects.get(group=team, account=university.world.learner)
    state = {"group_id": team.pk, "group": "team"}
    assert told(last()) == ("membership", "granted membership", {}, state, "hired", "console")
    assert last().account_id == university.world.learner.pk
    count = changes().count()
    operator.post(add, who="sam", reason="again")
    assert changes().count() == count
    operator.post(f"/access/withdraw/member/{held.pk}/", 400)
    operator.post(f"/access/withdraw/member/{held.pk}/", reason="left")
    assert not Membership.objects.exists()
    assert told(last()) == ("membership", "withdrawn membership", state, {}, "left", "console")


@pytest.mark.parametrize("who", ["nobody", "no address@x", "@example.org", "x" * 250 + "@example.org"])
def test_who_is_neither_known_nor_an_address_does_not_join(who: str, operator: Reader, team: Group) -> None:
    operator.post(f"/access/groups/{team.pk}/add/", 400, who=who, reason="x")
    assert not Membership.objects.exists()
    assert not PendingMember.objects.exists()


@pytest.mark.parametrize("who", ["New.One@example.org", "LATER@example.org"])
def test_an_address_waits_and_joins_when_its_account_becomes_active(
    who: str, operator: Reader, team: Group, university: University
) -> None:
    operator.post(f"/access/groups/{team.pk}/add/", who=who, reason="starts in May")
    assert PendingMember.objects.get(group=team).email == who
    assert not Membership.objects.exists()
    assert (last().email, last().account_id, last().transition) == (who, None, "granted membership")
    assert who in operator.get(f"/access/groups/{team.pk}/")
    name = who.partition("@")[0].lower()
    account = make_account(name, is_active=True)
    assert Membership.objects.get(group=team).account_id == account.pk
    assert not PendingMember.objects.exists()
    assert (last().account_id, last().transition, last().source) == (account.pk, "granted membership", "command")


def test_who_waits_can_be_forgotten(operator: Reader, team: Group) -> None:
    operator.post(f"/access/groups/{team.pk}/add/", who="new@example.org", reason="starts in May")
    waits = PendingMember.objects.get()
    operator.post(f"/access/withdraw/pending/{waits.pk}/", reason="not hired")
    assert not PendingMember.objects.exists()
    assert (last().email, last().transition, last().reason) == ("new@example.org", "withdrawn membership", "not hired")
    make_account("new")
    assert not Membership.objects.exists()


def test_deleting_a_group_tells_what_is_lost_and_each_loss_is_in_the_journal(
    operator: Reader, team: Group, university: University
) -> None:
    operator.post("/access/grant/role/", group="team", **ROLE)
    operator.post("/access/grant/feature/", group="team", feature="course_roles", reason="x")
    for who in ("sam", "staff", "new@example.org"):
        operator.post(f"/access/groups/{team.pk}/add/", who=who, reason="x")
    page = words_of(operator.get(f"/access/groups/{team.pk}/delete/"))
    assert "2 members lose the group's access." in page
    assert "1 pending membership is removed." in page
    assert "read_reports" in page
    operator.post(f"/access/groups/{team.pk}/delete/", 400)
    assert Group.objects.exists()
    before = last().pk
    assert operator.post(f"/access/groups/{team.pk}/delete/", reason="closed") == "/access/"
    assert not Group.objects.exists()
    lost = changes().filter(pk__gt=before).order_by("id")
    assert [(e.subject, e.transition) for e in lost] == [
        ("role", "withdrawn read_reports"),
        ("feature", "withdrawn course_roles"),
        ("membership", "withdrawn membership"),
        ("membership", "withdrawn membership"),
        ("membership", "withdrawn membership"),
        ("group", "deleted"),
    ]
    assert {(e.operation, e.reason, e.before["group"]) for e in lost} == {(last().operation, "closed", "team")}
    assert "team" in words_of(operator.get(ACCESS))
    operator.get(f"/access/groups/{team.pk}/", 404)
