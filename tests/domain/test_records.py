"""The journal in feed order: records, positions, digests (record-api: Feed; The journal as evidence)."""

import hashlib
import typing
import uuid
from typing import Any

import msgspec
import pytest
import rfc8785

from matricula.foundation.database import fetch_all
from matricula.journal.records import BEGINNING, Record, canonical, digest_of, head, read_records
from matricula.journal.states import GradeState, State
from matricula.journal.statuses import Source, Subject
from tests.conftest import World

_VIEW = """
select id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), subject, account_id, email, student_key,
    course_id, program_id, operation, source, actor_id, transition, before::text, after::text, reason
from matricula_change order by xact nulls first, id
"""


def _all(limit: int, **wanted: Any) -> list[Record]:
    found, place, more = list[Record](), BEGINNING, True
    while more:
        records, place, more = read_records(place, limit=limit, **wanted)
        assert len(records) <= limit
        found += [record for _, record in records]
    return found


@pytest.mark.usefixtures("final_at_once")
@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_of_any_size_have_each_record_once(world: World, limit: int) -> None:
    world.enroll("sam", "new@example.org", reason="start of term")
    world.unenroll("sam")
    stored = [id_ for (id_,) in fetch_all("select id from matricula_journalentry order by xact nulls first, id", {})]
    assert [record.change_id for record in _all(limit)] == stored
    assert head() == read_records(BEGINNING, limit=10_000).position
    assert read_records(head(), limit=1) == ([], head(), False)


@pytest.mark.usefixtures("final_at_once")
def test_a_record_is_what_the_view_of_changes_shows(world: World) -> None:
    world.enroll("sam", "new@example.org", reason="start of term")
    seen = []
    for *columns, before, after, reason in fetch_all(_VIEW, {}):
        seen.append((*columns, msgspec.json.decode(before), msgspec.json.decode(after), reason))
    assert [msgspec.structs.astuple(record) for record in _all(1000)] == seen


# all of the first planes, the separators that are lines to JavaScript, and what takes two units of UTF-16
CHARACTERS = "".join(map(chr, [*range(0x800), *range(0x2000, 0x2100), 0xD7FF, 0xFEFF, 0xFFFF, 0x10000, 0x1F600]))


def _record(subject: Subject, after: dict[str, Any], text: str | None) -> Record:
    return Record(
        change_id=2**53 - 1,
        at="2027-01-15T08:45:00.000001Z",
        subject=subject,
        account_id=1,
        email=text,
        student_key=text,
        course=None,
        program=2,
        operation_id=uuid.UUID(int=7),
        source=Source.SIGN_UP,
        actor_id=None,
        transition="recorded",
        before={},
        after=after,
        reason=text,
    )


@pytest.mark.parametrize("subject", [Subject.CLIENT, Subject.GRADE])
@pytest.mark.parametrize("text", [None, CHARACTERS])
def test_the_digest_is_that_of_canonical_json(subject: Subject, text: str | None) -> None:
    record = _record(
        subject, {"v": 2, "is_active": True, "enrollment": {"b": text, "a": 0}, "scopes": ["b", "a"]}, text
    )
    published = rfc8785.dumps(msgspec.to_builtins(record))
    assert canonical(record) == published
    assert digest_of(record) == hashlib.sha256(published).digest()


def test_only_grades_have_fractions() -> None:
    """Other records are written by a faster library, which has a form of its own for fractions."""
    forms = typing.get_args(getattr(State, "__value__", State))
    assert GradeState in forms
    assert [form for form in forms if b'"number"' in msgspec.json.encode(msgspec.json.schema(form))] == [GradeState]


def test_a_grade_is_written_as_the_standard_wants_it() -> None:
    assert b'"after":{"percent":1,"v":2}' in canonical(_record(Subject.GRADE, {"v": 2, "percent": 1.0}, None))
