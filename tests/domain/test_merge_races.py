"""A merge of two accounts beside someone who enrolls one of them: no enrollment stays with the account that went."""

import pytest

from matricula.batches.plans.reads import find_plan, find_result
from matricula.history.integrity import list_differences
from matricula.models import Account, CourseEnrollment
from tests.conftest import World, make_account, make_world
from tests.domain.plans.test_merging import apply, merge, plan_merge
from tests.domain.races import behind
from tests.journal import record_setting

Pair = tuple[World, Account, Account]


@pytest.fixture
def shared(own_database: None) -> Pair:
    world = make_world()
    pair = make_account("kept"), make_account("other")
    record_setting()
    return world, *pair


def enrolled() -> set[tuple[str, str]]:
    seats = CourseEnrollment.objects.filter(is_active=True)
    return {(seat.account.username, seat.mode) for seat in seats}


@pytest.mark.parametrize("was_there", [False, True])
def test_who_is_enrolled_while_the_account_is_merged_is_enrolled_with_the_kept_one(
    shared: Pair, was_there: bool
) -> None:
    world, kept, other = shared
    if was_there:
        world.enroll("other")
        world.unenroll("other")
    [outcome] = behind(lambda: merge(kept, other), lambda: world.enroll("other", mode="verified"))
    assert outcome.error is None
    assert enrolled() == {("kept", "verified")}
    assert [*list_differences()] == []


def test_a_merge_waits_for_the_enrollment_that_is_just_being_added(shared: Pair) -> None:
    world, kept, other = shared
    plan = plan_merge(kept, other)
    behind(lambda: world.enroll("other", mode="verified"), lambda: apply(plan))
    done = find_plan(plan.id)
    # it came since the plan was made
    assert done is not None and find_result(done) == {"applied": 0, "unchanged": 0, "stale": 1, "refused": 0}
    assert enrolled() == {("other", "verified")} and Account.objects.get(username="other").is_active
    merge(kept, other)
    assert enrolled() == {("kept", "verified")}
    assert [*list_differences()] == []
