"""A held upload in the console: its plan is a page like others, and approving it applies it."""

import io

from matricula.batches.kinds import STUDENTS
from matricula.batches.planning import start_upload
from matricula.batches.values import Options
from matricula.jobs.reads import get_job
from matricula.journal.statuses import UPLOAD
from matricula.models import Plan, Program, ProgramEnrollment
from matricula.worker.tasks import carry_out
from tests.console.conftest import Reader, fingerprint_of, words_of
from tests.domain.program_jobs import enroll, facts
from tests.university import University


def test_it_is_reviewed_on_its_page_and_applied_by_the_approval(university: University) -> None:
    Program.objects.filter(pk=facts().id).update(hold_uploads=True)
    enroll(*(f"S-{n:02}" for n in range(12)))
    rows = "".join(f"S-{n:02},canceled\n" for n in range(12))
    stream = io.BytesIO(f"student_key,status\n{rows}".encode())
    job_id = start_upload(STUDENTS, facts(), stream, Options(), actor_id=university.writer().pk, source=UPLOAD)
    plan_id = Plan.objects.get().pk
    carry_out(get_job(plan_id))
    reader, page = Reader(university.root), f"/plans/{plan_id}/"
    assert "S-07" in words_of(reader.get(page)) and "waiting for approval" in words_of(reader.get(page))
    reader.post(f"{page}review/", decision="approved", fingerprint=fingerprint_of(page))
    assert "You approved the plan. The upload is being applied now." in words_of(reader.get(page))
    carry_out(get_job(job_id))
    assert "applied" in words_of(reader.get(page))
    assert set(ProgramEnrollment.objects.values_list("status", flat=True)) == {"canceled"}
