"""Mail about held plans: to those who may approve them, once, and to no one else."""

import pytest

from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.kinds import ROSTER, STUDENTS
from matricula.batches.planning import exclude_rows, make_plan, make_undo, review_plan
from matricula.batches.plans import notifying
from matricula.batches.plans.reads import PlanStatus, find_plan
from matricula.batches.plans.statuses import Decision, PlanState, Scope
from matricula.batches.programs import StudentRow
from matricula.batches.runs import given_rows
from matricula.batches.values import Effect, Options
from matricula.journal.operations import find_operation
from matricula.journal.statuses import API
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseRole, Group, Membership, OutgoingMail, Program, RoleGrant
from tests.conftest import World, make_account, write
from tests.domain.program_jobs import enroll, facts
from tests.university import University


def mails() -> dict[str, int]:
    """Address → how many mails about held plans."""
    found: dict[str, int] = {}
    for address in OutgoingMail.objects.filter(kind="plan_held").values_list("to", flat=True):
        found[address.partition("@")[0]] = found.get(address.partition("@")[0], 0) + 1
    return found


def crowd(world: World, number: int = 12) -> None:
    for n in range(number):
        make_account(f"learner{n}")
        write(world.course, "enroll", f"learner{n}")


def plan(world: World, *, maker: Account | None = None) -> PlanStatus:
    """One that removes everyone but sam."""
    given = given_rows([CourseRow("sam", 1)], CourseOptions(file="roster.csv"))
    actor_id = (maker or world.admin).pk
    made = find_plan(make_plan(ROSTER, world.course, given, scope=Scope.ALL, actor_id=actor_id, source=API))
    assert made is not None
    return made


def test_staff_and_instructors_of_the_course_run_are_asked_and_not_the_maker(world: World) -> None:
    crowd(world)
    CourseRole.objects.create(account=world.learner, course_id=world.course.id, role="beta_tester")
    made = plan(world, maker=world.staff)
    assert made.state is PlanState.HELD
    assert mails() == {"instructor": 1}
    [mail] = OutgoingMail.objects.filter(kind="plan_held")
    assert mail.context["link"].endswith(f"/plans/{made.id}/")
    assert (mail.context["plan_name"], mail.context["maker"], mail.context["remove"]) == ("roster.csv", "staff", 12)
    assert mail.context["about"] == world.course.title


def test_who_wants_none_or_is_not_active_gets_none(world: World) -> None:
    crowd(world)
    Account.objects.filter(pk=world.staff.pk).update(wants_plan_mail=False)
    CourseRole.objects.create(account=world.inactive, course_id=world.course.id, role="staff")
    plan(world)
    assert mails() == {"instructor": 1}


def test_a_plan_that_is_not_held_is_no_news(world: World) -> None:
    crowd(world, 2)
    assert plan(world).state is PlanState.READY
    assert mails() == {}


def test_one_that_comes_to_be_held_again_is_news_once_for_the_same_rows(world: World) -> None:
    crowd(world)
    made = plan(world)
    assert mails() == {"staff": 1, "instructor": 1}
    # not held, held with the same rows: no news
    exclude_rows(made.id, (), [Effect.REMOVE], excluded=True)
    assert mails() == {"staff": 1, "instructor": 1}
    exclude_rows(made.id, (), [Effect.REMOVE], excluded=False)
    assert mails() == {"staff": 1, "instructor": 1}
    # approved, and then about other rows
    review_plan(
        made.id, world.staff.pk, Decision.APPROVED, fingerprint=made.fingerprint or "", note=None,
        operation=new_operation(world.staff.pk, API),
    )  # fmt: skip
    exclude_rows(made.id, [1], (), excluded=True)
    now = find_plan(made.id)
    assert now and now.state is PlanState.HELD
    assert mails() == {"staff": 2, "instructor": 2}
    # it stays held
    exclude_rows(made.id, [2], (), excluded=True)
    assert mails() == {"staff": 2, "instructor": 2}


def test_at_most_so_many_people_are_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(world)
    for n in range(5):
        CourseRole.objects.create(account=make_account(f"staff{n}"), course_id=world.course.id, role="staff")
    monkeypatch.setattr(notifying, "_PEOPLE", 3)
    plan(world)
    assert sum(mails().values()) == 3


def test_who_may_write_the_program_is_asked_by_roles_of_their_own_and_of_groups(university: University) -> None:
    RoleGrant.objects.all().delete()
    program = Program.objects.get(pk=facts().id)
    other = Program.objects.exclude(organization=program.organization).first()
    group = Group.objects.create(name="registrars")
    for name, role, scope in (
        ("own", "read_write_enrollments", {"program": program}),
        ("all", "read_write_enrollments", {"organization": program.organization}),
        ("abroad", "read_write_enrollments", {"program": other}),
        ("reader", "read_enrollments", {"program": program}),
    ):
        RoleGrant.objects.create(account=make_account(name), role=role, **scope)
    RoleGrant.objects.create(group=group, role="read_write_enrollments", organization=program.organization)
    Membership.objects.create(account=make_account("member"), group=group)
    Membership.objects.create(account=Account.objects.get(username="own"), group=group)
    enroll(*(f"S-{n}" for n in range(12)))
    rows = [StudentRow(f"S-{n}", "canceled", number=n + 1) for n in range(12)]
    actor_id = university.world.admin.pk
    made = find_plan(make_plan(STUDENTS, facts(), given_rows(rows, Options()), actor_id=actor_id, source=API))
    assert made and made.state is PlanState.HELD
    assert mails() == {"own": 1, "all": 1, "member": 1}


def test_of_what_is_about_several_course_runs_operators_are_asked(world: World) -> None:
    names = [f"new{n}" for n in range(12)]
    for name in names:
        make_account(name)
    operation = new_operation(None, API)
    for course in (world.course, world.other):
        write(course, "enroll", *names, operation=operation)
    make_account("root", is_superuser=True)
    found = find_operation(operation.id)
    assert found and found.course_id is None
    made = find_plan(make_undo(found, None, reason="x", name="Undo", actor_id=world.admin.pk, source=API))
    assert made and made.course_id is None
    # limits are about a roster: of several there is none, and what exceeds them exceeds them in any case
    assert made.state is PlanState.HELD
    assert mails() == {"root": 1}
