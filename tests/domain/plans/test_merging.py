"""Two accounts of one person become one, by a plan, and become two again, by an undo."""

import random
import uuid
from typing import Any

import pytest
from django.db import connection

from matricula.access.grants import (
    CourseRoleRequest,
    FeatureRequest,
    MembershipRequest,
    PendingMembershipRequest,
    RoleRequest,
    save_groups,
    write_grants,
)
from matricula.access.statuses import CourseRole, Feature, Role
from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.kinds import MERGE, ROSTER
from matricula.batches.merging.asking import MergeRejected, ask_merge
from matricula.batches.merging.values import Choice
from matricula.batches.people import StudentKeyOptions, StudentKeyRow, write_student_keys
from matricula.batches.planning import PlanConflict, PlanIsStale, apply_plan, exclude_rows, make_plan, make_undo
from matricula.batches.plans.reads import PlanStatus, find_plan, find_result, list_plan_rows
from matricula.batches.plans.statuses import OnStale, PlanState, RowState, Scope
from matricula.batches.runs import given_rows
from matricula.batches.values import Effect
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramCourseRequest, write_program_course_enrollments
from matricula.grades.writes import GradeRequest, save_grades
from matricula.history.integrity import list_differences
from matricula.history.own import list_own_steps
from matricula.history.why.course import explain_in_course
from matricula.history.why.values import EVERYTHING
from matricula.identity.accounts import change_account, save_accounts
from matricula.identity.providers.claims import read_person
from matricula.identity.providers.reading import Provider
from matricula.identity.providers.writes import sign_on
from matricula.journal.operations import find_operation, list_changes
from matricula.journal.reads import list_history
from matricula.journal.statuses import API, Subject
from matricula.journal.writes import new_operation
from matricula.learners.reads import find_learners
from matricula.learners.writes import AccountRequest
from matricula.models import Account, Client, Group, Organization
from tests.conftest import KEY, OTHER_KEY, make_account, make_token, write
from tests.domain.program_jobs import enroll, link, study
from tests.journal import record_setting
from tests.university import University, facts

_TABLES = {
    "seats": "select course_id, account_id, mode, is_active from matricula_courseenrollment where is_active or not %s",
    "invitations": "select course_id, email_key, account_id, mode, auto_enroll from matricula_preenrollment",
    "students": "select program_id, student_key, account_id, status from matricula_programenrollment",
    "in programs": """
        select e.program_id, e.student_key, c.course_id, c.status, c.course_staff
        from matricula_programcourseenrollment c join matricula_programenrollment e on e.id = c.program_enrollment_id
    """,
    "keys": "select organization_id, student_key, account_id from matricula_studentidentity",
    "grades": "select course_id, account_id, percent, letter_grade, passed, error from matricula_grade",
    "course roles": "select role, account_id, course_id from matricula_courserole",
    "roles": "select role, account_id, group_id, organization_id, program_id from matricula_rolegrant",
    "features": "select feature, account_id, group_id from matricula_featuregrant",
    "members": "select group_id, account_id from matricula_membership",
    "waiting members": "select group_id, email from matricula_pendingmember",
    "accounts": "select id, username, email, is_active, is_staff, is_superuser, merged_into_id from matricula_account",
}


def tables() -> dict[str, list[Any]]:
    """All that a merge may touch; enrollments that it made stay as ended ones, and only active ones are compared."""
    found = {}
    with connection.cursor() as cursor:
        for name, query in _TABLES.items():
            cursor.execute(query, [True] if "%s" in query else None)
            found[name] = sorted(cursor.fetchall(), key=repr)
    return found


def plan_merge(kept: Account, other: Account, **said: Any) -> PlanStatus:
    rows, options = ask_merge(kept.pk, other.pk, **said)
    plan = find_plan(make_plan(MERGE, None, given_rows(rows, options), name="merge", actor_id=None, source=API))
    assert plan is not None
    return plan


def apply(plan: PlanStatus, **said: Any) -> PlanStatus:
    apply_plan(plan.id, actor_id=None, source=API, fingerprint=plan.fingerprint or "", reason="twice", **said)
    found = find_plan(plan.id)
    assert found is not None
    return found


def merge(kept: Account, other: Account, **said: Any) -> PlanStatus:
    plan = apply(plan_merge(kept, other, **said))
    assert plan.state is PlanState.APPLIED
    return plan


def undo(operation_id: uuid.UUID | None) -> PlanStatus:
    operation = find_operation(operation_id) if operation_id else None
    assert operation is not None
    plan = find_plan(make_undo(operation, None, reason="no", name="undo", actor_id=None, source=API))
    assert plan is not None
    return apply(plan)


def words(plan: PlanStatus) -> dict[str, str]:
    return {row.row.key: row.outcome.word for row in list_plan_rows(plan)}


