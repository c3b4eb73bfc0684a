"""Loading an institution: the database agrees with the file, twice changes nothing, all of it or nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matricula.batches.plans.limits import Limits, merged
from matricula.catalog.reads import limits_of
from matricula.history.integrity import list_differences
from matricula.institution.reading import InstitutionRefused, read_institution, read_institution_file
from matricula.institution.summary import Counts, Summary
from matricula.institution.writes import load_institution
from matricula.journal.states import read_state
from matricula.journal.statuses import Subject
from matricula.journal.writes import new_operation
from matricula.learners.newcomers import MANY
from matricula.models import (
    Account,
    Change,
    Client,
    Course,
    CourseEnrollment,
    CourseRole,
    FeatureGrant,
    Grade,
    Group,
    Membership,
    OperationRecord,
    Organization,
    PendingMember,
    Program,
    ProgramCourse,
    RoleGrant,
    StudentIdentity,
)
from tests.conftest import KEY, World, make_account
from tests.journal import changes, record_setting

pytestmark = pytest.mark.usefixtures("db")
COURSE = f'"{KEY}"'
EXAMPLE = (Path(__file__).parent / "institution-example.yaml").read_text()
SMALL = f"""
organizations:
  - {{key: north, name: North}}
courses:
  - {{key: {COURSE}, organization: north, title: T}}
programs:
  - {{key: p, organization: north, title: P}}
groups:
  - name: a
  - name: b
"""


def load(text: str, *, prune_roles: bool = False) -> Summary:
    return load_institution(new_operation(None, "command"), read_institution(text), prune_roles=prune_roles)


def problems_of(text: str) -> list[str]:
    with pytest.raises(InstitutionRefused) as refused:
        load(text)
    return [str(problem) for problem in refused.value.problems]


def everything() -> dict[str, list[Any]]:
    """All rows of all tables, as they are; also the times of their last change. But not that somebody tried."""
    return {
        model.__name__: serializers.serialize("python", model._default_manager.order_by("pk"))
        for model in apps.get_app_config("matricula").get_models()
        if model is not OperationRecord
    }


def counts(summary: Summary) -> dict[str, tuple[int, int, int, int]]:
    return {name: (c.created, c.updated, c.unchanged, c.withdrawn) for name, c in summary.sections.items()}


def test_the_example_of_the_contract() -> None:
    sam, kim = make_account("sam"), make_account("kim")
    summary = load(EXAMPLE)
    assert {name: c.created for name, c in summary.sections.items()} == {
        "organizations": 1, "courses": 1, "programs": 1, "program_courses": 1, "groups": 1, "users": 1,
        "memberships": 1, "roles": 5, "features": 2, "course_roles": 1, "pending_members": 1, "student_keys": 1,
        "clients": 1, "grades": 2,
    }  # fmt: skip
    account = Account.objects.get(username="nadmin")
    assert (account.first_name, account.is_active, account.language) == ("Nora", True, "en")
    assert account.check_password("secret-for-a-test")
    course = Course.objects.get()
    assert (course.modes, course.capacity, course.invitation_only) == (["audit", "honor", "verified"], 500, False)
    assert ProgramCourse.objects.get().external_key == "CS101-27"
    assert Membership.objects.get().account == account
    grants = RoleGrant.objects.values_list("role", "account__username", "organization__key", "program__key")
    assert set(grants) == {
        ("read_write_enrollments", None, "north", None),
        ("read_metadata", "nadmin", "north", None),
        ("read_reports", "nadmin", None, "n-cs"),
        ("read_enrollments", "nadmin", None, None),
        ("read_all_jobs", "nadmin", None, None),
    }
    assert CourseRole.objects.get().role == "instructor"
    assert StudentIdentity.objects.get().student_key == "S-0001"
    assert set(FeatureGrant.objects.values_list("feature", flat=True)) == {"names_in_downloads", "course_roles"}
    assert PendingMember.objects.get().email == "dean@north.example.org"
    assert Grade.objects.get(account=sam).percent == 0.95
    assert Grade.objects.get(account=kim).error == "no graded work"


def test_a_second_load_changes_nothing() -> None:
    make_account("sam"), make_account("kim")
    first = load(EXAMPLE)
    before = everything()
    second = load(EXAMPLE)
    assert everything() == before
    assert not second.changed
    assert {n: c.unchanged for n, c in second.sections.items()} == {n: c.created for n, c in first.sections.items()}
    assert not load(EXAMPLE, prune_roles=True).changed


def test_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRICULA_DEMO_PASSWORD", "for this test")
    monkeypatch.setenv("MATRICULA_DEMO_SECRET", "for this test, too")
    demo = Path(__file__).parents[2] / "src" / "matricula" / "institution" / "demo.yaml"
    for changed in (True, False):
        summary = load_institution(new_operation(None, "command"), read_institution_file(demo))
        assert summary.changed is changed
    assert Account.objects.count() == 15
    assert Account.objects.get(username="admin").check_password("for this test")
    assert not Account.objects.get(username="oliver").has_usable_password()
    assert Client.objects.get().user.username == "admin"


def test_what_is_not_given_stays() -> None:
    make_account("sam"), make_account("kim")
    load(EXAMPLE)
    before = everything()
    summary = load(
        f"courses:\n  - {{key: {COURSE}, organization: north, title: Introduction to Programming}}\n"
        "programs:\n  - {key: n-cs, organization: north, title: Master of Computer Science, type: ~}\n"
        "groups:\n  - {name: north-admins}\n"
        "users:\n  - {username: nadmin, email: nadmin@north.example.org}\n"
        "clients:\n  - {client_id: north-sis, client_secret: secret-for-a-test, user: NADMIN}\n"
    )
    assert everything() == before
    assert not summary.changed


def test_changes_are_counted_as_updates() -> None:
    make_account("sam"), make_account("kim")
    load(EXAMPLE)
    summary = load(
        EXAMPLE.replace("North University", "University of the North")
        .replace("[audit, honor, verified]", "[verified]")
        .replace("manages_enrollments: true", "manages_enrollments: false")
        .replace("CS101-27", "CS101-28")
        .replace("Nora", "Norma")
        .replace("S-0001", "s-0001")
        .replace("scopes: [read, write]", "scopes: [read]")
        .replace("0.95", "0.96")
    )
    changed = {name for name, c in summary.sections.items() if c.updated == 1 and c.created == 0}
    unchanged = {name for name, c in summary.sections.items() if not c.changed}
    assert changed == {"organizations", "courses", "programs", "program_courses", "users", "clients", "grades"}
    assert unchanged == summary.sections.keys() - changed
    assert summary.sections["grades"] == Counts(updated=1, unchanged=1)
    assert Course.objects.get().modes == ["verified"]
    assert Client.objects.get().scopes == ["read"]
    assert Organization.objects.get().name == "University of the North"


LIMITED = f"""
organizations:
  - {{key: north, name: North, limits: {{removals_percent: 30, approvals: 0}}}}
