"""What someone can do, and why: whose page shows what; picking by a part of a name; roles in words."""

import html
import re
from typing import Any

import pytest
from django.test import Client as HttpClient

from matricula.access.explaining.actions import (
    BY_PERMISSION,
    actions_of_course_role,
    actions_of_feature,
    actions_of_role,
)
from matricula.access.grants import FeatureRequest, MembershipRequest, RoleRequest, save_groups, write_grants
from matricula.access.permissions import CARRIED_BY, PERMISSIONS
from matricula.access.reads import group_ids
from matricula.access.statuses import COURSE_MANAGER_ROLES, CourseRole, Feature, Role
from matricula.console.access.words import (
    described_course_roles,
    described_features,
    described_roles,
)
from matricula.journal.writes import new_operation
from matricula.models import Account, Client, RoleGrant
from matricula.models import CourseRole as StoredCourseRole
from tests.conftest import KEY, OTHER_KEY, make_account
from tests.university import ABROAD, OWN, UNMANAGED, University


def signed_in(account: Any) -> HttpClient:
    http = HttpClient()
    http.force_login(account)
    return http


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    page = re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main", 1)[-1])
    return " ".join(html.unescape(page).split())


# --- roles in words: of the rules, and of nothing else ---


def test_each_permission_is_one_action_and_a_role_lets_do_what_it_carries() -> None:
    assert set(BY_PERMISSION) == set(PERMISSIONS)
    carried = {role: {BY_PERMISSION[permission] for permission in CARRIED_BY[role]} for role in Role}
    alone = set(actions_of_role(Role.READ_ALL_JOBS))
    assert {role: set(actions_of_role(role)) for role in Role} == {r: c or alone for r, c in carried.items()}
    assert {role for role in CourseRole if actions_of_course_role(role)} == set(COURSE_MANAGER_ROLES)
    assert all(actions_of_feature(feature) for feature in Feature)


def test_pages_describe_every_role_and_feature_by_its_actions(university: University) -> None:
    http = signed_in(university.root)
    for kind, described in (
        ("role", described_roles()),
        ("course-role", described_course_roles()),
        ("feature", described_features()),
    ):
        page = text_of(http.get(f"/access/grant/{kind}/"))
        assert [one.key for one in described if f"{one.key}: {one.sentence}" not in page] == []
        actions = {f"{action[0].upper()}{action[1:]}" for one in described for action in one.actions}
        assert actions != set()
        assert {action for action in actions if action not in page} == set()
    assert len(described_roles()) == len(Role)


# --- the page ---


@pytest.fixture
def helper(university: University) -> Account:
    """Someone who may read the program through a group, and is staff of the course run."""
    account = make_account("helper", first_name="Hanna", last_name="Helper")
    operation = new_operation(university.root.pk, "console", "on the team")
    save_groups(operation, ["team"])
    team = group_ids(["team"])["team"]
    write_grants(
        operation, [RoleRequest(Role.READ_ENROLLMENTS, group_id=team, program_id=university.own.pk)], granted=True
    )
    write_grants(operation, [MembershipRequest(team, account.pk)], granted=True)
    StoredCourseRole.objects.create(account=account, course_id=university.world.course.id, role="staff")
    return account


def test_the_page_says_what_where_and_why(helper: Account, university: University) -> None:
    page = text_of(signed_in(university.root).get(f"/access/people/{helper.pk}/can/"))
    assert "What Hanna Helper can do, and why" in page
    assert "See the program's students" in page
    assert "read_enrollments on the program n-cs through the group team granted by root on" in page
    assert "“on the team” · added to the group by root on" in page
    # a role that was given past the road is one of before
    assert "staff granted before the audit log began" in page
    assert "Change the program's students" not in page.split("Because of", 1)[1]


def test_everyone_sees_their_own(helper: Account) -> None:
    own = text_of(signed_in(helper).get("/access/can/"))
    assert "What you can do, and why" in own
    assert "through the group team" in own
    nothing = text_of(signed_in(make_account("nobody")).get("/access/can/"))
    assert "No roles or features" in nothing


