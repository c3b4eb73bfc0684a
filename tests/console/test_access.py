"""Who may do what, in the console: each change has its reason and its audit row, and takes effect."""

import base64
import re
from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.console.courses import PAGE
from matricula.enrollments.checks import list_differences
from matricula.models import (
    Client,
    CourseRole,
    FeatureGrant,
    Group,
    JournalEntry,
    Membership,
    PendingMember,
    RoleGrant,
)
from tests.conftest import BASE, KEY, OTHER_KEY, World, make_account
from tests.console.conftest import Reader, words_of
from tests.university import OWN, University, make_university

ACCESS = "/access/"
ROLE = {"role": "read_reports", "place": "program", "key": OWN, "reason": "new registrar"}


@pytest.fixture
def university(world: World) -> University:
    return make_university(world)


@pytest.fixture
def operator(university: University) -> Reader:
    return Reader(university.root)


def last() -> JournalEntry:
    entry = JournalEntry.objects.order_by("-id").first()
    assert entry is not None
    return entry


def told(entry: JournalEntry) -> tuple[Any, ...]:
    return entry.subject, entry.transition, entry.before, entry.after, entry.reason, entry.source


# --- Grants to people ---


@pytest.mark.parametrize(
    ("place", "key", "column"),
    [("program", OWN, "program_id"), ("organization", "north", "organization_id"), ("everywhere", "", None)],
)
def test_a_role_is_granted_and_withdrawn(
    place: str, key: str, column: str | None, operator: Reader, university: University
) -> None:
    learner = university.world.learner
    home = operator.post("/access/grant/role/", **{**ROLE, "place": place, "key": key, "who": "SAM@example.org"})
    assert home == f"/access/people/{learner.pk}/"
    held = RoleGrant.objects.get(account=learner)
    ids = {"program_id": university.own.pk, "organization_id": university.own.organization_id}
    wanted = {"role": "read_reports"} | ({column: ids[column]} if column else {})
    assert (held.program_id, held.organization_id) == (wanted.get("program_id"), wanted.get("organization_id"))
    entry = last()
    assert told(entry) == ("role", "granted read_reports", {}, wanted, "new registrar", "console")
    assert (entry.account_id, entry.actor_id) == (learner.pk, university.root.pk)
    assert "read_reports" in operator.get(home)
    if place == "program":
        # who holds what is the operators' business, and no part of a program's history
        assert "read_reports" not in operator.get(f"/programs/{OWN}/history/")

    withdraw = f"/access/withdraw/role/{held.pk}/"
    operator.post(withdraw, 400)
    operator.post(withdraw, 400, reason="  ")
    assert RoleGrant.objects.filter(account=learner).exists()
    assert operator.post(withdraw, reason="left") == home
    assert not RoleGrant.objects.filter(account=learner).exists()
    assert told(last()) == ("role", "withdrawn read_reports", wanted, {}, "left", "console")
    operator.get(withdraw, 404)


def test_a_course_role_is_granted_takes_effect_and_is_withdrawn(operator: Reader, university: University) -> None:
    learner = Reader(university.world.learner)
    learner.get(f"/courses/{KEY}/", 403)
    operator.post("/access/grant/course-role/", who="sam", role="instructor", course=KEY, reason="teaches")
    learner.get(f"/courses/{KEY}/")
    assert told(last()) == (
        "course_role", "granted instructor", {}, {"role": "instructor"}, "teaches", "console",
    )  # fmt: skip
    assert last().course_id == university.course.pk
    held = CourseRole.objects.get(account=university.world.learner)
    operator.post(f"/access/withdraw/course-role/{held.pk}/", reason="taught")
    learner.get(f"/courses/{KEY}/", 403)
    assert last().transition == "withdrawn instructor"


def test_a_feature_is_granted_and_withdrawn(operator: Reader, university: University) -> None:
    operator.post("/access/grant/feature/", who="sam", feature="names_in_downloads", reason="asked")
    held = FeatureGrant.objects.get(account=university.world.learner)
    state = {"feature": "names_in_downloads"}
    assert told(last()) == ("feature", "granted names_in_downloads", {}, state, "asked", "console")
    operator.post(f"/access/withdraw/feature/{held.pk}/", reason="enough")
    assert not FeatureGrant.objects.filter(pk=held.pk).exists()
    assert told(last()) == ("feature", "withdrawn names_in_downloads", state, {}, "enough", "console")


