"""What is to be true in an LMS, made from the record: the journal is followed, and the newest state of a person counts.

The journal says who changed; what they are now is read from the record itself. So however often a person changed, there
is one row, and what was wanted in between is never sent.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection as database

from matricula.connections.reads import Connection, list_connected_courses
from matricula.connectors.open_edx.conditions import lock_state
from matricula.connectors.open_edx.models import LmsRow, LmsState
from matricula.connectors.open_edx.rules import Invitation, Seat, Standing, decide_target
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.folding import fold
from matricula.foundation.transactions import one_transaction
from matricula.journal.records import Position, PositionAhead, Record, Slice, head, read_records
from matricula.journal.statuses import Subject

_SLICE = 2_000
_SUBJECTS = (Subject.COURSE_ENROLLMENT, Subject.PRE_ENROLLMENT, Subject.ACCOUNT)


class Person(NamedTuple):
    """Who is in which course run: an account, or a folded address."""

    course_id: int
    account_id: int | None
    email_key: str


# an address whose invitation is gone, and which has an account by now, is that account
_PEOPLE = """
select t.course_id, coalesce(t.account_id, a.id), case when a.id is null then t.email_key else '' end, t.position
from unnest(%b::bigint[], %b::bigint[], %b::text[])
    with ordinality t(course_id, account_id, email_key, position)
left join matricula_account a on t.account_id is null and a.email_key = t.email_key and not exists (
    select 1 from matricula_preenrollment p
    where p.course_id = t.course_id and p.account_id is null and p.email_key = t.email_key
)
order by t.position
"""
# the row of an address goes on as that of its account
_ADOPT = """
update matricula_lmsrow r set account_id = a.id, email_key = ''
from unnest(%b::bigint[], %b::bigint[]) t(course_id, account_id)
join matricula_account a on a.id = t.account_id
where r.course_id = t.course_id and r.account_id is null and r.email_key = a.email_key and not exists (
    select 1 from matricula_lmsrow x where x.course_id = t.course_id and x.account_id = t.account_id
)
"""
_STANDINGS = """
select coalesce(a.email, p.email, t.email_key), coalesce(a.is_active, false), e.mode, e.is_active, p.email,
    p.auto_enroll
from unnest(%b::bigint[], %b::bigint[], %b::text[])
    with ordinality t(course_id, account_id, email_key, position)
left join matricula_account a on a.id = t.account_id
left join matricula_courseenrollment e on e.course_id = t.course_id and e.account_id = t.account_id
left join lateral (
    select b.email, b.auto_enroll from matricula_preenrollment b
    where b.account_id = t.account_id and b.course_id = t.course_id
    union all
    select w.email, w.auto_enroll from matricula_preenrollment w
    where t.account_id is null and w.account_id is null and w.email_key = t.email_key and w.course_id = t.course_id
) p on true
order by t.position
"""
# in the order of their ids, as those who record what became of them
_LOCK = """
select r.id from matricula_lmsrow r
join unnest(%b::bigint[], %b::bigint[], %b::text[]) t(course_id, account_id, email_key)
    on r.course_id = t.course_id and r.email_key = t.email_key and r.account_id is not distinct from t.account_id
order by r.id for update of r
"""
_SAVE = """
insert into matricula_lmsrow as r (connection_id, course_id, account_id, email_key, operation, email, wanted, mode,
                                   invite_email, invite_auto, version, state, tries, next_try, is_claimed, is_unsure,
                                   updated)
