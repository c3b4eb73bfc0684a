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
from matricula.batches.kinds import MERGE
from matricula.batches.merging.asking import ask_merge
from matricula.batches.merging.values import Choice
from matricula.batches.planning import apply_plan, make_plan, make_undo
from matricula.batches.plans.reads import PlanStatus, find_plan, find_result, list_plan_rows
from matricula.batches.plans.statuses import PlanState, RowState
from matricula.batches.runs import given_rows
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramCourseRequest, write_program_course_enrollments
from matricula.grades.writes import GradeRequest, save_grades
from matricula.history.integrity import list_differences
from matricula.journal.operations import find_operation
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from matricula.models import Account, Group, Organization
from tests.conftest import make_account, write
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


@pytest.mark.parametrize("seed", range(8))
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