def test_what_was_granted_before_is_granted_once(operator: Reader) -> None:
    operator.post("/access/grant/role/", who="sam", **ROLE)
    before = JournalEntry.objects.count()
    operator.post("/access/grant/role/", who="sam", **ROLE)
    assert (RoleGrant.objects.count(), JournalEntry.objects.count()) == (1, before)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("role", {**ROLE, "who": "sam", "reason": ""}),
        ("role", {**ROLE, "who": "nobody"}),
        ("role", ROLE),
        ("role", {**ROLE, "who": "sam", "group": "team"}),
        ("role", {**ROLE, "group": "no such group"}),
        ("role", {**ROLE, "who": "sam", "role": "emperor"}),
        ("role", {**ROLE, "who": "sam", "key": "no-such-program"}),
        ("role", {**ROLE, "who": "sam", "key": ""}),
        ("role", {**ROLE, "who": "sam", "key": "north"}),
        ("role", {**ROLE, "who": "sam", "place": "everywhere"}),
        ("role", {**ROLE, "who": "sam", "place": ""}),
        ("role", {**ROLE, "who": "sam", "role": "read_all_jobs"}),
        ("role", {**ROLE, "who": "sam\x00"}),
        ("role", {**ROLE, "who": "sam", "reason": "x" * 1001}),
        ("course-role", {"who": "sam", "role": "staff", "course": KEY}),
        ("course-role", {"role": "staff", "course": KEY, "reason": "x"}),
        ("course-role", {"who": "sam", "role": "staff", "course": "course-v1:No+Such+Course", "reason": "x"}),
        ("course-role", {"who": "sam", "role": "read_reports", "course": KEY, "reason": "x"}),
        ("feature", {"who": "sam", "feature": "names_in_downloads"}),
        ("feature", {"who": "sam", "feature": "flying", "reason": "x"}),
    ],
)
def test_what_is_refused_changes_nothing(kind: str, fields: dict[str, str], operator: Reader) -> None:
    Group.objects.create(name="team")
    entries, roles = JournalEntry.objects.count(), CourseRole.objects.count()
    page = operator.post(f"/access/grant/{kind}/", 400, **fields)
    assert 'class="errorlist"' in page
    assert (RoleGrant.objects.count(), FeatureGrant.objects.count()) == (0, 0)
    assert (JournalEntry.objects.count(), CourseRole.objects.count()) == (entries, roles)


def test_an_identifier_of_two_accounts_is_refused(operator: Reader) -> None:
    make_account("two@example.org", email="other@example.org")
    make_account("second", email="two@example.org")
    page = operator.post("/access/grant/role/", 400, who="two@example.org", **ROLE)
    assert "two accounts" in words_of(page)
    assert not RoleGrant.objects.exists()


# --- Groups ---


@pytest.fixture
def team(operator: Reader) -> Group:
    assert operator.post("/access/groups/new/", name="team", reason="a new office").startswith("/access/groups/")
    return Group.objects.get(name="team")


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
    assert "by the group team" in words_of(operator.get(f"/access/people/{university.world.learner.pk}/"))
    held = RoleGrant.objects.get(group=team)
    page = words_of(operator.get(f"/access/withdraw/role/{held.pk}/"))
    assert "This group gives its 2 members read_enrollments." in page
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
    count = JournalEntry.objects.count()
    operator.post(add, who="sam", reason="again")
    assert JournalEntry.objects.count() == count
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
    assert "2 members lose what the group gives." in page
    assert "1 address that waits is forgotten." in page
    assert "read_reports" in page
    operator.post(f"/access/groups/{team.pk}/delete/", 400)
    assert Group.objects.exists()
    before = last().pk
    assert operator.post(f"/access/groups/{team.pk}/delete/", reason="closed") == "/access/"
    assert not Group.objects.exists()
    lost = JournalEntry.objects.filter(pk__gt=before).order_by("id")
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


# --- API clients ---

CLIENT = {"client_id": "grades", "who": "instructor", "scopes": ["read"], "reason": "nightly grades"}