def test_who_manages_something_sees_what_is_so_there(helper: Account, university: University) -> None:
    world = university.world
    address = f"/access/people/{helper.pk}/can/"
    teacher = text_of(signed_in(world.instructor).get(address))
    assert "See the course's roster" in teacher.split("Because of", 1)[1]
    assert "through the group team" not in teacher
    writer = text_of(signed_in(university.writer()).get(address))
    assert "through the group team" in writer
    assert "Introduction to Programming" not in writer
    # who manages something else, or reads only
    for account in (world.elsewhere, university.holder("read_enrollments"), world.learner):
        assert signed_in(account).get(address).status_code == 404
    assert signed_in(world.instructor).get(f"/access/people/{world.learner.pk}/can/").status_code == 404


@pytest.mark.parametrize(
    ("action", "on", "said"),
    [
        ("see-students", OWN, "Yes. See the program's students: "),
        ("change-students", OWN, "No. Change the program's students: "),
        ("change-students", OWN, "one of these roles there or on more: read_write_enrollments"),
        ("change-students", OWN, "Administrators can grant it: root"),
        ("see-names", OWN, "the feature names_in_downloads"),
        ("grant-course-staff", OWN, "and the feature course_roles"),
        ("see-students", UNMANAGED, "aren't managed here"),
        ("manage-course", KEY, "Yes. See the course's roster"),
        ("manage-course", OTHER_KEY, "one of these roles in the course run: staff instructor"),
        ("list-programs", "north", "No. List the programs of the organization"),
        ("see-all-jobs", "", "read_all_jobs"),
        ("act-as-staff", "", "or to be global staff"),
        ("administer", "", "or to be an administrator"),
        ("see-students", "", "Choose a program."),
        ("see-students", "nothing", "No program has this key."),
    ],
)
def test_a_question_is_answered(action: str, on: str, said: str, helper: Account, university: University) -> None:
    answer = signed_in(university.root).get(f"/access/people/{helper.pk}/can/", {"action": action, "on": on})
    assert said in text_of(answer)


def test_a_question_by_a_part_of_the_title_offers_what_fits(helper: Account, university: University) -> None:
    http = signed_in(university.root)
    answer = http.get(f"/access/people/{helper.pk}/can/", {"action": "manage-course", "on": "programming"})
    assert "No course run has this key." in text_of(answer)
    [link] = re.findall(r'href="(\?action=manage-course&amp;on=[^"]+)"', answer.content.decode())
    assert "Yes." in text_of(http.get(f"/access/people/{helper.pk}/can/{html.unescape(link).split('#')[0]}"))


def test_who_manages_a_place_asks_about_that_alone(helper: Account, university: University) -> None:
    http = signed_in(university.world.instructor)
    address = f"/access/people/{helper.pk}/can/"
    assert "Yes." in text_of(http.get(address, {"action": "manage-course", "on": KEY}))
    for action, on in (("manage-course", OTHER_KEY), ("see-students", OWN), ("see-students", ABROAD)):
        assert "You can ask only about what you manage." in text_of(http.get(address, {"action": action, "on": on}))
    assert "administer" not in text_of(http.get(address, {"action": "administer"}))


def test_a_client_can_what_its_account_can_within_its_scopes(university: University) -> None:
    writer = university.writer()
    client = Client.objects.create(user=writer, client_id="script", scopes=["read"])
    address = f"/access/clients/{client.pk}/can/"
    for http in (signed_in(university.root), signed_in(writer)):
        page = text_of(http.get(address, {"action": "change-students", "on": OWN}))
        assert "acts as writer, within its scopes: read" in page
        assert "The client lacks the scope “write”" in page
    assert signed_in(university.world.admin).get(address).status_code == 404
    app = Client.objects.create(
        user=writer, client_id="app", scopes=["read"], redirect_uris="https://app.example.org/",
        authorization_grant_type="authorization-code",
    )  # fmt: skip
    assert "acts for the people who allow it to" in text_of(signed_in(writer).get(f"/access/clients/{app.pk}/can/"))