class Lives:
    """What may happen to either of two accounts, by the ordinary write functions."""

    def __init__(self, university: University, people: tuple[Account, Account], chance: random.Random) -> None:
        self.world, self.people, self.chance = university.world, people, chance
        self.courses = (university.world.course, university.world.other)
        self.extra = university.extra
        save_groups(new_operation(None, API), ["readers", "writers"])
        self.groups = [*Group.objects.filter(name__in=["readers", "writers"]).values_list("pk", flat=True)]

    def live(self, steps: int) -> None:
        doings = (
            self.enroll, self.enroll, self.enroll, self.be_a_student, self.be_graded,
            self.hold_a_role, self.join_a_group, self.be_invited,
        )  # fmt: skip
        for _ in range(steps):
            self.chance.choice(doings)(self.chance.choice(self.people))

    def enroll(self, account: Account) -> None:
        course = self.chance.choice(self.courses)
        action = self.chance.choice(["enroll", "enroll", "unenroll"])
        mode = self.chance.choice(course.modes) if action == "enroll" else None
        write(course, action, account.username, mode=mode)

    def be_invited(self, account: Account) -> None:
        auto = self.chance.random() < 0.5
        write(self.chance.choice(self.courses), "enroll", account.email, auto_enroll=auto, invitation_only=True)

    def be_a_student(self, account: Account) -> None:
        key = f"{account.username}-{self.chance.randrange(2)}"
        enroll(key)
        if self.chance.random() < 0.7:
            study(self.courses[0].id, key, staff=self.chance.random() < 0.3)
        link(key, account)
        if self.chance.random() < 0.4:
            request = ProgramCourseRequest(self.courses[0].id, key, "inactive")
            write_program_course_enrollments(new_operation(None, API), facts(), Verb.UPDATE, [request])

    def be_graded(self, account: Account) -> None:
        error = "none" if self.chance.random() < 0.3 else None
        percent = None if error else self.chance.choice([0.5, 0.75])
        grade = GradeRequest(self.chance.choice(self.courses).id, account.pk, percent, None, not error or None, error)
        save_grades(new_operation(None, API), [grade])

    def hold_a_role(self, account: Account) -> None:
        north = Organization.objects.get(key="north").pk
        wanted = self.chance.choice(
            [
                CourseRoleRequest(CourseRole.STAFF, account.pk, self.courses[0].id),
                RoleRequest(Role.READ_ENROLLMENTS, account.pk, None, north),
                RoleRequest(Role.READ_ALL_JOBS, account.pk),
                FeatureRequest(Feature.COURSE_ROLES, account.pk),
            ]
        )
        write_grants(new_operation(None, API), [wanted], granted=True)

    def join_a_group(self, account: Account) -> None:
        group = self.chance.choice(self.groups)
        wanted: Any = MembershipRequest(group, account.pk)
        if not account.is_active and self.chance.random() < 0.5:
            wanted = PendingMembershipRequest(group, account.email)
        write_grants(new_operation(None, API), [wanted], granted=True)


@pytest.mark.parametrize("seed", [0, 1, 2, 4, 7])
def test_whatever_two_accounts_did_one_has_it_then_and_an_undo_makes_them_two_again(
    university: University, seed: int
) -> None:
    chance = random.Random(seed)
    kept, other = make_account("kept"), make_account("other", is_active=chance.random() < 0.7)
    record_setting()
    Lives(university, (kept, other), chance).live(14)
    assert [*list_differences()] == []
    before = tables()
    prefer = chance.choice([*Choice])
    plan = plan_merge(kept, other, prefer=prefer)
    assert tables() == before, "a plan writes nothing"
    plan = apply(plan)
    assert plan.state is PlanState.APPLIED, words(plan)
    assert [*list_differences()] == []
    found = tables()
    assert not _has(found, other), "all of it moved, or ended"
    assert {(c, m) for c, a, m, _ in before["seats"] if a in {kept.pk, other.pk}} >= {
        (c, m) for c, a, m, _ in found["seats"] if a == kept.pk
    }
    assert {c for c, a, *_ in before["seats"] if a in {kept.pk, other.pk}} <= {
        c for c, a, *_ in found["seats"] if a == kept.pk
    }
    undone = undo(plan.applied_by)
    assert undone.state is PlanState.APPLIED
    rejected = [row.described for row in list_plan_rows(undone) if row.state is not RowState.APPLIED]
    assert rejected == []
    assert find_result(undone)["refused"] == 0  # type: ignore[index]
    assert tables() == before
    assert [*list_differences()] == []
    again = undo(undone.applied_by)
    assert again.state is PlanState.APPLIED and tables() == found
    assert [*list_differences()] == []


