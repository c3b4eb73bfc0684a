"""Batches that are large enough to be written in slices, and what must be so at their end."""

import io
import uuid
from collections.abc import Sequence

from django.db import connection

from matricula.batches.courses import CourseOptions, CourseRow
from matricula.batches.engine import run_slices
from matricula.batches.kinds import COURSE_ENROLLMENTS, STUDENTS
from matricula.batches.runs import start_batch
from matricula.batches.stored import AnyKind, list_outcomes
from matricula.history.integrity import list_differences
from matricula.jobs.reads import get_job
from matricula.models import JobSlice
from tests.batches import start_program_upload
from tests.conftest import World
from tests.journal import changes, record_setting
from tests.university import facts

# accounts, and addresses that no one has: these are written one by one, in slices of 5,000 and of the rest
KNOWN, NEW = 1_500, 5_100
SLICES = [1, -1, -2]
_ACCOUNTS = """
insert into matricula_account (username, email, first_name, last_name, password, is_active, activated, is_staff,
    is_superuser, language, date_joined)
select 'p' || n, 'p' || n || '@example.org', '', '', '!', true, now(), false, false, '', now()
from generate_series(1, %s) n
"""


def make_people(count: int = KNOWN) -> list[str]:
    """Active accounts; their usernames."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, [count])
    record_setting()
    return [f"p{n}" for n in range(1, count + 1)]


def start_task(
    world: World, names: Sequence[str], kind: AnyKind = COURSE_ENROLLMENTS, **said: str | bool | None
) -> uuid.UUID:
    """A task that enrolls them; strangers are invited."""
    options = CourseOptions(**{"auto_enroll": True, **said})  # type: ignore[arg-type]
    return start_batch(kind, world.course, map(CourseRow, names), options, actor_id=world.admin.pk, source="api")


def start_large_task(world: World) -> tuple[uuid.UUID, list[str]]:
    """A task of three slices, in which those of all slices take turns; and whom it enrolls."""
    known, new = make_people(), [f"n{n:04}@example.org" for n in range(NEW)]
    names = [name for pair in zip(known, new, strict=False) for name in pair] + new[KNOWN:]
    return start_task(world, names), names


def start_large_upload() -> tuple[uuid.UUID, list[str]]:
    """An upload of three slices: some have a status that doesn't exist; and the words that it must end with."""
    rows = [(f"S-{n:05}", "enrolled" if n % 6 == 0 else "nonsense") for n in range(KNOWN + NEW)]
    file = "student_key,status\n" + "".join(f"{key},{status}\n" for key, status in rows)
    job_id = start_program_upload(io.BytesIO(file.encode()), facts(), actor_id=None, source="upload")
    return job_id, ["enrolled" if status == "enrolled" else "invalid-status" for _, status in rows]


def write_slices(job_id: uuid.UUID, count: int, size: int = 20_000) -> None:
    """Writes so many slices, and no more."""
    written: list[None] = []
    assert not run_slices(
        get_job(job_id), lambda: len(written) >= count, lambda: written.append(None), connections=1, size=size
    )


def assert_done_once(job_id: uuid.UUID, names: Sequence[str]) -> None:
    """Everyone has an enrollment or an invitation of this job, one entry and one outcome, in the order of the rows."""
    job = get_job(job_id)
    assert (job.state, job.done, job.total) == ("completed", len(names), len(names))
    outcomes = list(list_outcomes(job, COURSE_ENROLLMENTS))
    assert [row.identifier for row, _ in outcomes] == list(names)
    assert [outcome.word for _, outcome in outcomes] == ["allowed" if "@" in name else "enrolled" for name in names]
    assert sum(job.counts.values()) == len(names)
    entries = changes().filter(operation=job_id)
    assert entries.filter(account_id=None).values("email").distinct().count() == sum("@" in name for name in names)
    assert entries.exclude(account_id=None).values("account_id").distinct().count() == sum(
        "@" not in name for name in names
    )
    assert entries.count() == len(names)
    assert_no_difference(job_id)


def assert_no_difference(*job_ids: uuid.UUID) -> None:
    """All agrees with the journal, and nothing of these jobs is left."""
    assert list(list_differences()) == []
    assert not JobSlice.objects.filter(job_id__in=job_ids).exists()


def undone_slices(job_id: uuid.UUID) -> list[int]:
    """The numbers of slices that are not written, in the order in which they are taken."""
    numbers = JobSlice.objects.filter(job_id=job_id, codes=None).values_list("number", flat=True)
    return sorted(numbers, key=lambda number: (number < 0, abs(number)))


def words_of(job_id: uuid.UUID, kind: AnyKind = STUDENTS) -> list[str]:
    """The words of the rows that are done, in order."""
    return [outcome.word for _, outcome in list_outcomes(get_job(job_id), kind)]