select %s, t.*, 1, 'waiting', 0, 0, false, false, now()
from unnest(%b::bigint[], %b::bigint[], %b::text[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[],
            %b::boolean[]) t
on conflict (course_id, account_id, email_key) do update
set connection_id = excluded.connection_id, operation = excluded.operation, email = excluded.email,
    wanted = excluded.wanted, mode = excluded.mode, invite_email = excluded.invite_email,
    invite_auto = excluded.invite_auto, version = r.version + 1, state = 'waiting', words = null, tries = 0,
    next_try = 0, updated = now()
where (r.wanted, r.mode, r.invite_email, r.invite_auto, r.email)
    is distinct from (excluded.wanted, excluded.mode, excluded.invite_email, excluded.invite_auto, excluded.email)
"""
# all that is recorded about a course run that is on this LMS from now on
_RECORDED = """
select e.course_id, e.account_id, '' from matricula_courseenrollment e where e.course_id = %(course)s
union all
select p.course_id, p.account_id, case when p.account_id is null then p.email_key else '' end
from matricula_preenrollment p
where p.course_id = %(course)s and not exists (
    select 1 from matricula_courseenrollment e where e.course_id = p.course_id and e.account_id = p.account_id
)
order by 2, 3
"""
_ROWS_OF_ACCOUNTS = (
    "select course_id, account_id from matricula_lmsrow where account_id = any(%s) and connection_id = %s"
)


def follow(connection: Connection) -> bool:
    """Bring the rows of an LMS up to date with the journal, one slice; return whether there may be more.

    The first time, for each course run that is added, and once the database was restored, all of the record is taken.
    """
    with one_transaction():
        state = lock_state(connection.id)
        courses = list_connected_courses(connection.id)
        found = _read(state)
        _change_courses(connection, state, courses)
        _save_people(connection, _people_of(connection, [record for _, record in found.records], courses))
        state.followed_xact, state.followed_id = found.position
        state.save(update_fields=["followed_xact", "followed_id", "courses"])
    return found.more


def _read(state: LmsState) -> Slice:
    """Return what is next in the journal: of a new connection, and where the database was restored, what is behind its
    end.
    """
    if state.followed_xact is not None and state.followed_id is not None:
        try:
            return read_records(Position(state.followed_xact, state.followed_id), limit=_SLICE, subjects=_SUBJECTS)
        except PositionAhead:
            # all that is recorded is looked at again
            state.courses = []
    return Slice([], head(), True)


def _change_courses(connection: Connection, state: LmsState, courses: dict[int, str]) -> None:
    """Make rows for course runs that are new on this LMS, and delete those of course runs that left it."""
    if gone := set(state.courses) - courses.keys():
        LmsRow.objects.filter(connection_id=connection.id, course_id__in=gone).delete()
    for course_id in sorted(courses.keys() - set(state.courses)):
        for chunk in _chunks(fetch_all(_RECORDED, {"course": course_id})):
            _save_people(connection, {Person(*row): None for row in chunk})
    state.courses = sorted(courses)


def _chunks(rows: Sequence[tuple[int, int | None, str]]) -> Iterator[Sequence[tuple[int, int | None, str]]]:
    return (rows[start : start + _SLICE] for start in range(0, len(rows), _SLICE))


def _people_of(connection: Connection, records: Iterable[Record], courses: dict[int, str]) -> dict[Person, UUID | None]:
    """Return who changed → the last operation that did it."""
    people: dict[Person, UUID | None] = {}
    accounts: dict[int, UUID | None] = {}
    for record in records:
        if record.subject is Subject.ACCOUNT:
            if record.account_id is not None:
                accounts[record.account_id] = record.operation_id
        elif record.course in courses:
            email_key = "" if record.account_id is not None else fold(record.email or "")
            if record.account_id is not None or email_key:
                people[Person(record.course, record.account_id, email_key)] = record.operation_id
    if accounts:
        # someone who gets another address, or is switched on or off, is looked at in each course run
        for course_id, account_id in fetch_all(_ROWS_OF_ACCOUNTS, [list(accounts), connection.id]):
            people.setdefault(Person(course_id, account_id, ""), accounts[account_id])
    return people


def _save_people(connection: Connection, people: dict[Person, UUID | None]) -> None:
    """Write what is wanted of each of these people now; a row that wants the same already stays as it is."""
    if not people:
        return
    found = fetch_all(_PEOPLE, _columns(people))
    operations = dict(zip((Person(*row[:3]) for row in found), people.values(), strict=True))
    ordered = sorted(operations, key=lambda p: (p.course_id, p.account_id or 0, p.email_key))
    columns = _columns(ordered)
    execute(_ADOPT, columns[:2])
    fetch_all(_LOCK, columns)
    targets = [decide_target(_standing(row)) for row in fetch_all(_STANDINGS, columns)]
    invitations = [target.invitation or (None, None) for target in targets]
    with database.cursor() as cursor:
        cursor.execute(
            _SAVE,
            [
                connection.id,
                *columns,
                [operations[person] for person in ordered],
                [target.email for target in targets],
                [target.wanted.value for target in targets],
                [target.mode for target in targets],
                [email for email, _ in invitations],
                [auto for _, auto in invitations],
            ],
        )


def _columns(people: Iterable[Person]) -> list[list[object]]:
    rows = list(people)
    return [[p.course_id for p in rows], [p.account_id for p in rows], [p.email_key for p in rows]]


def _standing(row: Sequence[object]) -> Standing:
    email, is_active, mode, is_enrolled, invited, auto_enroll = row
    seat = None if mode is None else Seat(str(mode), bool(is_enrolled))
    invitation = None if invited is None else Invitation(str(invited), bool(auto_enroll))
    return Standing(str(email), bool(is_active), seat, invitation)