def _has(found: dict[str, list[Any]], account: Account) -> list[Any]:
    """What an account has beside itself."""
    places = {
        "seats": 1, "invitations": 2, "students": 2, "keys": 2, "grades": 1, "course roles": 1, "roles": 1,
        "features": 1, "members": 1,
    }  # fmt: skip
    return [row for name, place in places.items() for row in found[name] if row[place] == account.pk]


def test_the_plan_shows_each_thing_and_needs_a_choice_where_no_rule_decides(university: University) -> None:
    world, kept, other = university.world, make_account("kept"), make_account("other", is_staff=True)
    world.enroll("kept", mode="audit")
    world.enroll("other", mode="verified")
    write(world.other, "enroll", "other")
    save_grades(
        new_operation(None, API),
        [
            GradeRequest(world.course.id, kept.pk, None, None, None, "none yet"),
            GradeRequest(world.course.id, other.pk, 0.5, "C", True),
            GradeRequest(world.other.id, kept.pk, 0.5, None, True),
            GradeRequest(world.other.id, other.pk, 0.75, None, True),
        ],
    )
    for key, account in (("K", kept), ("O", other)):
        enroll(key)
        link(key, account)
    make_token(other)
    plan = plan_merge(kept, other)
    shown = words(plan)
    [client] = Client.objects.filter(user=other)
    assert shown == {
        "student_key:north": "choice-needed",
        f"course_enrollment:{KEY}": "choice-needed",
        f"course_enrollment:{OTHER_KEY}": "moved",
        f"grade:{KEY}": "combined",
        f"grade:{OTHER_KEY}": "choice-needed",
        f"client:{client.client_id}": "ended",
        "account:rights": "choice-needed",
        "account:other": "merged",
    }
    with pytest.raises(PlanConflict) as refused:
        apply(plan)
    assert refused.value.whole
    with pytest.raises(PlanConflict):
        exclude_rows(plan.id, [1], [Effect.REJECTED], excluded=True)
    with pytest.raises(MergeRejected, match="nothing to choose for: grade:nowhere"):
        ask_merge(kept.pk, other.pk, choices={"grade:nowhere": Choice.KEPT})
    merge(kept, other, prefer=Choice.OTHER, choices={f"grade:{OTHER_KEY}": Choice.KEPT, "account:rights": Choice.KEPT})
    found = tables()
    assert (world.course.id, kept.pk, "verified", True) in found["seats"]
    assert {row[:3] for row in found["grades"]} == {(world.course.id, kept.pk, 0.5), (world.other.id, kept.pk, 0.5)}
    assert found["keys"] == [(facts().organization_id, "O", kept.pk)]
    assert {(key, account) for _, key, account, _ in found["students"]} == {("K", None), ("O", kept.pk)}
    assert not Account.objects.get(username="kept").is_staff
    assert not Client.objects.filter(user=other).exists()


def test_where_something_changed_since_the_plan_nothing_is_merged(university: University) -> None:
    world, kept, other = university.world, make_account("kept"), make_account("other")
    world.enroll("other", mode="audit")
    plan = plan_merge(kept, other)
    # what came since has no row of its own: the account's row stands for it
    write(world.other, "enroll", "other")
    with pytest.raises(PlanIsStale) as stale:
        apply(plan)
    assert stale.value.count == 1
    done = apply(plan, on_stale=OnStale.SKIP)
    assert find_result(done) == {"applied": 0, "unchanged": 0, "stale": 2, "refused": 0}
    assert {row.state for row in list_plan_rows(done)} == {RowState.STALE}
    assert Account.objects.get(username="other").is_active
    plan = plan_merge(kept, other)
    world.enroll("other", mode="verified")
    with pytest.raises(PlanIsStale) as stale:
        apply(plan)
    assert stale.value.count == 2
    merge(kept, other)