# --- picking ---


def matches(http: HttpClient, what: str, typed: str) -> list[str]:
    answer = http.get(f"/access/find/{what}/", {"field": "who", "who": typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return re.findall(r'data-value="([^"]*)"', answer.content.decode())


def test_matches_are_found_by_a_part_of_a_name(helper: Account, university: University) -> None:
    http = signed_in(university.root)
    assert matches(http, "person", "hanna") == ["helper"]
    assert matches(http, "person", "HELPER@example") == ["helper"]
    assert matches(http, "group", "tea") == ["team"]
    assert matches(http, "organization", "south") == ["south"]
    assert matches(http, "course", "programming") == [html.escape(KEY)]
    assert OWN in matches(http, "scope", "n-")
    assert "north" in matches(http, "scope", "north")
    assert matches(http, "person", "") == []
    assert matches(http, "person", "no such person") == []


def test_an_unconfirmed_sign_up_is_not_offered(university: University) -> None:
    Account.objects.filter(pk=make_account("eve", is_active=False).pk).update(self_registered=True, activated=None)
    assert matches(signed_in(university.root), "person", "eve") == []


def test_others_pick_only_what_they_see(university: University) -> None:
    world = university.world
    http = signed_in(world.instructor)
    for what in ("person", "group", "organization", "scope"):
        assert http.get(f"/access/find/{what}/", {"q": "a"}, headers={"HX-Request": "true"}).status_code == 403
    assert matches(http, "course", "art") == []
    assert matches(http, "place", "o") == [html.escape(KEY)]
    assert matches(signed_in(university.writer()), "program", "n-") == [OWN]
    assert http.get("/access/find/nothing/").status_code == 404


def test_without_scripts_a_part_of_a_name_offers_its_matches(helper: Account, university: University) -> None:
    http = signed_in(university.root)
    given = {"who": "hanna", "role": "read_reports", "place": "program", "key": "n-cs", "reason": "new"}
    page = http.post("/access/grant/role/", given)
    assert page.status_code == 400
    assert "Choose one of the matches below" in page.content.decode()
    assert re.findall(r'name="who-match" value="([^"]*)"', page.content.decode()) == ["helper"]
    assert http.post("/access/grant/role/", {**given, "who-match": "helper"}).status_code == 302
    assert RoleGrant.objects.filter(account=helper, role="read_reports", program=university.own).exists()


def test_without_scripts_programs_groups_and_courses_are_offered_too(helper: Account, university: University) -> None:
    http = signed_in(university.root)
    given = {"group": "tea", "role": "read_reports", "place": "organization", "key": "South Coll", "reason": "new"}
    page = http.post("/access/grant/role/", given).content.decode()
    assert re.findall(r'name="group-match" value="([^"]*)"', page) == ["team"]
    assert re.findall(r'name="key-match" value="([^"]*)"', page) == ["south"]
    course = {"who": "helper", "role": "staff", "course": "Introduction", "reason": "new"}
    page = http.post("/access/grant/course-role/", course).content.decode()
    assert re.findall(r'name="course-match" value="([^"]*)"', page) == [html.escape(KEY)]
    page = http.post("/access/grant/course-role/", {**course, "course": "zzz"}).content.decode()
    assert "There is no course run with this key or title." in page


def test_a_form_begins_with_the_account_of_its_address(helper: Account, university: University) -> None:
    page = signed_in(university.root).get(f"/access/grant/feature/?account={helper.pk}").content.decode()
    assert re.search(r'name="who"[^>]*value="helper"', page)


def test_a_feature_that_was_given_is_a_reason(helper: Account, university: University) -> None:
    operation = new_operation(university.root.pk, "console", "advises")
    write_grants(operation, [FeatureRequest(Feature.NAMES_IN_DOWNLOADS, helper.pk)], granted=True)
    answer = signed_in(university.root).get(f"/access/people/{helper.pk}/can/", {"action": "see-names", "on": OWN})
    assert "names_in_downloads granted by root on" in text_of(answer)