def ask(client_id: str, secret: str, **fields: str) -> Any:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    fields = {"grant_type": "client_credentials", **fields}
    return HttpClient().post("/oauth2/token/", fields, headers={"Authorization": f"Basic {basic}"})


def secret_on(page: str) -> str:
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found is not None
    return found[1]


def test_a_client_is_made_its_secret_is_shown_once_and_works(operator: Reader, university: University) -> None:
    page = operator.post("/access/clients/new/", 200, **CLIENT)
    secret = secret_on(page)
    state = {"client_id": "grades", "scopes": ["read"]}
    assert told(last()) == ("client", "created", {}, state, "nightly grades", "console")
    assert (last().account_id, last().actor_id) == (university.world.instructor.pk, university.root.pk)
    token = ask("grades", secret).json()
    assert token["scope"] == "read"
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert HttpClient().get(f"{BASE}/{KEY}/enrollments", headers=bearer).status_code == 200
    assert ask("grades", secret, scope="write").status_code == 400
    client = Client.objects.get(client_id="grades")
    for place in (f"/access/clients/{client.pk}/", f"/access/clients/{client.pk}/delete/", "/access/?show=clients"):
        shown = operator.get(place)
        assert "grades" in shown
        assert secret not in shown
        assert client.client_secret not in shown


@pytest.mark.parametrize(
    "wrong",
    [{"reason": ""}, {"who": "nobody"}, {"scopes": []}, {"scopes": ["admin"]}, {"client_id": "a:b"}, {"client_id": ""}],
)
def test_a_client_that_is_refused_is_not_made(wrong: dict[str, Any], operator: Reader) -> None:
    operator.post("/access/clients/new/", 400, **{**CLIENT, **wrong})
    assert not Client.objects.exists()


def test_a_client_id_is_taken_once_and_the_first_secret_stays_good(operator: Reader) -> None:
    secret = secret_on(operator.post("/access/clients/new/", 200, **CLIENT))
    page = operator.post("/access/clients/new/", 400, **CLIENT)
    assert 'id="secret"' not in page
    assert ask("grades", secret).status_code == 200


def test_a_client_loses_its_tokens_or_is_deleted(operator: Reader, university: University) -> None:
    secret = secret_on(operator.post("/access/clients/new/", 200, **CLIENT))
    client = Client.objects.get()

    def status(token: str) -> int:
        address = f"{BASE}/{KEY}/enrollments"
        return HttpClient().get(address, headers={"Authorization": f"Bearer {token}"}).status_code

    delete = f"/access/clients/{client.pk}/delete/"
    first = ask("grades", secret).json()["access_token"]
    assert "1 access token stops working at once." in words_of(operator.get(delete))
    operator.post(delete, 400, only="tokens")
    assert status(first) == 200
    operator.post(delete, only="tokens", reason="leaked")
    state = {"client_id": "grades", "tokens": 1}
    assert told(last()) == ("client", "tokens ended", state, {}, "leaked", "console")
    assert status(first) == 401
    second = ask("grades", secret).json()["access_token"]
    assert status(second) == 200
    operator.post(delete, reason="no longer needed")
    assert told(last())[:2] == ("client", "deleted")
    assert status(second) == 401
    assert ask("grades", secret).status_code == 401


# --- Who may look, and what is found ---

GETS = [
    "/access/", "/access/?show=course-role", "/access/?show=feature", "/access/?show=groups", "/access/?show=clients",
    "/access/grant/role/", "/access/grant/course-role/", "/access/grant/feature/", "/access/groups/new/",
    "/access/clients/new/",
]  # fmt: skip
POSTS = [
    ("/access/grant/role/", {**ROLE, "who": "sam"}),
    ("/access/grant/course-role/", {"who": "sam", "role": "staff", "course": KEY, "reason": "x"}),
    ("/access/grant/feature/", {"who": "sam", "feature": "course_roles", "reason": "x"}),
    ("/access/groups/new/", {"name": "mine", "reason": "x"}),
    ("/access/clients/new/", CLIENT),
]


