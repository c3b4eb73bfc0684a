"""A moment is what the tables were then, whatever was done since (record-api: Rosters of the past)."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from matricula.history.integrity import list_differences
from matricula.history.moments import programs
from matricula.history.moments.courses import course_roster_at, export_course_roster_at
from matricula.history.moments.days import Of, _keep_days
from matricula.history.moments.differences import (
    course_difference,
    program_difference,
    stream_course_difference,
    stream_program_difference,
)
from matricula.history.moments.digests import course_digest, program_digest
from matricula.history.moments.programs import export_program_roster_at, program_roster_at
from matricula.history.moments.values import Difference, Way
from matricula.models import Account, CourseEnrollment, ProgramEnrollment, RosterDay
from matricula.tabular.exports import Export
from tests.conftest import World, make_account
from tests.domain.test_journal import Doors, doors

__all__ = ["doors"]

# all that changes who is in a course run or a program
DOORS = ("enroll", "unenroll", "account_saved", "student", "student_in_course", "linked", "night")
SOME = settings(
    max_examples=3,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
acts = st.lists(
    st.tuples(st.sampled_from(DOORS), st.integers(0, 11), st.integers(0, 11), st.integers(0, 11)),
    min_size=5,
    max_size=12,
)


class Moment(NamedTuple):
    """What the tables were: account → mode, and key → (spelled, status, account)."""

    at: datetime
    enrolled: dict[int, str]
    students: dict[str, tuple[str, str, int | None]]


def seen(course_id: int, program_id: int) -> Moment:
    seats = CourseEnrollment.objects.filter(course_id=course_id, is_active=True)
    students = ProgramEnrollment.objects.filter(program_id=program_id)
    return Moment(
        timezone.now(),
        dict(seats.values_list("account_id", "mode")),
        {s.student_key_folded: (s.student_key, s.status, s.account_id) for s in students},
    )


def pages(read: Any, *about: Any, **more: Any) -> Iterator[Any]:
    cursor = None
    while True:
        page = read(*about, limit=2, after=cursor, **more)
        yield page
        cursor = page.cursor
        if cursor is None:
            return


def rows_of(read: Any, *about: Any) -> list[Any]:
    return [row for page in pages(read, *about) for row in page.rows]


def cells(export: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(export.take_blocks()).decode())))[1:]


def check_course(course_id: int, then: Moment, names: dict[int, str], moments: list[Moment]) -> None:
    wanted = sorted((names[account], mode) for account, mode in then.enrolled.items())
    found = list(pages(course_roster_at, course_id, then.at))
    assert {page.count for page in found} == {len(wanted)}
    rows = [row for page in found for row in page.rows]
    assert [(row.username, row.mode) for row in rows] == wanted
    assert all(row.since <= then.at for row in rows)
    for row in rows:
        # without a break: not from before a moment at which they were not there
        assert all(row.since > m.at for m in moments if m.at < then.at and row.account_id not in m.enrolled)
    exported = cells(export_course_roster_at(course_id, then.at, "csv"))
    assert exported == [[r.username, r.email, r.mode, f"{r.since:%Y-%m-%dT%H:%M:%SZ}"] for r in rows]
    lines = "".join(sorted(f"{name.lower()}\t{mode}\n" for name, mode in wanted))
    digest = course_digest(course_id, then.at)
    assert (digest.count, digest.digest) == (len(wanted), hashlib.sha256(lines.encode()).hexdigest())


def check_program(program_id: int, then: Moment, names: dict[int, str]) -> None:
    found = list(pages(program_roster_at, program_id, then.at))
    assert {page.count for page in found} == {len(then.students)}
    rows = [row for page in found for row in page.rows]
    with pytest.MonkeyPatch.context() as patched:
        # as of a large program: by the next keys, which are enough or not
        patched.setattr(programs, "_MANY", 0)
        for keys in (2, 1_000):
            patched.setattr(programs, "_MOST_KEYS", keys)
            assert list(pages(program_roster_at, program_id, then.at)) == found
    wanted = [(key, status, names.get(account or 0)) for _, (key, status, account) in sorted(then.students.items())]
    assert [(row.student_key, row.status, row.username) for row in rows] == wanted
    exported = cells(export_program_roster_at(program_id, then.at, "csv"))
    assert exported == [[key, status, name or ""] for key, status, name in wanted]
    lines = "".join(sorted(f"{key}\t{status}\n" for key, status, _ in wanted))
    digest = program_digest(program_id, then.at)
    assert (digest.count, digest.digest) == (len(wanted), hashlib.sha256(lines.encode()).hexdigest())


def counted(ways: list[Way]) -> dict[Way, int]:
    return {way: ways.count(way) for way in Way}


def check_course_difference(course_id: int, first: Moment, last: Moment, names: dict[int, str]) -> None:
    wanted = {}
    for account in first.enrolled.keys() | last.enrolled.keys():
        before, after = first.enrolled.get(account), last.enrolled.get(account)
        if before != after:
            wanted[names[account]] = Way.JOINED if before is None else Way.LEFT if after is None else Way.CHANGED
    found: list[Difference] = list(pages(course_difference, course_id, first.at, last.at))
    assert [(r.key, r.way) for page in found for r in page.rows] == sorted(wanted.items())
    assert all(page.counts == counted(list(wanted.values())) for page in found)
    for row in stream_course_difference(course_id, first.at, last.at):
        assert (row.before.get("is_active", False), row.after.get("is_active", False)) == (
            row.way is not Way.JOINED,
            row.way is not Way.LEFT,
        )
        assert row.change_ids


def check_program_difference(program_id: int, first: Moment, last: Moment) -> None:
    wanted = {}
    for key in first.students.keys() | last.students.keys():
        before, after = (moment.students.get(key, (key, None, None)) for moment in (first, last))
        was, became = (status not in {None, "canceled", "ended"} for status in (before[1], after[1]))
        if before[1] != after[1]:
            way = Way.CHANGED if was == became else Way.JOINED if became else Way.LEFT
            wanted[key] = (way, before[1], after[1])
    rows = rows_of(program_difference, program_id, first.at, last.at)
    assert {r.key.lower(): (r.way, r.before.get("status"), r.after.get("status")) for r in rows} == wanted
    assert rows == list(stream_program_difference(program_id, first.at, last.at))


def check_now(doors: Doors) -> None:
    """What the tables say is what the journal says of now."""
    course_id, program_id = doors.course.id, doors.university.own.pk
    both = (None, timezone.now())
    by_name, by_key = ([rows_of(read, about, at) for at in both] for read, about in (
        (course_roster_at, course_id), (program_roster_at, program_id),
    ))  # fmt: skip
    assert by_name[0] == by_name[1]
    assert by_key[0] == by_key[1]
    for export, about in ((export_course_roster_at, course_id), (export_program_roster_at, program_id)):
        assert cells(export(about, None, "csv")) == cells(export(about, both[1], "csv"))
    for digest, about in ((course_digest, course_id), (program_digest, program_id)):
        assert digest(about).digest == digest(about, both[1]).digest


WRONG_DAYS = "days of a roster differ from what the journal tells"


class _Undo(Exception):
    """Ends an example: the next starts from the same state."""


@SOME
@given(done=acts)
def test_every_moment_is_what_the_tables_were_then(doors: Doors, done: list[tuple[str, int, int, int]]) -> None:
    course_id, program_id = doors.course.id, doors.university.own.pk
    with pytest.raises(_Undo), transaction.atomic():
        moments = [seen(course_id, program_id)]
        for door, *numbers in done:
            getattr(doors, door)(*numbers)
            moments.append(seen(course_id, program_id))
        names = dict(Account.objects.values_list("pk", "username"))
        for moment in moments:
            check_course(course_id, moment, names, moments)
            check_program(program_id, moment, names)
        for first, last in zip(moments, moments[3:], strict=False):
            check_course_difference(course_id, first, last, names)
            check_program_difference(program_id, first, last)
        check_course_difference(course_id, moments[0], moments[-1], names)
        check_program_difference(program_id, moments[0], moments[-1])
        check_now(doors)
        raise _Undo


def state(seat: tuple[str, bool] | None) -> str:
    return json.dumps({"enrollment": {"mode": seat[0], "is_active": seat[1]}} if seat else {})


class Story:
    """Thousands of entries of many days, and the state of each account after each of them."""

    def __init__(self, accounts: list[int], steps: int) -> None:
        draw = random.Random(7)
        self.accounts, self.rows = accounts, []
        seats: dict[int, tuple[str, bool] | None] = dict.fromkeys(accounts)
        at = datetime(2025, 3, 1, tzinfo=UTC)
        self.first = at
        for n in range(steps):
            # the last of them come late
            account = draw.choice(accounts[: 1 + n * len(accounts) // steps])
            at += timedelta(seconds=draw.choice([0, 0, 1, 60, 40_000]))
            before, (transition, after) = seats[account], self._step(draw, seats[account])
            seats[account] = after
            self.rows.append((at, account, transition, before, after))

    @staticmethod
    def _step(draw: random.Random, seat: tuple[str, bool] | None) -> tuple[str, tuple[str, bool] | None]:
        mode = draw.choice(["audit", "honor", "no longer"])
        if seat is None or not seat[1]:
            joins = ("from unenrolled to enrolled", (mode, True)), ("from allowed to enroll to enrolled", (mode, True))
            stays = ("from unenrolled to unenrolled", seat), ("linked", seat), ("recorded", seat)
            return draw.choice([*joins, *joins, *stays])
        left = (seat[0], False)
        leaves = ("from enrolled to unenrolled", left), ("from enrolled to allowed to enroll", left)
        stays = ("from enrolled to enrolled", (mode, True)), ("linked", seat), ("recorded", seat)
        return draw.choice([*leaves, *stays])

    def store(self, course_id: int) -> None:
        ats, accounts, transitions, befores, afters = zip(*self.rows, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                """
                insert into matricula_journalentry (at, operation, subject, account_id, course_id, transition, before,
                    after)
                select at, gen_random_uuid(), 'course_enrollment', account, %s, transition, before, after
                from unnest(%s::timestamptz[], %s::bigint[], %s::text[], %s::jsonb[], %s::jsonb[])
                    with ordinality e(at, account, transition, before, after, n) order by n
                """,
                [course_id, [*ats], [*accounts], [*transitions], [*map(state, befores)], [*map(state, afters)]],
            )
        for account, seat in self._seats(ats[-1]).items():
            fields = {"mode": seat[0], "is_active": seat[1], "created": self.first}
            name = Account.objects.get(pk=account).username_key
            CourseEnrollment.objects.create(course_id=course_id, account_id=account, username_key=name, **fields)

    def _seats(self, at: datetime) -> dict[int, tuple[str, bool]]:
        last = {account: after for moment, account, _, _, after in self.rows if moment <= at}
        return {account: seat for account, seat in last.items() if seat}

    def at(self, moment: datetime) -> Moment:
        enrolled = {account: mode for account, (mode, is_active) in self._seats(moment).items() if is_active}
        return Moment(moment, enrolled, {})


def test_many_entries_of_many_days_are_counted_by_the_day(world: World) -> None:
    """The same before and after days were kept, on days that are kept, without entries, and behind all of them."""
    accounts = [make_account(f"p{n}").pk for n in range(30)]
    story, course_id = Story(accounts, 5_200), world.other.id
    story.store(course_id)
    last = story.rows[-1][0]
    shares = (0, 0.001, 0.01, 0.3, 0.7, 1)
    moments = [story.at(story.first + (last - story.first) * share) for share in shares]
    moments += [story.at(story.rows[3_000][0]), story.at(last + timedelta(days=1))]
    names = dict(Account.objects.values_list("pk", "username"))
    for wanted in (moments, moments[1::2]):
        for moment in wanted:
            page = course_roster_at(course_id, moment.at, limit=50)
            shown = [(row.account_id, row.mode) for row in page.rows]
            assert (page.count, dict(shown)) == (len(moment.enrolled), moment.enrolled)
            assert [names[account] for account, _ in shown] == sorted(names[account] for account, _ in shown)
    days = RosterDay.objects.filter(course_id=course_id)
    assert days.count() > 100
    # another reader who found nothing kept keeps the same days
    before = list(days.values_list())
    _keep_days(Of.COURSE, course_id, story.first, 0)
    assert list(days.values_list()) == before
    assert WRONG_DAYS not in {difference.what for difference in list_differences()}
    days.filter(pk=days.latest("day").pk).update(came=F("came") + 1)
    [wrong] = [difference for difference in list_differences() if difference.what == WRONG_DAYS]
    assert wrong.times == 1
    exported = cells(export_course_roster_at(course_id, moments[4].at, "csv"))
    assert [row[0] for row in exported] == sorted(names[account] for account in moments[4].enrolled)
    # by the numbers of kept days, and behind all of them
    for first, later in combinations(sorted(moments), 2):
        check_course_difference(course_id, first, later, names)
