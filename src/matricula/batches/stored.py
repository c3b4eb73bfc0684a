"""The rows of batches and their outcomes as they are stored: the one place that writes, reads and decodes them.

A chunk is a few thousand rows as arrays, one element for each row: its key; what is asked for it, as the JSON of the
other fields of its struct (null for a row that was rejected before: its ``Rejected`` is then the next of ``rejected``;
where there is no further one, for a row that was left out); its reason, its number in the file. ``numbers`` of one
element is that of the first row, if the others follow it. A plan's chunk also has the account that each row names, how
many rows would do what (``effects``), and which are excluded.
An outcome is a place in the chunk's list of different outcomes; null where there is none. Enums are stored by value.
A chunk without a version is from before there were arrays: the kind knows how to read it.
"""

import uuid
from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice, repeat
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import msgspec
from django.db import connection
from msgspec import Struct
from psycopg import Copy

from matricula.batches import values
from matricula.batches.values import ERROR, Effect, Kind, LeftOut, Previewed, Rejected
from matricula.foundation.database import execute, fetch_all
from matricula.foundation.transactions import one_transaction
from matricula.jobs.reads import JobStatus
from matricula.jobs.statuses import UNFINISHED
from matricula.jobs.writes import advance_job, lock_unfinished_job

VERSION: Literal[2] = 2
_OPTIONS_VERSION: Literal[1] = 1
_CHUNKS_HELD = 4
# the code of a row that has no outcome
_NONE = -1
# so many different requests are remembered as they are stored
_DIFFERENT = 10_000
_encode = msgspec.json.Encoder().encode
AnyKind = Kind[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One transaction's share of a batch."""

    number: int
    rows: list[Any]


def stored_options(options: values.Options) -> dict[str, Any]:
    """What is said once for all rows, for a job to keep."""
    return {"v": _OPTIONS_VERSION, **msgspec.to_builtins(options)}


def options_of(job: JobStatus, kind: AnyKind) -> Any:
    """The kind's options of a job."""
    return msgspec.convert(job.options, kind.options)


class RowForm:
    """How the rows of one struct are taken apart, and put together again."""

    def __init__(self, row: type[Struct], key: str) -> None:
        fields = row.__struct_fields__
        self._row, self.key = row, key
        defaults = row.__struct_defaults__
        self._defaults = ["" for _ in fields[: len(fields) - len(defaults)]] + [*defaults]
        self.has_number, self.has_reason = "number" in fields, "reason" in fields
        self._places = {name: place for place, name in enumerate(fields)}
        self.has_account = "account_id" in fields
        apart = {key, "number", "reason", "account_id"}
        self._ask_places = [place for name, place in self._places.items() if name not in apart]
        self.ask_of: Callable[[Any], Any] = attrgetter(*(fields[place] for place in self._ask_places))
        self._single = len(self._ask_places) == 1
        self._asks: dict[Any, str] = {}
        self._read: dict[str, list[Any]] = {}

    def ask(self, asked: Any) -> str:
        """What ``ask_of`` gave, as it is stored, as an element of an array."""
        made = self._asks.get(asked)
        if made is None:
            if len(self._asks) > _DIFFERENT:
                self._asks.clear()
            made = self._asks[asked] = _element(_encode([asked] if self._single else asked).decode())
        return made

    def text(self, row: Any) -> str:
        """What a row asks for, as it is stored."""
        asked = self.ask_of(row)
        return _encode([asked] if self._single else asked).decode()

    def row(self, key: str, ask: str, number: int | None, reason: str | None, account_id: int | None = None) -> Any:
        """The row again; fields at the end may be missing. Errors: ``msgspec.ValidationError`` where it isn't one."""
        read = self._read.get(ask)
        if read is None:
            if len(self._read) > _DIFFERENT:
                self._read.clear()
            template: list[Any] = [*self._defaults]
            for place, value in zip(self._ask_places, msgspec.json.decode(ask, type=list), strict=False):
                template[place] = value
            msgspec.convert(template, self._row)
            read = self._read[ask] = template
        fields = [*read]
        fields[self._places[self.key]] = key
        if self.has_number:
            fields[self._places["number"]] = number
        if self.has_reason:
            fields[self._places["reason"]] = reason
        if self.has_account:
            fields[self._places["account_id"]] = account_id
        return self._row(*fields)


_forms: dict[str, RowForm] = {}


def form_of(kind: AnyKind) -> RowForm:
    """The form of a kind's rows."""
    form = _forms.get(kind.job)
    if form is None:
        assert kind.row is not None  # noqa: S101  kinds without are never stored
        form = _forms[kind.job] = RowForm(kind.row, kind.key)
    return form


_ADD = "copy matricula_jobchunk (job_id, number, version, keys, asks, reasons, numbers, rejected) from stdin"


def keep_rows(job_id: uuid.UUID, rows: Iterable[Any], kind: AnyKind) -> int:
    """Stores the rows of a job in their order, never all of them in memory; how many."""
    remaining, total, form = iter(rows), 0, form_of(kind)
    with connection.cursor() as cursor:
        for number in count(1):
            # what is known of the rows may be looked up meanwhile, so no copy is open
            chunk = list(islice(remaining, values.CHUNK))
            if not chunk:
                return total
            with cursor.copy(_ADD) as copy:
                copy.write_row([job_id, number, VERSION, *_columns(form, chunk)])
            total += len(chunk)
    raise AssertionError


def _columns(form: RowForm, chunk: Sequence[Any]) -> list[str | None]:
    rejected = [row for row in chunk if isinstance(row, Rejected)]
    given = [None if isinstance(row, Rejected) else row for row in chunk] if rejected else chunk
    key, ask_of, ask = attrgetter(form.key), form.ask_of, form.ask
    keys = [row.key if isinstance(row, Rejected) else key(row) for row in chunk] if rejected else [*map(key, given)]
    asks = (
        ["NULL" if row is None else ask(ask_of(row)) for row in given] if rejected else [*map(ask, map(ask_of, given))]
    )
    reasons = [row and row.reason for row in given] if form.has_reason else []
    numbers = [row.number for row in chunk] if form.has_number else []
    return [
        text_array(keys),
        f"{{{','.join(asks)}}}",
        text_array(reasons) if any(reasons) else None,
        _numbers(numbers),
        _encode(rejected).decode() if rejected else None,
    ]


def _numbers(numbers: Sequence[int | None]) -> str | None:
    known = [number for number in numbers if number is not None]
    if not known or len(known) < len(numbers):
        return None
    if known == list(range(known[0], known[0] + len(known))):
        known = known[:1]
    return f"{{{','.join(map(str, known))}}}"


def text_array(texts: Sequence[str | None]) -> str:
    """Texts as PostgreSQL reads an array: the driver would write it element by element."""
    try:
        joined = '","'.join(texts)  # type: ignore[arg-type]  # most have none missing
    except TypeError:
        joined = '"'
    if "\\" not in joined and joined.count('"') == 2 * (len(texts) - 1):
        return f'{{"{joined}"}}'
    return "{" + ",".join([_element(text) for text in texts]) + "}"


def _element(text: str | None) -> str:
    if text is None:
        return "NULL"
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


_HOLD = """
create temporary table uploaded (
    line bigint generated always as identity,
    course text, student_key text not null, status text not null, course_staff boolean,
    course_id bigint,
    folded text collate "C" not null generated always as (lower(student_key collate "C")) stored
) on commit drop
"""
_STORE = """
with stored as (
    insert into matricula_jobchunk (job_id, number, version, keys, asks)
    select %(job)s, (r.n - 1) / %(size)s + 1, %(version)s, array_agg(r.student_key order by r.n),
        array_agg(jsonb_build_array({fields})::text order by r.n)
    from ({numbered}) r group by 2
    returning cardinality(keys) as n
)
select coalesce(sum(n), 0) from stored
"""
# one entry for each student, under the key's first spelling
_STORE_STUDENTS = _STORE.format(
    fields="r.status, r.repeated",
    numbered="""
    select s.*, row_number() over (order by s.student_key collate "C") as n
    from (
        select distinct on (folded) student_key, status, count(*) over (partition by folded) > 1 as repeated
        from uploaded order by folded, line
    ) s
    """,
)
_STORE_COURSE_STUDENTS = _STORE.format(
    fields="r.course, r.status, r.repeated, r.course_id, r.course_staff",
    numbered="""
    select u.*, row_number() over (order by u.line) as n,
        u.course_id is not null and count(*) over (partition by u.course_id, u.folded) > 1 as repeated
    from uploaded u
    """,
)


def keep_students(job_id: uuid.UUID, rows: Iterable[Any], _kind: AnyKind) -> int:
    """Stores the students of a program by key, each once, marked where the file repeats one; how many."""
    return _keep_marked(job_id, rows, ("student_key", "status"), _STORE_STUDENTS)


def keep_course_students(job_id: uuid.UUID, rows: Iterable[Any], _kind: AnyKind) -> int:
    """Stores the students of its course runs in the order of the file, marked where it repeats one; how many."""
    columns = ("course", "student_key", "status", "course_id", "course_staff")
    return _keep_marked(job_id, rows, columns, _STORE_COURSE_STUDENTS)


def _keep_marked(job_id: uuid.UUID, rows: Iterable[Any], columns: Sequence[str], query: str) -> int:
    """Copies the rows into a temporary table as they are read, and from there into the job's chunks."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.uploaded")
        cursor.execute(_HOLD)
        remaining = map(attrgetter(*columns), rows)
        while block := list(islice(remaining, values.CHUNK)):
            with cursor.copy(f"copy uploaded ({', '.join(columns)}) from stdin") as copy:
                _copy_block(copy, block)
        cursor.execute("analyze uploaded")
        cursor.execute(query, {"job": job_id, "size": values.CHUNK, "version": VERSION})
        [total] = cursor.fetchone()
        cursor.execute("drop table pg_temp.uploaded")
    return int(total)


def _copy_block(copy: Copy, block: Sequence[tuple[Any, ...]]) -> None:
    """Texts alone, as most are, go in one piece."""
    try:
        text = "\n".join(map("\t".join, block))
    except TypeError:
        text = ""
    if text.count("\n") == len(block) - 1 and text.count("\t") == len(block) * (len(block[0]) - 1) and "\r" not in text:
        copy.write(text.replace("\\", r"\\") + "\n")
        return
    for row in block:
        copy.write_row(row)


class RowChunk(NamedTuple):
    """A chunk as it is stored; an outcome is None where there is none, ``excluded`` empty where no row is."""

    number: int
    rows: list[Any]
    outcomes: list[Any]
    people: Sequence[int | None]
    excluded: Sequence[bool]


def read_chunks(job_id: uuid.UUID, kind: AnyKind) -> Iterator[RowChunk]:
    """The chunks of a job in order, one after the other."""
    for (number,) in fetch_all("select number from matricula_jobchunk where job_id = %s order by number", [job_id]):
        chunk = read_chunk(job_id, kind, number)
        if chunk is not None:
            yield chunk


def list_asks() -> list[str]:
    """The different things that the rows of a large job ask for (``engine.sql``: asked)."""
    return [ask for (ask,) in fetch_all("select distinct ask from asked", [])]


_CHUNK = """
select number, version, keys, asks, reasons, numbers, rejected::text, people, excluded, outcomes::text, codes,
    input::text, results::text
from matricula_jobchunk where job_id = %s
"""
_NEXT = f"{_CHUNK} and codes is null and results is null order by number limit 1"


def lock_next_rows(job: JobStatus, kind: AnyKind) -> Chunk | None:
    """Holds the job until the transaction ends and gives its next undone rows; None if there are none left.

    Two workers that run one job by mistake thus do its chunks in turn, each once.
    """
    if not lock_unfinished_job(job.id):
        return None
    found = fetch_all(_NEXT, [job.id])
    return Chunk(found[0][0], _decoded(kind, found[0][1:])[0]) if found else None


_KEEP = """
update matricula_jobchunk set outcomes = %s::jsonb, codes = %s::int[], counts = %s::jsonb
where job_id = %s and number = %s
"""
_KEEP_PLANNED = """
update matricula_jobchunk set effects = %s::jsonb, people = coalesce(people, %s::bigint[])
where job_id = %s and number = %s
"""


def keep_outcomes(job_id: uuid.UUID, chunk: Chunk, outcomes: Sequence[Any], counts: Mapping[str, int]) -> None:
    """Stores what became of the rows and moves the job on, in the transaction that did the work."""
    different, codes = coded(outcomes)
    stored = [_encode(different).decode(), int_array(codes), _encode(counts).decode()]
    execute(_KEEP, [*stored, job_id, chunk.number])
    advance_job(job_id, sum(row is not LeftOut.ROW for row in chunk.rows), counts)


def keep_planned(
    job_id: uuid.UUID, kind: AnyKind, chunk: Chunk, planned: Sequence[Previewed[Any] | None], counts: Mapping[str, int]
) -> None:
    """As ``keep_outcomes``, of a plan: with what the rows would do, and whom they name."""
    outcomes = [preview and preview.outcome for preview in planned]
    keep_outcomes(job_id, chunk, outcomes, counts)
    effects = Counter([Effect.REJECTED if outcome is None else kind.effect(outcome) for outcome in outcomes])
    people = int_array(preview and preview.account_id for preview in planned) if kind.names_accounts else None
    execute(_KEEP_PLANNED, [_encode(effects).decode(), people, job_id, chunk.number])


def coded(outcomes: Iterable[Any]) -> tuple[list[Any], list[int | None]]:
    """The different outcomes, and the place of each outcome among them; None where there is none."""
    places: dict[Any, int] = {}
    codes = [None if outcome is None else places.setdefault(outcome, len(places)) for outcome in outcomes]
    return [*places], codes


def int_array(numbers: Iterable[int | None]) -> str:
    """Whole numbers as PostgreSQL reads an array."""
    return "{" + ",".join(["NULL" if n is None else str(n) for n in numbers]) + "}"


def list_outcomes(job: JobStatus, kind: AnyKind) -> Iterator[tuple[Any, Any]]:
    """Each row that is done (or its ``Rejected``) with its outcome (or None), in order; a few chunks are held.

    Those of a large job are known once it has ended.
    """
    collect_left(job, kind)
    for _number, *stored in _paged(_DONE, job.id, 0, _CHUNKS_HELD):
        yield from _told(kind, stored)


def find_outcomes(
    job: JobStatus, kind: AnyKind, words: Container[str] | None, offset: int, limit: int
) -> list[tuple[Any, Any]]:
    """A page of what ``list_outcomes`` gives, of rows that ended with one of the ``words``; None: with any.

    The chunks before it are passed over by their counts.
    """
    collect_left(job, kind)
    found: list[tuple[Any, Any]] = []
    for number, text in fetch_all(_COUNTS, [job.id]):
        counts = msgspec.json.decode(text, type=dict[str, int]) if text else {}
        fitting = sum(n for word, n in counts.items() if words is None or word in words) if text else None
        if fitting is not None and fitting <= offset:
            offset -= fitting
            continue
        [(_, *stored)] = fetch_all(f"{_CHUNK} and number = %s", [job.id, number])
        told = [row for row in _told(kind, stored) if words is None or _word(row) in words]
        found += told[offset : offset + limit - len(found)]
        offset = max(0, offset - len(told))
        if len(found) == limit:
            break
    return found


def collect_left(job: JobStatus, kind: AnyKind) -> None:
    """A job may be canceled when the worker that would collect its outcomes is dead."""
    if job.state not in UNFINISHED and fetch_all(_SLICED, [job.id]):
        with one_transaction():
            collect_outcomes(job, kind)


def _word(told: tuple[Any, Any]) -> str:
    row, outcome = told
    return ERROR if isinstance(row, Rejected) else str(outcome.word)


def read_chunk(job_id: uuid.UUID, kind: AnyKind, number: int) -> RowChunk | None:
    """A chunk of a job by its number; None if there is none."""
    found = fetch_all(f"{_CHUNK} and number = %s", [job_id, number])
    if not found:
        return None
    [(_, *stored)] = found
    rows, outcomes = _decoded(kind, stored)
    people, excluded = stored[6:8]
    return RowChunk(number, rows, outcomes or [None] * len(rows), people or (), excluded or ())


_DONE = f"{_CHUNK} and (codes is not null or results is not null) and number > %s order by number limit %s"
_COUNTS = """
select number, counts::text from matricula_jobchunk where job_id = %s and (codes is not null or results is not null)
order by number
"""


def _paged(query: str, job_id: uuid.UUID, first: int, held: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a query that begins behind a number, which is their first column; a few are held at a time."""
    while found := fetch_all(query, [job_id, first, held]):
        yield from found
        first = found[-1][0]


def _told(kind: AnyKind, stored: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Those rows of a chunk that are done."""
    rows, outcomes = _decoded(kind, stored)
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome is not None or isinstance(row, Rejected):
            yield row, outcome


def _decoded(kind: AnyKind, stored: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Rows, or those of them that were rejected, and outcomes."""
    version, keys, asks, reasons, numbers, rejected, people, _excluded, outcomes, codes, given, results = stored
    if version is None:
        rows, earlier = _unversioned(kind)(msgspec.json.decode(given), msgspec.json.decode(results or "[]"))
    elif version == VERSION:
        earlier = []
        each = (keys, asks, _all_numbers(numbers, len(keys)), reasons or repeat(None), people or repeat(None))
        rows = _rows(kind, zip(*each, strict=False), rejected)
    else:
        raise ValueError(f"rows of a job {kind.job} have the unknown version {version}")
    if codes is None:
        return rows, earlier
    different = msgspec.json.decode(outcomes, type=list[kind.outcome])  # type: ignore[name-defined]
    return rows, [None if code is None else different[code] for code in codes]


def _rows(
    kind: AnyKind, each: Iterable[tuple[str, str | None, int | None, str | None, int | None]], rejected: str | None
) -> list[Any]:
    form = form_of(kind)
    others = iter(msgspec.json.decode(rejected, type=list[Rejected]) if rejected else ())
    return [
        next(others, LeftOut.ROW) if ask is None else form.row(key, ask, number, reason, account_id)
        for key, ask, number, reason, account_id in each
    ]


def _all_numbers(numbers: Sequence[int] | None, rows: int) -> Iterable[int | None]:
    if numbers is None:
        return repeat(None, rows)
    return range(numbers[0], numbers[0] + rows) if len(numbers) == 1 else numbers


def _unversioned(kind: AnyKind) -> Callable[[list[Any], list[Any]], tuple[list[Any], list[Any]]]:
    if kind.unversioned is None:
        raise ValueError(f"rows of a job {kind.job} have no version")
    return kind.unversioned


_SLICED = "select from matricula_jobslice where job_id = %s limit 1"
_SLICES = """
select number, numbers, outcomes::text, codes, held from matricula_jobslice
where job_id = %s and codes is not null and number > %s order by number limit %s
"""
_SHAPES = """
select number, cardinality(keys),
    case when rejected is null then 0 else (select count(*) from unnest(asks) ask where ask is null) end
from matricula_jobchunk where job_id = %s order by number
"""
# not the row of the job: a slice that is being written while its job is canceled waits for that
_HOLD_FIRST = """
select number from matricula_jobchunk where job_id = %s order by number limit 1 for no key update
"""
_BEHIND_ALL = -(2**31)


def hold_chunks(job_id: uuid.UUID) -> None:
    """Holds off other processes that make the slices of a job or collect their outcomes, until the transaction ends."""
    fetch_all(_HOLD_FIRST, [job_id])


def collect_outcomes(job: JobStatus, kind: AnyKind) -> None:
    """Brings the outcomes of a large job's slices into the order of its rows, in the caller's transaction.

    Four bytes a row are held, of a plan twelve. All slices are written, or the job has ended: then rows of the others
    have no outcome, and a slice that is still being written is undone.
    """
    hold_chunks(job.id)
    if not fetch_all(_SLICED, [job.id]):
        # another one has done it meanwhile
        return
    places: dict[Any, int] = {}
    is_plan = job.kind == kind.check
    shapes = fetch_all(_SHAPES, [job.id])
    rows_of_all = sum(rows for _, rows, _ in shapes)
    codes = array("i", repeat(_NONE, rows_of_all + 1))
    people = array("q", repeat(_NONE, rows_of_all + 1)) if is_plan and kind.names_accounts else None
    for _, numbers, told, slice_codes, held in _paged(_SLICES, job.id, _BEHIND_ALL, _CHUNKS_HELD):
        outcomes = msgspec.json.decode(told, type=list[kind.outcome])  # type: ignore[name-defined]
        moved = [places.setdefault(outcome, len(places)) for outcome in outcomes]
        for number, code in zip(numbers, slice_codes, strict=True):
            codes[number] = moved[code]
        if people:
            for number, account_id in zip(numbers, held, strict=True):
                people[number] = _NONE if account_id is None else account_id
    different = [(outcome.word, kind.effect(outcome) if is_plan else None, _encode(outcome)) for outcome in places]
    first = 1
    for number, rows, rejected in shapes:
        part = slice(first, first + rows)
        _collect_chunk(job.id, number, codes[part], rejected, different, people and people[part])
        first += rows
    execute("delete from matricula_jobslice where job_id = %s", [job.id])


def _collect_chunk(
    job_id: uuid.UUID,
    number: int,
    codes: "array[int]",
    rejected: int,
    different: Sequence[tuple[str, Effect | None, bytes]],
    people: "array[int] | None",
) -> None:
    counted = Counter(codes)
    del counted[_NONE]
    counts = Counter({ERROR: rejected} if rejected else {})
    effects = Counter({Effect.REJECTED: rejected} if rejected else {})
    for code, times in counted.items():
        word, effect, _ = different[code]
        counts[word] += times
        if effect:
            effects[effect] += times
    if counts:
        used = {code: place for place, code in enumerate(sorted(counted))}
        told = b"[" + b",".join(different[code][2] for code in used) + b"]"
        placed = int_array(map(used.get, codes))
        execute(_KEEP, [told.decode(), placed, _encode(counts).decode(), job_id, number])
        if effects:
            named = int_array(None if account == _NONE else account for account in people) if people else None
            execute(_KEEP_PLANNED, [_encode(effects).decode(), named, job_id, number])
