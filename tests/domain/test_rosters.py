"""Counts and pages of rosters: exact after whatever was written by whomever, folded and split or not."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from matricula.enrollments.course.counts import compact_roster_counts, fold_roster_counts, split_roster_blocks
from matricula.enrollments.course.rosters import (
    SORTS,
    RosterFilter,
    UnknownCursor,
    count_roster,
    list_roster,
    list_roster_sorted,
)
from matricula.history.integrity import list_differences
from matricula.models import Account, CourseEnrollment, CourseRole, RosterBlock, RosterCount
from tests.conftest import World, as_superuser, make_account, make_world, write
from tests.domain.test_races import together
from tests.journal import record_setting

SOME = settings(
    max_examples=10, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
NAMES = [f"{letter}{number}" for letter in "abé_" for number in range(4)]
FILTERS = [
    RosterFilter(is_active, search, mode, is_beta_tester)
    for is_active in (True, False, None)
    for search in (None, "b1", "zz")
    for mode in (None, "honor", "audit")
    for is_beta_tester in (None, True, False)
]
OF_THEM = "account_id in (select id from matricula_account where email = any(%s)) and course_id = %s"
some_names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True)
steps = st.one_of(
    st.tuples(st.just("enroll"), some_names, st.sampled_from([None, "honor", "verified"])),
    st.tuples(st.just("unenroll"), some_names),
    st.tuples(st.just("delete"), some_names),
    st.tuples(st.just("set mode"), some_names, st.sampled_from(["audit", "honor"])),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(["0", "b", "~", "m"])),
    st.tuples(st.just("move"), some_names),
    st.tuples(st.just("fold")),
    st.tuples(st.just("split")),
)


class _Undo(Exception):
    """Ends an example: the next starts from the same state."""


@pytest.fixture
def crowd(world: World) -> World:
    for name in NAMES:
        make_account(name)
    for name in NAMES[::3]:
        CourseRole.objects.create(
            account=Account.objects.get(username=name), course_id=world.course.id, role="beta_tester"
        )
    return world


def take(world: World, step: tuple[Any, ...]) -> None:
    """One step by whatever door: our own functions, or SQL by hand."""
    what, *values = step
    if what in {"enroll", "unenroll"}:
        write(world.course, what, *[f"{n}@example.org" for n in values[0]], mode=values[1] if values[1:] else None)
    elif what == "fold":
        fold_roster_counts()
    elif what == "split":
        split_roster_blocks(2)
    elif what == "rename":
        name, start = values
        run("update matricula_account set username = %s || username where email = %s", start, f"{name}@example.org")
    else:
        statement = {
            "delete": "delete from matricula_courseenrollment",
            "set mode": "update matricula_courseenrollment set mode = %s",
            "move": "update matricula_courseenrollment set course_id = %s",
        }[what]
        emails = [f"{name}@example.org" for name in values[0]]
        more = {"delete": [], "set mode": values[1:], "move": [world.other.id]}[what]
        run(f"{statement} where {OF_THEM}", *more, emails, world.course.id)


def run(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def fitting(course_id: int, wanted: RosterFilter) -> list[str]:
    """Whom a list shall hold, the plain way."""
    seats = CourseEnrollment.objects.filter(course_id=course_id).select_related("account").order_by("username_key")
    testers = set(CourseRole.objects.filter(course_id=course_id).values_list("account_id", flat=True))
    return [
        seat.account.username
        for seat in seats
        if (wanted.is_active is None or seat.is_active == wanted.is_active)
        and (wanted.mode is None or seat.mode == wanted.mode)
        and (wanted.is_beta_tester is None or (seat.account_id in testers) == wanted.is_beta_tester)
        and (wanted.search is None or wanted.search in seat.account.username)
    ]


def differences_of_counts() -> list[Any]:
    return [d for d in list_differences() if d.what.startswith("counts")]


@SOME
@given(st.lists(steps, max_size=12))
def test_counts_and_pages_are_those_of_the_seats_whatever_was_done(crowd: World, taken: list[Any]) -> None:
    try:
        with transaction.atomic():
            write(crowd.course, "enroll", *NAMES[::2])
            for step in [None, *taken]:
                if step is not None:
                    take(crowd, step)
                assert differences_of_counts() == []
            for wanted in FILTERS:
                names = fitting(crowd.course.id, wanted)
                assert count_roster(crowd.course.id, wanted) == len(names)
                for offset in {0, 1, len(names) // 2, max(0, len(names) - 1), len(names), len(names) + 3}:
                    page = list_roster(crowd.course.id, wanted, limit=3, offset=offset)
                    assert (page.count, [row.username for row in page.rows]) == (len(names), names[offset : offset + 3])
            raise _Undo
    except _Undo:
        pass


@pytest.mark.parametrize(
    "wanted", [RosterFilter(), RosterFilter(is_active=None), RosterFilter(search="b", mode="audit")]
)
def test_a_walk_by_cursors_passes_everybody_once(crowd: World, wanted: RosterFilter) -> None:
    crowd.enroll(*NAMES)
    crowd.unenroll(*NAMES[1::4])
    split_roster_blocks(2)
    walked: list[str] = []
    after = None
    while (page := list_roster(crowd.course.id, wanted, limit=3, after=after)).rows:
        walked += [row.username for row in page.rows]
        after = page.rows[-1].id
    assert walked == fitting(crowd.course.id, wanted)


def test_every_order_shows_everybody_once_whichever_end_is_nearer(crowd: World) -> None:
    for names in (NAMES[5:9], NAMES[:5], NAMES[9:]):
        crowd.enroll(*names)
    crowd.unenroll(*NAMES[1::4])
    write(crowd.course, "enroll", *NAMES[::4], mode="honor")
    # many come at one moment: those are in the order of their rows
    run("update matricula_courseenrollment set created = date_trunc('hour', created) where mod(id, 3) > 0")
    split_roster_blocks(2)
    seats = CourseEnrollment.objects.filter(course_id=crowd.course.id)
    dates = {name: (created, id_) for name, created, id_ in seats.values_list("account__username", "created", "id")}
    half = FILTERS[::2]
    assert len(half) > 3
    for wanted in half:
        names = fitting(crowd.course.id, wanted)
        orders = {"username": names, "created": sorted(names, key=dates.__getitem__)}
        orders |= {f"-{sort}": found[::-1] for sort, found in orders.items()}
        assert set(orders) == set(SORTS)
        for sort, expected in orders.items():
            for offset in {0, len(names) // 2, len(names) // 2 + 2, max(0, len(names) - 2), len(names) + 1}:
                page = list_roster_sorted(crowd.course.id, wanted, sort, limit=3, offset=offset)
                shown = [row.username for row in page.rows]
                assert (page.count, shown) == (len(names), expected[offset : offset + 3]), (wanted, sort, offset)


def test_a_cursor_of_another_course_is_not_known(crowd: World) -> None:
    crowd.enroll("a1")
    [row] = list_roster(crowd.course.id, RosterFilter(), limit=1).rows
    with pytest.raises(UnknownCursor):
        list_roster(crowd.other.id, RosterFilter(), limit=1, after=row.id)


@pytest.mark.parametrize("wanted", [RosterFilter(), RosterFilter(None, None, "audit", False), RosterFilter(None)])
def test_a_page_with_its_count_is_one_statement(
    crowd: World, wanted: RosterFilter, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        list_roster(crowd.course.id, wanted, limit=25, offset=3)


def test_folding_leaves_a_row_for_each_thing_that_is_counted(crowd: World) -> None:
    for name in NAMES:
        crowd.enroll(name)
    assert RosterCount.objects.count() == len(NAMES)
    fold_roster_counts()
    assert RosterCount.objects.get().seats == len(NAMES)
    crowd.unenroll(*NAMES)
    fold_roster_counts()
    assert [(c.is_active, c.seats) for c in RosterCount.objects.all()] == [(False, len(NAMES))]


def test_splitting_makes_blocks_of_the_size_and_leaves_short_ones_alone(crowd: World) -> None:
    crowd.enroll(*NAMES)
    assert split_roster_blocks(len(NAMES)) == 0
    assert split_roster_blocks(4) == 3
    fold_roster_counts()
    assert sorted(c.seats for c in RosterCount.objects.all()) == [4, 4, 4, 4]
    assert split_roster_blocks(4) == 0


def test_truncated_seats_leave_no_counts(crowd: World) -> None:
    crowd.enroll(*NAMES)
    split_roster_blocks(2)
    run("set constraints all immediate")
    with as_superuser():
        run("truncate matricula_courseenrollment")
    assert not RosterCount.objects.exists() and not RosterBlock.objects.exists()


def test_the_deep_check_finds_what_was_changed_behind_its_back(crowd: World) -> None:
    record_setting()
    crowd.enroll("a0", "a1")
    assert list(list_differences()) == []
    RosterCount.objects.create(course_id=crowd.course.id, block="", is_active=True, mode="audit", seats=1)
    run("update matricula_courseenrollment set mode = 'honor' where username_key = 'a0'")
    found = {d.what: d.times for d in list_differences()}
    assert found == {
        "counts of a roster differ from its seats": 1,
        "course enrollments differ from what the journal tells last": 1,
    }
    crowd.unenroll("a0")
    assert "journal entries of course enrollments do not begin where the one before ended" in {
        d.what for d in list_differences()
    }


# --- Two connections ---


@pytest.fixture
def shared(own_database: None) -> World:
    world = make_world()
    for name in NAMES:
        make_account(name)
    return world


def aside(action: Callable[[], Any]) -> Any:
    """What the action gives on a connection of its own, while a transaction is open here."""
    results: list[Any] = []

    def work() -> None:
        try:
            results.append(action())
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(90)
    return results[0]


def test_a_block_is_not_split_while_somebody_writes_in_it_and_the_next_time_it_is(shared: World) -> None:
    shared.enroll(*NAMES[:12])
    with transaction.atomic():
        shared.enroll(*NAMES[12:])
        assert aside(lambda: split_roster_blocks(4)) == 0
    assert split_roster_blocks(4) == 3
    assert differences_of_counts() == []


def test_folding_does_not_wait_for_writers_nor_they_for_it(shared: World) -> None:
    shared.enroll("a0")
    shared.enroll("a1")
    with transaction.atomic():
        shared.enroll("a2")
        aside(fold_roster_counts)
        assert aside(lambda: count_roster(shared.course.id, RosterFilter())) == 2
    with transaction.atomic():
        fold_roster_counts()
        aside(lambda: shared.enroll("a3"))
        # somebody else folds at the same time, and passes by what is being folded here
        aside(fold_roster_counts)
    assert count_roster(shared.course.id, RosterFilter()) == 4
    assert differences_of_counts() == []


def test_many_writers_with_folding_and_splitting_in_between_lose_no_count(shared: World) -> None:
    def writer(part: int) -> None:
        for name in NAMES[part::3] * 3:
            shared.enroll(name)
            shared.unenroll(name)
            shared.enroll(name, mode="honor")

    def settler() -> None:
        for _ in range(20):
            split_roster_blocks(2)
            fold_roster_counts()

    together(lambda: writer(0), lambda: writer(1), lambda: writer(2), settler, settler)
    assert differences_of_counts() == []
    split_roster_blocks(2)
    compact_roster_counts()
    assert differences_of_counts() == []
    assert count_roster(shared.course.id, RosterFilter(mode="honor")) == len(NAMES)