def test_names_of_the_other_account_find_the_one_that_is_kept(university: University) -> None:
    world, kept, other = university.world, make_account("kept"), make_account("other")
    third = make_account("third")
    merge(other, third)
    merge(kept, other)
    assert not Account.objects.filter(username__in=["other", "third"], is_active=True).exists()
    for name in ("other", "OTHER@example.org", "third", "third@example.org", "kept"):
        assert [one.id for one in find_learners([name.lower()])[name.lower()]] == [kept.pk]
        [outcome] = world.enroll(name, mode="audit")
        assert outcome.error is None
    assert {row[1] for row in tables()["seats"]} == {kept.pk}
    organization = facts().organization_id
    for n, (username, email) in enumerate([("other", ""), ("", "third@example.org"), ("other", "kept@example.org")]):
        row = StudentKeyRow(f"S-{n}", username, email)
        options = StudentKeyOptions(organization_id=organization)
        [linked] = write_student_keys(new_operation(None, API), organization, options, [row])
        assert linked.word == "linked", linked
    # a whole roster with the old name is no reason to remove anyone
    given = given_rows([CourseRow("third", number=2)], CourseOptions())
    whole = find_plan(make_plan(ROSTER, world.course, given, scope=Scope.ALL, name="all", actor_id=None, source=API))
    assert whole is not None and whole.effects is not None and whole.effects["remove"] == 0 == whole.effects["refused"]
    # new values are for the account that is kept
    [outcome] = save_accounts(new_operation(None, API), [AccountRequest("other", "other@example.org", is_active=True)])
    assert outcome.problem is not None
    assert outcome.problem.in_english() == "The account “other” was merged into “kept”. Use that username."
    [outcome] = save_accounts(new_operation(None, API), [AccountRequest("fresh", "other@example.org")])
    assert outcome.word == "email-taken"
    assert change_account(new_operation(None, API), other.pk, {"is_active": True}) == "merged"
    for rejected, field in (((other, kept), "kept"), ((kept, third), "other"), ((kept, kept), "other")):
        with pytest.raises(MergeRejected) as caught:
            ask_merge(*(one.pk for one in rejected))
        assert caught.value.field == field


def test_a_login_at_a_provider_leads_to_the_account_that_is_kept_and_back_after_an_undo(university: University) -> None:
    kept, other = make_account("kept"), make_account("other")
    provider = Provider(name="campus", title="Campus", create_accounts=False)

    def log_in(subject: str, email: str) -> object:
        return sign_on(provider, read_person(provider, subject, {"email": email, "email_verified": True}))

    differing = [*list_differences()]
    assert log_in("s-1", other.email) == other.pk
    plan = merge(kept, other)
    assert log_in("s-1", other.email) == kept.pk
    # someone who never logged in before, by the address of the account that was merged away
    assert log_in("s-2", other.email) == kept.pk
    assert [*list_differences()] == differing
    undo(plan.applied_by)
    assert log_in("s-1", other.email) == other.pk


def test_the_kept_account_has_one_history_and_an_undo_parts_it(university: University) -> None:
    world, kept, other = university.world, make_account("kept"), make_account("other")
    world.enroll("other", mode="audit", reason="first came the other one")
    plan = merge(kept, other)
    answer = explain_in_course(world.course, "other", EVERYTHING)
    assert answer.who.username == "kept" and answer.state["enrolled"]
    assert [(link.account_id, link.transition) for link in answer.chain][-1] == (
        other.pk,
        "from unenrolled to enrolled",
    )
    assert answer.decisive is not None and answer.decisive.account_id == kept.pk
    assert answer.decisive.act.operation_id == plan.applied_by
    listed = list_history(course_id=world.course.id, programs=None, limit=9)
    found = [entry for entry in listed if entry.account_id in (kept.pk, other.pk)]
    assert {entry.account_id for entry in found} == {kept.pk, other.pk}
    assert Subject.ACCOUNT in {step.subject for step in list_own_steps(kept.pk, limit=9)}
    # someone changed one thing since: it stays, the rest is put back
    write(world.course, "enroll", "kept", mode="verified")
    undone = undo(plan.applied_by)
    conflicts = [row.described for row in list_plan_rows(undone) if row.effect is Effect.REJECTED]
    assert [one.word for one in conflicts] == ["conflict"]
    seats = {row[1:] for row in tables()["seats"]}
    assert seats == {(kept.pk, "verified", True), (other.pk, "audit", True)}
    assert Account.objects.get(username="other").is_active
    assert [one.id for one in find_learners(["other"])["other"]] == [other.pk]


def test_one_change_of_a_merge_can_be_undone_where_the_rest_allows_it(university: University) -> None:
    world, kept, other = university.world, make_account("kept"), make_account("other")
    world.enroll("other")
    # switched off while enrolled: it is so again
    change_account(new_operation(None, API), other.pk, {"is_active": False})
    plan = merge(kept, other)
    operation = find_operation(plan.applied_by or uuid.uuid4())
    assert operation is not None
    [ended] = [c.id for c in list_changes(operation.id, limit=9) if c.account_id == other.pk and c.course]
    part = find_plan(make_undo(operation, {ended}, reason="no", name="undo", actor_id=None, source=API))
    # an account that was merged away is enrolled nowhere
    assert part is not None and part.effects is not None and part.effects["refused"] == 1
    undone = undo(plan.applied_by)
    assert find_result(undone) == {"applied": 3, "unchanged": 0, "stale": 0, "refused": 0}
    assert {row[1:] for row in tables()["seats"] if row[3]} == {(other.pk, "audit", True)}
    assert not Account.objects.get(username="other").is_active
