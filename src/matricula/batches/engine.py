"""Large batches: rows are found and decided set by set, and written in slices by several connections at once.

A slice is one transaction and has people who are in no other slice, so slices may be written in any order and at the
same time, and the rows of each are in the order of the tables' indexes. What can't be written as one of a set is
written by the kind's ``write``, as everything is in small batches; so is a slice in which somebody was faster. See
docs/decisions/0029.
"""

import contextvars
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db import IntegrityError, connection

from matricula.batches import values
from matricula.batches.kinds import get_kind, operation_of
from matricula.batches.stored import coded, collect_outcomes, form_of, int_array, options_of
from matricula.batches.values import ERROR, count_words
from matricula.enrollments.store.work import Changed, Slice
from matricula.foundation.transactions import one_transaction
from matricula.jobs.reads import JobStatus
from matricula.jobs.writes import JobCanceled, advance_job

# people in one transaction: enough that its statements cost little, few enough that nobody waits long for them
SLICE = 20_000
_encode = msgspec.json.Encoder().encode


def is_large(job: JobStatus) -> bool:
    """True for a batch that is written in slices: its kind can, and it has more rows than one transaction takes."""
    kind = get_kind(job)
    return job.total > values.CHUNK and kind.bulk is not None and kind.bulk.fits(options_of(job, kind))


def run_slices(
    job: JobStatus,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[], None] = lambda: None,
    connections: int | None = None,
) -> bool:
    """Writes what is left of a large job, or looks at it; False if ``stop`` came true before its end.

    ``progress`` is called after each slice, in whatever thread wrote it. A job that was canceled has ended.
    ``connections``: as many as the settings say.
    """
    engine = _Engine(job)
    try:
        engine.prepare()
        if not engine.write_all(stop, progress, connections or settings.ENVIRONMENT.batch_connections):
            return False
    except JobCanceled:
        pass
    with one_transaction():
        collect_outcomes(job, engine.kind)
    return True


def writer_of(job: JobStatus) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What a job does with rows, a few thousand at most: one outcome for each."""
    kind = get_kind(job)
    about, options = kind.about(job), options_of(job, kind)
    if job.kind != kind.check:
        return partial(kind.write, operation_of(job), about, options)
    assert kind.preview is not None  # noqa: S101  a kind that can be checked has one
    return partial(kind.preview, about, options)


# holds off another process that prepares the job; canceling it needs its own row only
_HOLD = "select number from matricula_jobchunk where job_id = %(job)s order by number limit 1 for no key update"
_MADE = (
    "select count(*), coalesce(max(number), 0), coalesce(min(number), 0) from matricula_jobslice where job_id = %(job)s"
)
_ASKED = """
create temporary table asked (
    number integer not null, key text not null, ask text not null, reason text,
    folded text collate "C" not null, is_address boolean not null
) on commit drop
"""
_FILL = """
insert into asked (number, key, ask, reason, folded, is_address)
select (c.number - 1) * %(chunk)s + r.n, r.key, r.ask, r.reason, lower(r.key collate "C"), strpos(r.key, '@') > 0
from matricula_jobchunk c,
    unnest(c.keys, c.asks, coalesce(c.reasons, '{}')) with ordinality r(key, ask, reason, n)
where c.job_id = %(job)s and r.ask is not null
"""
_NOT_DONE = """
and (c.number - 1) * %(chunk)s + r.n not in (
    select unnest(numbers) from matricula_jobslice where job_id = %(job)s and codes is not null
)
"""
_LOST = """
select exists (
    select from matricula_jobslice s where s.job_id = %(job)s and s.codes is null and s.rows <> (
        select count(*) from matricula_jobwork w where w.job_id = s.job_id and w.slice = s.number
    )
)
"""
_FORGET = """
with undone as (delete from matricula_jobslice where job_id = %(job)s and codes is null)
delete from matricula_jobwork where job_id = %(job)s
"""
# those who are looked at one by one, too, are in slices of whole people: nobody stands in two
_PLACE_OTHERS = """
update matricula_jobwork w set slice = %(below)s - 1 - (p.person - 1) / %(chunk)s
from (
    select ctid as place, dense_rank() over (order by held, case when held is null then lower(key collate "C") end)
        as person
    from matricula_jobwork where job_id = %(job)s and slice = 0
) p
where w.ctid = p.place and w.job_id = %(job)s and w.slice = 0
"""
_MAKE_SLICES = """
insert into matricula_jobslice (job_id, number, rows)
select job_id, slice, count(*) from matricula_jobwork where job_id = %(job)s group by job_id, slice
"""
_REJECTED = """
select count(*) from matricula_jobchunk c, unnest(c.asks) ask where c.job_id = %(job)s and c.rejected is not null
    and ask is null
