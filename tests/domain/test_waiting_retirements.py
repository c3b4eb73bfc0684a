"""A retirement waits for what may still write what it read before; what was written then is cleaned."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from matricula.batches.kinds import CHECKS, DONE_BY_WORKERS, OF_FILES, TITLES
from matricula.enrollments.program.students import StudentFilter
from matricula.grades.writes import GradeRequest, save_grades
from matricula.jobs.downloads import run_download, start_download
from matricula.jobs.reads import JobStatus, get_job
from matricula.jobs.statuses import DOWNLOAD_KINDS, EXPORT_LIST, FETCH_LMS_GRADES, UNDO, JobKind
from matricula.jobs.writes import complete_job, record_job
from matricula.journal.statuses import COMMAND, Source
from matricula.journal.writes import new_operation
from matricula.listings.exports import ListedStudents, start_list
from matricula.models import Job
from matricula.retirement.runs import Unsettled, run_retirements
from matricula.retirement.writes import Whom, request_retirement
from matricula.tabular.exports import Export
from matricula.worker.tasks import _DOWNLOADS
from tests.conftest import World, as_superuser, make_account
from tests.domain.program_jobs import enroll, link, study
from tests.domain.test_retirement import found_in, texts_of_files
from tests.university import University

ALL_KINDS = sorted({*JobKind, *DOWNLOAD_KINDS, UNDO, FETCH_LMS_GRADES, *TITLES, *OF_FILES, *CHECKS, *DONE_BY_WORKERS})


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_job_that_runs_is_waited_for(kind: str, world: World) -> None:
    job = record_job(kind, actor_id=None, source=COMMAND, course_id=None, options={})
    request_retirement(Whom("sam"), actor_id=None, reason=None)
    with as_superuser(), pytest.raises(Unsettled):
        run_retirements()
    assert complete_job(job)
    # what begins later reads what is left; so does what waits for its turn, or for its plan
    now, waits = timezone.now(), {"waits_for": "1"}
    for state, options in (("pending", {}), ("running", waits)):
        Job.objects.create(
            id=uuid.uuid4(), kind=kind, state=state, source=COMMAND, options=options, created=now, updated=now
        )
    with as_superuser():
        assert len(run_retirements().retired) == 1


def test_a_task_that_runs_is_waited_for(world: World) -> None:
    """Such as the one that writes reports: it is no job."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status) values ('q', 'reports', 'doing')"
        )
    request_retirement(Whom("sam"), actor_id=None, reason=None)
    with as_superuser(), pytest.raises(Unsettled):
        run_retirements()
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'succeeded'")
    with as_superuser():
        assert len(run_retirements().retired) == 1


def test_a_transaction_that_reads_accounts_is_waited_for(world: World) -> None:
    """Such as a snapshot on its way into its file."""
    other = connection.copy()
    request_retirement(Whom("sam"), actor_id=None, reason=None)
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select count(*) from matricula_account")
            with as_superuser(), pytest.raises(Unsettled):
                run_retirements()
    finally:
        other.close()
    with as_superuser():
        assert len(run_retirements().retired) == 1


def _start_of(kind: str, university: University) -> uuid.UUID:
    """A download of this kind, by the road of those who ask for one."""
    if kind == EXPORT_LIST:
        listed = ListedStudents(StudentFilter(), names=True)
        about: dict[str, Any] = {"course_id": None, "program_id": university.own.pk}
        return start_list(listed, actor_id=university.root.pk, source=Source.CONSOLE, reason=None, **about)
    course_id = university.course.pk if "_all_" not in kind and "course" in kind else None
    return start_download(
        kind, actor_id=None, source=Source.API, program_id=university.own.pk, course_id=course_id, form="csv"
    )


@pytest.mark.parametrize("kind", sorted(_DOWNLOADS))
def test_a_file_that_is_being_written_is_waited_for_and_cleaned(
    kind: str, university: University, final_at_once: None, tmp_path: Path
) -> None:
    person = make_account("qvander", last_name="Vandermeulen", email="vandermeulen@quartz.example")
    enroll("NQ-77-4711")
    link("NQ-77-4711", person)
    study(university.course.pk, "NQ-77-4711")
    operation = new_operation(None, COMMAND)
    save_grades(operation, [GradeRequest(university.course.pk, person.pk, 0.75, "B", True)])
    job = get_job(_start_of(kind, university))
    tried = []

    def read_before(job: JobStatus) -> Export:
        export = _DOWNLOADS[kind](job).read_ahead(1_000)
        assert export is not None
        request_retirement(Whom("qvander"), actor_id=None, reason=None)
        return export

    def stop() -> bool:
        # the rows are read, the file isn't written yet
        if not tried:
            tried.append(True)
            with as_superuser(), pytest.raises(Unsettled):
                run_retirements()
        return False

    assert run_download(job, read_before, stop)
    assert found_in(texts_of_files(tmp_path))
    with as_superuser():
        assert len(run_retirements().retired) == 1
    assert found_in(texts_of_files(tmp_path)) == set()


def test_each_kind_of_download_is_tried() -> None:
    assert set(_DOWNLOADS) == set(DOWNLOAD_KINDS)