courses:
  - {{key: {COURSE}, organization: north, title: T, limits: {{approvals: 2, changes_rows: 5}}}}
programs:
  - {{key: p, organization: north, title: P, limits: {{}}, hold_uploads: true}}
"""


def test_limits_of_plans_are_inherited_where_a_level_says_nothing() -> None:
    assert load(LIMITED).changed
    course, program = Course.objects.get(), Program.objects.get()
    assert program.hold_uploads is True
    expected = Limits(removals_percent=30, changes_rows=5, approvals=2)
    assert merged({"removals_percent": 25}, *limits_of(course.pk, None)) == expected
    assert merged({"changes_percent": 25}, *limits_of(None, program.pk)) == Limits(
        removals_percent=30, changes_percent=25, approvals=0
    )
    before = everything()
    assert not load(LIMITED).changed
    assert everything() == before


def test_limits_stay_where_they_are_not_given_and_are_replaced_as_a_whole() -> None:
    load(LIMITED)
    summary = load(SMALL)
    assert not any(summary.sections[section].changed for section in ("organizations", "courses", "programs"))
    assert Organization.objects.get().limits == {"removals_percent": 30, "approvals": 0}
    load("organizations:\n  - {key: north, name: North, limits: {refused_percent: 5}}\n")
    assert Organization.objects.get().limits == {"refused_percent": 5}
    load(f"courses:\n  - {{key: {COURSE}, organization: north, title: T, limits: {{}}}}\n")
    load("programs:\n  - {key: p, organization: north, title: P, hold_uploads: false}\n")
    assert limits_of(Course.objects.get().pk, None) == [{"refused_percent": 5}]
    assert Program.objects.get().hold_uploads is False
    assert list(list_differences()) == []


def test_the_journal_of_before_there_were_limits_still_agrees() -> None:
    north = Organization.objects.create(key="north", name="North")
    Course.objects.create(key=KEY, organization=north, title="T", modes=["audit"])
    Program.objects.create(key="p", organization=north, title="P")
    record_setting()
    assert not any("limits" in entry.after for entry in Change.objects.filter(subject=Subject.CATALOG))
    assert list(list_differences()) == []
    load(LIMITED)
    assert list(list_differences()) == []
    entry = changes().get(program_id__isnull=False)
    assert (entry.before["limits"], entry.after["limits"]) == (None, {})
    assert (entry.before["hold_uploads"], entry.after["hold_uploads"]) == (False, True)
    assert all(
        read_state(Subject.CATALOG, json.dumps(state))
        for entry in Change.objects.filter(subject=Subject.CATALOG)
        for state in (entry.before, entry.after)
        if state
    )


def test_defaults_of_what_is_new() -> None:
    load(
        SMALL + "  - name: c\nusers:\n  - {username: kim, email: kim@x.y}\n"
        "clients:\n  - {client_id: c, client_secret: s, user: kim}\n"
    )
    assert Course.objects.get().modes == ["audit"]
    account = Account.objects.get()
    assert (account.is_active, account.is_staff, account.language) == (True, False, "")
    assert not account.has_usable_password()
    assert Client.objects.get().scopes == ["read", "write"]


@pytest.mark.parametrize(
    ("fields", "manages"),
    [
        ("type: Masters", True), ("type: masters", False), ("type: MicroMasters", False), ("type: ~", False),
        ("type: Masters, manages_enrollments: false", False), ("type: X, manages_enrollments: true", True),
    ],
)  # fmt: skip
def test_which_programs_manage_their_enrollments(fields: str, manages: bool) -> None:
    load("organizations:\n  - {key: o, name: O}\nprograms:\n  - {key: p, organization: o, title: P, " + fields + "}\n")
    assert Program.objects.get().manages_enrollments is manages
    load("programs:\n  - {key: p, organization: o, title: P, type: Masters}\n")
    assert Program.objects.get().manages_enrollments is manages


def program_with(*courses: str) -> str:
    keys = "".join(f'  - {{key: "course-v1:a+{n}+1", organization: o, title: T}}\n' for n in "bcd")
    listed = "".join(f"      - {{key: {course}}}\n" for course in courses)
    return (
        f"organizations:\n  - {{key: o, name: O}}\ncourses:\n{keys}"
        f"programs:\n  - key: p\n    organization: o\n    title: P\n    courses:\n{listed}"
    )


def in_program() -> list[tuple[str, str | None]]:
    rows = ProgramCourse.objects.order_by("position").values_list("course__key", "external_key")
    return [(key[len("course-v1:a+")], external_key) for key, external_key in rows]


def test_courses_of_a_program_keep_their_order_and_are_never_removed() -> None:
    load(program_with('"course-v1:a+b+1", external_key: B', '"course-v1:a+c+1", external_key: C'))
    assert in_program() == [("b", "B"), ("c", "C")]
    # a new one in front, one that is not named, and one whose external key is not given
    assert counts(load(program_with('"course-v1:a+d+1"', '"course-v1:a+c+1"')))["program_courses"] == (1, 0, 1, 0)
    assert in_program() == [("d", None), ("c", "C"), ("b", "B")]
    # two exchange their external keys
    load(program_with('"course-v1:a+b+1", external_key: C', '"course-v1:a+c+1", external_key: B'))
    assert in_program() == [("b", "C"), ("c", "B"), ("d", None)]


def test_an_external_key_of_another_course_of_the_program_is_a_problem() -> None:
    load(program_with('"course-v1:a+b+1", external_key: B'))
    [problem] = problems_of(program_with('"course-v1:a+c+1", external_key: B'))
    assert problem.startswith('line 12: another course run of the program has the external key "B"')
    assert in_program() == [("b", "B")]


UNKNOWN = {
    "organizations of courses": (
        f"courses:\n  - key: {COURSE}\n    organization: o\n    title: T\n",
        3,
        "organization",
    ),
    "organizations of programs": ("programs:\n  - title: P\n    key: p\n    organization: o\n", 4, "organization"),
    "organizations of roles": (
        "groups:\n  - {name: a, roles: [{role: read_reports, organization: o}]}\n",
        2,
        "organization",
    ),
    "courses of programs": (
        SMALL.strip().replace("title: P}", f'title: P, courses: [{{key: {COURSE[:-1]}x"}}]}}'),
        6,
        "course",
    ),
    "programs of roles": (
        "groups:\n  - name: a\n    roles:\n      - role: read_reports\n        program: x\n",
        5,
        "program",
    ),
    "groups of users": ("users:\n  - email: a@b.c\n    username: a\n    groups: [x]\n", 4, "group"),
    "courses of roles": (
        f"users:\n  - {{username: a, email: a@b.c, roles: [{{role: staff, course: {COURSE}}}]}}\n",
        2,
        "course",
    ),
    "organizations of student keys": (
        "users:\n  - {username: a, email: a@b.c}\n  - username: b\n    email: b@b.c\n    student_keys: {x: y}\n",
        5,
        "organization",
    ),
    "groups of pending members": ("pending_members:\n  - {email: a@b.c, group: x}\n", 2, "group"),
    "users of clients": ("clients:\n  - client_id: c\n    client_secret: s\n    user: x\n", 4, "user"),
    "users of grades": (f"{SMALL.strip()}\ngrades:\n  - {{course: {COURSE}, username: x, error: e}}\n", 11, "user"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_neither_in_the_file_nor_in_the_database_is_a_problem(case: str) -> None:
    text, line, kind = UNKNOWN[case]
    before = everything()
    [problem] = problems_of(text)
    assert problem.startswith(f'line {line}: unknown {kind} "')
    assert everything() == before


def test_all_problems_come_together_and_nothing_is_saved() -> None:
    make_account("holder", email="taken@example.org")
    before = everything()
    problems = problems_of(
        EXAMPLE.replace("organization: north\n    title: Intro", "organization: nort\n    title: Intro")
        .replace("nadmin@north.example.org", "Taken@example.org")
        .replace("groups: [north-admins]", "groups: [south-admins]")
    )
    assert [problem.partition(" ")[2].partition(":")[0] for problem in problems] == ["8", "36", "44", "64", "65"]
    assert 'user "nadmin": "Taken@example.org" belongs to another account' in problems[1]
    assert everything() == before


def test_an_address_is_known_without_the_case_of_a_to_z() -> None:
    load("users:\n  - {username: Kim, email: Kim@Example.org}\n")
    summary = load("users:\n  - {username: kim, email: kim@example.org}\n")
    assert counts(summary)["users"] == (0, 1, 0, 0)
    assert Account.objects.get().username == "kim"


def test_an_account_that_becomes_active_is_enrolled_where_it_was_invited(world: World) -> None:
    world.enroll("new@example.org", auto_enroll=True, mode="honor")
    text = "users:\n  - {username: new, email: new@example.org, is_active: false}\n"
    load(text)
    assert not CourseEnrollment.objects.exists()
    load(text.replace("false", "true"))
    enrollment = CourseEnrollment.objects.get()
    assert (enrollment.account.username, enrollment.mode, enrollment.is_active) == ("new", "honor", True)
    assert changes().latest("id").transition == "from allowed to enroll to enrolled"


def test_a_client_keeps_its_secret_as_a_hash_and_gets_a_new_one_only_if_it_changes() -> None:
    text = (
        "users:\n  - {username: kim, email: kim@x.y}\nclients:\n  - {client_id: sis, client_secret: first, user: kim}\n"
    )
    load(text)
    first = Client.objects.get().client_secret
    assert first.startswith("client_secret_sha256$")
    assert not load(text).changed
    assert Client.objects.get().client_secret == first
    # what looks like a hash is a secret like any other
    assert counts(load(text.replace("first", f"'{first}'")))["clients"] == (0, 1, 0, 0)
    stored = Client.objects.get().client_secret
    assert stored.startswith("client_secret_sha256$")
    assert stored != first


def test_an_app_is_loaded_and_becomes_a_script_again() -> None:
    users = "users:\n  - {username: kim, email: kim@x.y}\nclients:\n  - {client_id: app, user: kim, "
    app = users + "public: true, redirect_uris: ['https://a.example.org/b', 'https://a.example.org/b?c']}\n"
    load(app)
    client = Client.objects.get()
    assert (client.client_type, client.authorization_grant_type) == ("public", "authorization-code")
    assert client.redirect_uris == "https://a.example.org/b https://a.example.org/b?c"
    assert not load(app).changed
    # what is missing stays as it is
    assert not load(app.replace("public: true", "public: true, scopes: null")).changed
    load(users + "client_secret: s, public: false}\n")
    client = Client.objects.get()
    assert (client.client_type, client.authorization_grant_type) == ("confidential", "authorization-code")
    load(users + "client_secret: s, redirect_uris: []}\n")
    client = Client.objects.get()
    assert (client.client_type, client.authorization_grant_type) == ("confidential", "client-credentials")
    kept = [step.after.get("redirects") for step in changes().filter(subject="client").order_by("id")]
    assert kept[-2:] == [["https://a.example.org/b", "https://a.example.org/b?c"], None]
    assert not [found for found in list_differences() if found.times]


def test_a_password_is_hashed_anew_only_if_it_changes() -> None:
    text = "users:\n  - {username: kim, email: kim@x.y, password: first}\n"
    load(text)
    first = Account.objects.get().password
    assert counts(load(text))["users"] == (0, 0, 1, 0)
    assert Account.objects.get().password == first
    load(text.replace("first", "second"))
    assert Account.objects.get().check_password("second")


def test_a_student_key_moves_to_the_account_that_the_file_names() -> None:
    text = "organizations:\n  - {key: o, name: O}\nusers:\n"
    text += "  - {username: a, email: a@b.c, student_keys: {o: K}}\n  - {username: b, email: b@b.c}\n"
    load(text)
    summary = load(text.replace(", student_keys: {o: K}", "").replace("b@b.c", "b@b.c, student_keys: {o: k}"))
    assert counts(summary)["student_keys"] == (0, 1, 0, 0)
    assert StudentIdentity.objects.get().account.username == "b"


def many(n: int) -> str:
    """``n`` of everything."""
    sections: dict[str, list[str]] = {"organizations": ["{key: o, name: O}"]}
    for i in range(n):
        course, person = f'"course-v1:a+{i}+1"', f"{{username: u{i}, email: u{i}@b.c, groups: [g{i}], features: "
        person += f"[course_roles], student_keys: {{o: k{i}}}, roles: [{{role: staff, course: {course}}}]}}"
        for section, item in {
            "courses": f"{{key: {course}, organization: o, title: T}}",
            "programs": f"{{key: p{i}, organization: o, title: P, courses: [{{key: {course}}}]}}",
            "groups": f"{{name: g{i}, roles: [{{role: read_reports, program: p{i}}}]}}",
            "users": person,
            "pending_members": f"{{email: w{i}@b.c, group: g{i}}}",
            "clients": f"{{client_id: c{i}, client_secret: s, user: u{i}}}",
            "grades": f"{{course: {course}, username: u{i}, percent: 0.5, passed: true}}",
        }.items():
            sections.setdefault(section, []).append(item)
    return "\n".join(f"{name}:\n  - " + "\n  - ".join(items) for name, items in sections.items())


# more accounts are made set by set
@pytest.mark.parametrize("sizes", [(10, MANY - 1), (MANY, 2 * MANY)])
def test_the_number_of_statements_does_not_grow(sizes: tuple[int, int]) -> None:
    counted = []
    for n in sizes:
        new, changed = (
            many(n),
            many(n)
            .replace("0.5", "0.6")
            .replace("title: T", "title: U")
            .replace("client_secret: s", "client_secret: t"),
        )
        with CaptureQueriesContext(
            connection,
        ) as created:
            load(new)
        with CaptureQueriesContext(connection) as same:
            load(new, prune_roles=True)
        with CaptureQueriesContext(connection) as updated:
            load(changed)
        counted.append((len(created), len(same), len(updated)))
        for model in (ProgramCourse, Grade, Client, CourseRole, RoleGrant, FeatureGrant, StudentIdentity, Membership):
            model._default_manager.all().delete()
        for model in (PendingMember, Group, Program, Course, Account, Organization):
            model._default_manager.all().delete()
    assert counted[0] == counted[1]
    assert max(counted[0]) < 100