"""
# says that the slices are made, also where there is nothing to write
_MARK = "insert into matricula_jobslice (job_id, number, rows, numbers, outcomes, codes) values (%s, 0, 0, '{}', '[]', '{}')"
_CASES = "select distinct standing, ask from matricula_jobwork where job_id = %(job)s and slice > 0 order by 1, 2"
_TAKE = """
select number from matricula_jobslice where job_id = %(job)s and codes is null order by number desc limit 1
for update skip locked
"""
_ROWS = "select number, key, ask, reason from matricula_jobwork where job_id = %s and slice = %s order by number"
_IN_SLICE = """
from matricula_jobwork w
join unnest(%(numbers)s::int[], %(standings)s::text[], %(asks)s::text[]) c(number, standing, ask) using (standing, ask)
where w.job_id = %(job)s and w.slice = %(slice)s
"""
_COUNT = f"select c.number, count(*) {_IN_SLICE} group by 1"
_KEEP_SET = f"""
update matricula_jobslice s set outcomes = %(outcomes)s::jsonb, numbers = r.numbers, codes = r.codes
from (select array_agg(w.number) as numbers, array_agg(c.number) as codes {_IN_SLICE}) r
where s.job_id = %(job)s and s.number = %(slice)s
"""
_KEEP_OTHERS = """
update matricula_jobslice set outcomes = %s::jsonb, numbers = %s::int[], codes = %s::int[]
where job_id = %s and number = %s
"""
# far below those that were looked at one by one from the beginning
_SPLIT_BELOW, _PARTS = -1_000_000, 1_000
_SPLIT = """
with parts as (
    update matricula_jobwork w set slice = %(below)s - p.part
    from (
        select ctid as place, (row_number() over (order by number) - 1) / %(chunk)s as part
        from matricula_jobwork where job_id = %(job)s and slice = %(slice)s
    ) p
    where w.ctid = p.place and w.job_id = %(job)s and w.slice = %(slice)s
    returning w.slice
),
whole as (delete from matricula_jobslice where job_id = %(job)s and number = %(slice)s)
insert into matricula_jobslice (job_id, number, rows) select %(job)s, slice, count(*) from parts group by slice
"""


class _Engine:
    """One job as this process does it."""

    def __init__(self, job: JobStatus) -> None:
        self.job, self.kind = job, get_kind(job)
        assert self.kind.bulk is not None  # noqa: S101  asked by ``is_large``
        self._bulk, self._form = self.kind.bulk, form_of(self.kind)
        self._about, self._options = self.kind.about(job), options_of(job, self.kind)
        self._is_check = job.kind == self.kind.check
        self._write = writer_of(job)
        self._cases: list[Any] = []
        self._outcomes: list[Any] = []
        self._set: dict[str, Any] = {}

    def prepare(self) -> None:
        """Finds whom the rows name, and makes the slices; again for what a crash of PostgreSQL has emptied.

        Errors: ``JobCanceled``.
        """
        with one_transaction():
            self._fetch(_HOLD)
            [(made, above, below)] = self._fetch(_MADE)
            [(lost,)] = self._fetch(_LOST) if made else [(False,)]
            if lost:
                self._run(_FORGET)
            if lost or not made:
                self._make_slices(above, below, first=not made)
        self._decide()

    def _make_slices(self, above: int, below: int, *, first: bool) -> None:
        places = {"above": above, "below": below}
        self._run("drop table if exists pg_temp.asked")
        self._run(_ASKED)
        self._run(_FILL if first else _FILL + _NOT_DONE)
        self._run("analyze asked")
        self._bulk.resolve(self.job.id, self._about, above, SLICE)
        self._run("drop table pg_temp.asked")
        self._run(_PLACE_OTHERS, **places)
        self._run(_MAKE_SLICES)
        if first:
            with connection.cursor() as cursor:
                cursor.execute(_MARK, [self.job.id])
            [(rejected,)] = self._fetch(_REJECTED)
            advance_job(self.job.id, rejected, {ERROR: rejected} if rejected else {})

    def _decide(self) -> None:
        """What becomes of whom, by case: the same rules as for one person, asked once for each case."""
        for number, (standing, ask) in enumerate(self._fetch(_CASES)):
            row = self._form.row("", ask, None, None)
            case, outcome = self._bulk.decide(number, standing, ask, row, self._about, self._options, self._is_check)
            self._cases.append(case)
            self._outcomes.append(outcome)
        self._set = {
            "numbers": [case.number for case in self._cases],
            "standings": [case.standing for case in self._cases],
            "asks": [case.ask for case in self._cases],
            "outcomes": _encode(self._outcomes).decode(),
        }

    def write_all(self, stop: Callable[[], bool], progress: Callable[[], None], connections: int) -> bool:
        """Writes slice after slice, several at once; False if ``stop`` came true. Errors: the first of any slice."""
        ended: list[BaseException] = []

        def work() -> bool:
            while not (halted := stop()) and not ended:
                if not self._write_next():
                    break
                progress()
            return not halted

        def work_apart() -> bool:
            try:
                return work()
            except BaseException as error:
                ended.append(error)
                raise
            finally:
                connection.close()

        if connections == 1:
            return work()
        with ThreadPoolExecutor(connections) as threads:
            # what this thread knows, such as for whom it acts
            running = [threads.submit(contextvars.copy_context().run, work_apart) for _ in range(connections)]
        if ended:
            raise ended[0]
        return all(each.result() for each in running)

    def _write_next(self) -> bool:
        """Writes a slice that nobody writes, with its outcomes, in one transaction; False if there is none left."""
        with one_transaction():
            found = self._fetch(_TAKE)
            if not found:
                return False
            counts = self._write_set(found[0][0]) if found[0][0] > 0 else self._write_others(found[0][0])
            advance_job(self.job.id, sum(counts.values()), counts)
        return True

    def _write_set(self, number: int) -> Mapping[str, int]:
        rows = dict(self._fetch(_COUNT, slice=number, **self._set))
        if not self._is_check:
            try:
                with one_transaction():
                    piece = Slice(self.job.id, number)
                    self._bulk.write(operation_of(self.job), self._about, piece, self._cases, rows)
            except (Changed, IntegrityError):
                # somebody was faster: who they are is looked at again, one by one, and no slice holds many for long
                self._run(_SPLIT, slice=number, below=_SPLIT_BELOW - _PARTS * number)
                return {}
        self._run(_KEEP_SET, slice=number, **self._set)
        counts: Counter[str] = Counter()
        for code, times in rows.items():
            counts[self._outcomes[code].word] += times
        return counts

    def _write_others(self, number: int) -> Mapping[str, int]:
        places: list[int] = []
        outcomes: list[Any] = []
        for chunk in self._rows(number):
            places += [place for place, _ in chunk]
            outcomes += self._write([row for _, row in chunk])
        different, codes = coded(outcomes)
        with connection.cursor() as cursor:
            kept = [_encode(different).decode(), int_array(places), int_array(codes)]
            cursor.execute(_KEEP_OTHERS, [*kept, self.job.id, number])
        return count_words(outcomes)

    def _rows(self, number: int) -> Iterator[list[tuple[int, Any]]]:
        """The rows of a slice, a few thousand at a time: one person's may be many."""
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, [self.job.id, number])
            while found := cursor.fetchmany(values.CHUNK):
                yield [(place, self._form.row(key, ask, None, reason)) for place, key, ask, reason in found]

    def _fetch(self, query: str, **parameters: Any) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(query, {"job": self.job.id, **parameters})
            return list(cursor.fetchall())

    def _run(self, query: str, **parameters: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(query, {"job": self.job.id, "chunk": values.CHUNK, **parameters})