@pytest.mark.parametrize("who", ["admin", "instructor", "learner"])
def test_only_operators_look_and_change(who: str, operator: Reader, team: Group, university: University) -> None:
    member = Membership.objects.create(group=team, account=university.world.staff)
    role = RoleGrant.objects.create(role="read_reports", account=university.world.staff)
    course_role = CourseRole.objects.filter(account=university.world.staff).get()
    operator.post("/access/clients/new/", 200, **CLIENT)
    client = Client.objects.get()
    of_things = [
        f"/access/withdraw/member/{member.pk}/", f"/access/withdraw/role/{role.pk}/",
        f"/access/withdraw/course-role/{course_role.pk}/", f"/access/groups/{team.pk}/delete/",
        f"/access/groups/{team.pk}/add/", f"/access/clients/{client.pk}/delete/",
    ]  # fmt: skip
    looked = [f"/access/people/{role.account_id}/", f"/access/groups/{team.pk}/", f"/access/clients/{client.pk}/"]
    reader, entries = Reader(getattr(university.world, who)), JournalEntry.objects.count()
    for path in [*GETS, *of_things, *looked]:
        operator.get(path)
        reader.get(path, 403)
        answer = HttpClient().get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/login/")
    for path, fields in [*POSTS, *((path, {"reason": "x", "who": "sam"}) for path in of_things)]:
        reader.post(path, 403, **fields)
    assert JournalEntry.objects.count() == entries
    assert (RoleGrant.objects.count(), Membership.objects.count(), Client.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "path",
    [
        "/access/?show=all", "/access/grant/emperor/", "/access/withdraw/emperor/1/", "/access/withdraw/role/999999/",
        "/access/people/999999/", "/access/groups/999999/", "/access/groups/999999/add/", "/access/clients/999999/",
        "/access/groups/999999999999999999/", "/access/groups/99999999999999999999999/", "/access/grant/member/",
    ],
)  # fmt: skip
def test_what_is_not_there(path: str, operator: Reader) -> None:
    operator.get(path, 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=course-role&q=elsewhere", {"elsewhere"}),
        ("show=course-role&q=Introduction", {"staff", "instructor"}),
        (f"show=course-role&q={OTHER_KEY[10:].replace('+', '%2B')}", {"elsewhere"}),
        ("show=course-role&q=100%25", set()),
        ("show=course-role&q=%00", {"staff", "instructor", "elsewhere"}),
        ("show=role&q=computer", {"staff"}),
        ("show=role&q=south+college", {"elsewhere"}),
        ("show=role&q=team", set()),
    ],
)
def test_search(query: str, found: set[str], operator: Reader, university: University) -> None:
    world = university.world
    RoleGrant.objects.create(role="read_reports", account=world.staff, program=university.own)
    RoleGrant.objects.create(role="read_reports", account=world.elsewhere, organization=university.abroad.organization)
    RoleGrant.objects.create(role="read_reports", group=Group.objects.create(name="team"))
    page = operator.get(f"/access/?{query}")
    table = page.partition('id="shown"')[2].partition("</section>")[0]
    assert set(re.findall(r'/access/people/\d+/">(\w+)<', table)) == found
    assert ("/access/groups/" in table) == (query.endswith("team"))


def test_many_roles_stand_on_pages(operator: Reader, university: University) -> None:
    CourseRole.objects.bulk_create(
        [CourseRole(account=make_account(f"t{n}"), course=university.course, role="staff") for n in range(PAGE + 10)]
    )
    first, second = operator.get("/access/?show=course-role"), operator.get("/access/?show=course-role&page=2")
    assert first.count("/access/withdraw/course-role/") == PAGE
    assert second.count("/access/withdraw/course-role/") == 13
    assert f"{PAGE + 1} to {PAGE + 13} of {PAGE + 13}" in words_of(second)


def test_the_journal_stays_whole(operator: Reader, team: Group, university: University) -> None:
    university.world.enroll("sam")
    operator.post("/access/grant/role/", group="team", **ROLE)
    operator.post("/access/grant/course-role/", who="sam", role="staff", course=KEY, reason="x")
    operator.post(f"/access/groups/{team.pk}/delete/", reason="x")
    assert list(list_differences()) == []
    assert "staff granted" in words_of(operator.get(f"/access/people/{university.world.learner.pk}/"))
