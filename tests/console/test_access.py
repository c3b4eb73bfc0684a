"""Who may do what, in the console: each change has its reason and its audit row, and takes effect."""

import re

import pytest
from django.test import Client as HttpClient

from matricula.console.paging import PAGE
from matricula.history.integrity import list_differences
from matricula.models import (
    Client,
    CourseRole,
    FeatureGrant,
    Group,
    Membership,
    RoleGrant,
)
from tests.conftest import KEY, OTHER_KEY, make_account
from tests.console.access import CLIENT, ROLE, last, told
from tests.console.conftest import Reader, words_of
from tests.journal import changes, record_setting
from tests.university import OWN, University


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
    before = changes().count()
    operator.post("/access/grant/role/", who="sam", **ROLE)
    assert (RoleGrant.objects.count(), changes().count()) == (1, before)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("role", {**ROLE, "who": "sam", "reason": ""}),
        ("role", {**ROLE, "who": "sam", "reason": " \u200b\u2063 "}),
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
    entries, roles = changes().count(), CourseRole.objects.count()
    page = operator.post(f"/access/grant/{kind}/", 400, **fields)
    assert 'class="error"' in page
    assert (RoleGrant.objects.count(), FeatureGrant.objects.count()) == (0, 0)
    assert (changes().count(), CourseRole.objects.count()) == (entries, roles)


def test_an_identifier_of_two_accounts_is_refused(operator: Reader) -> None:
    make_account("two@example.org", email="other@example.org")
    make_account("second", email="two@example.org")
    page = operator.post("/access/grant/role/", 400, who="two@example.org", **ROLE)
    assert "two accounts" in words_of(page)
    assert not RoleGrant.objects.exists()


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
    reader, entries = Reader(getattr(university.world, who)), changes().count()
    for path in [*GETS, *of_things, *looked]:
        operator.get(path)
        reader.get(path, 403)
        answer = HttpClient().get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/login/")
    for path, fields in [*POSTS, *((path, {"reason": "x", "who": "sam"}) for path in of_things)]:
        reader.post(path, 403, **fields)
    assert changes().count() == entries
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
    record_setting()
    university.world.enroll("sam")
    operator.post("/access/grant/role/", group="team", **ROLE)
    operator.post("/access/grant/course-role/", who="sam", role="staff", course=KEY, reason="x")
    operator.post(f"/access/groups/{team.pk}/delete/", reason="x")
    assert list(list_differences()) == []
    assert "staff granted" in words_of(operator.get(f"/access/people/{university.world.learner.pk}/"))
