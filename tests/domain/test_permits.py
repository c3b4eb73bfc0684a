"""A right is held by the transaction that writes with it: a withdrawal before it is seen, one beside it waits."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken
from procrastinate.contrib.django.models import ProcrastinateJob

from matricula.access.clients.writes import TooManyClients, create_client
from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.permits import Permit, Session
from matricula.access.reads import find_caller_by_token
from matricula.access.statuses import FEATURE_COURSE_ROLES
from matricula.foundation.transactions import RightLost, acting, one_transaction
from matricula.jobs.reads import get_job
from matricula.jobs.writes import start_job
from matricula.journal.writes import new_operation
from matricula.models import Account, Client, CourseRole, FeatureGrant, Group, Membership, RoleGrant
from matricula.worker.tasks import run_job
from tests.conftest import World, make_account, make_token, make_world
from tests.domain.races import behind, together
from tests.university import University, facts, make_university

pytestmark = pytest.mark.usefixtures("own_database")


def of_token(world: World) -> Permit:
    found = find_caller_by_token(make_token(world.instructor), None)
    assert found is not None
    return Permit(world.instructor.pk, found[0].token_checksum, course_id=world.course.id)


def of_group(university: University) -> Permit:
    member = university.holder("read_write_enrollments", group=True, name="member")
    return Permit(member.pk, program_id=facts().id, permission=WRITE_ENROLLMENTS)


def of_feature(university: University) -> Permit:
    writer, features = university.writer(course_roles=True), frozenset({FEATURE_COURSE_ROLES})
    return Permit(writer.pk, program_id=facts().id, permission=WRITE_ENROLLMENTS, features=features)


def _course(university: University) -> Permit:
    world = university.world
    return Permit(world.instructor.pk, course_id=world.course.id)


# what the right rests on, and how it is taken away
RIGHTS: dict[str, tuple[Callable[[University], Permit], Callable[[], Any]]] = {
    "course role": (_course, lambda: CourseRole.objects.filter(role="instructor").delete()),
    "account": (_course, lambda: Account.objects.filter(username="instructor").update(is_active=False)),
    "token": (lambda u: of_token(u.world), lambda: AccessToken.objects.all().delete()),
    "operator": (
        lambda u: Permit(u.root.pk, is_operator=True),
        lambda: Account.objects.filter(username="root").update(is_superuser=False),
    ),
    "membership": (of_group, lambda: Membership.objects.all().delete()),
    "role of the group": (of_group, lambda: RoleGrant.objects.all().delete()),
    "group": (of_group, lambda: Group.objects.all().delete()),
    "feature": (of_feature, lambda: FeatureGrant.objects.all().delete()),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_a_withdrawal_under_way_is_waited_for_and_seen(name: str) -> None:
    made, withdraw = RIGHTS[name]
    permit = made(make_university(make_world()))

    def write() -> None:
        with acting(permit.hold), one_transaction():
            make_account("written")

    with pytest.raises(RightLost):
        behind(withdraw, write)
    assert not Account.objects.filter(username="written").exists()


@pytest.mark.parametrize("name", RIGHTS)
def test_a_withdrawal_that_comes_later_waits_for_the_commit(name: str) -> None:
    made, withdraw = RIGHTS[name]
    permit = made(make_university(make_world()))
    seen = []

    def withdraw_behind() -> None:
        withdraw()
        seen.append(Account.objects.filter(username="written").exists())

    def write() -> None:
        make_account("written")
        permit.hold()

    behind(write, withdraw_behind)
    assert seen == [True]
    with pytest.raises(RightLost), transaction.atomic():
        permit.hold()


def test_two_who_write_with_one_right_do_not_wait_for_each_other() -> None:
    permit = _course(make_university(make_world()))

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '5s'")
            permit.hold()

    with transaction.atomic():
        permit.hold()
        together(hold)


def test_only_the_outermost_transaction_asks_and_what_is_within_is_undone_with_it() -> None:
    world = make_world()
    permit = Permit(world.learner.pk, course_id=world.course.id)
    with pytest.raises(RightLost) as lost, acting(permit.hold), one_transaction():
        make_account("within")
        with one_transaction():
            make_account("deeper")
    assert not lost.value.signed_out
    assert not Account.objects.filter(username__in=["within", "deeper"]).exists()


def test_an_expired_token_and_a_new_password_end_the_right() -> None:
    world = make_world()
    permit = of_token(world)
    AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
    session = Session(world.instructor.password, world.instructor.generation)
    good = Permit(world.instructor.pk, session=session, course_id=world.course.id)
    logged_out = replace(good, session=session._replace(generation=session.generation - 1))
    with transaction.atomic():
        good.hold()
    with pytest.raises(RightLost), transaction.atomic():
        logged_out.hold()
    Account.objects.filter(pk=world.instructor.pk).update(password="another")
    for ended in (permit, good):
        with pytest.raises(RightLost) as lost, transaction.atomic():
            ended.hold()
        assert lost.value.signed_out


@pytest.mark.parametrize("kind", ["course_enrollments", "list_program_enrollments"])
def test_a_job_ends_where_its_owner_lost_the_right_and_says_so(kind: str) -> None:
    university = make_university(make_world())
    world = university.world
    options: dict[str, Any] = {"action": "enroll", "mode": None, "auto_enroll": False, "email_student": False}
    of_course = kind == "course_enrollments"
    owner = world.instructor if of_course else university.writer()
    job_id = start_job(
        kind,
        actor_id=owner.pk,
        source="api",
        course_id=world.course.id if of_course else None,
        program_id=None if of_course else facts().id,
        options={**options, "reason": None, "format": "csv"},
    )
    CourseRole.objects.filter(account=owner).delete()
    RoleGrant.objects.filter(account=owner).delete()
    run_job.func(_Context(ProcrastinateJob.objects.get()), job_id=str(job_id))
    ended = get_job(job_id)
    assert (ended.state, ended.done, ended.result) == ("failed", 0, None)
    assert (ended.error or "").startswith("The person who started this no longer has the required permission")


@dataclass
class _Context:
    """What the queue hands to a task."""

    job: ProcrastinateJob

    @staticmethod
    def should_abort() -> bool:
        return False


def test_of_many_clients_made_at_once_no_more_are_made_than_one_may_have() -> None:
    learner = make_world().learner
    for number in range(2):
        assert create_client(new_operation(learner.pk, "console"), f"first-{number}", "x", learner.pk, ["read"], most=4)

    def make(number: int) -> Callable[[], bool]:
        def create() -> bool:
            operation = new_operation(learner.pk, "console")
            try:
                return create_client(operation, f"more-{number}", "x", learner.pk, ["read"], most=4) is not None
            except TooManyClients:
                return False

        return create

    assert sum(together(*(make(number) for number in range(6)))) == 2
    assert Client.objects.filter(user=learner).count() == 4
