"""Canceling needs the right to write there, asked at that moment; the journal keeps who it was."""

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client as HttpClient

from matricula.batches.rights import may_cancel
from matricula.jobs import statuses
from matricula.jobs.canceling import CancelRejected, cancel_job
from matricula.jobs.downloads import start_download
from matricula.jobs.reads import get_job
from matricula.jobs.writes import add_job
from matricula.journal.writes import new_operation
from matricula.models import Account, CourseRole, Job, RoleGrant
from tests.batches import start_enrollment_task
from tests.console.conftest import Reader, words_of
from tests.domain.program_jobs import facts, upload
from tests.journal import changes
from tests.university import OWN, University, grant

Start = Callable[[University, Account], uuid.UUID]


def start_upload(university: University, owner: Account) -> uuid.UUID:
    job_id = upload("student_key,status\na,enrolled")
    Job.objects.filter(pk=job_id).update(actor=owner)
    return job_id


def start_students(_university: University, owner: Account) -> uuid.UUID:
    kind = statuses.LIST_PROGRAM_ENROLLMENTS
    return start_download(kind, actor_id=owner.pk, source="api", program_id=facts().id, form="csv")


def start_task(university: University, owner: Account) -> uuid.UUID:
    return start_enrollment_task(university.world.course, ["sam", "staff"], actor_id=owner.pk)


def start_check(university: University, owner: Account) -> uuid.UUID:
    course_id = university.world.course.id
    return add_job(
        "check_roster", actor_id=owner.pk, source="console", course_id=course_id, program_id=None, options={}
    )


JOBS: dict[str, Start] = {"upload": start_upload, "download": start_students, "task": start_task, "check": start_check}
# who reads all jobs, and what else they hold → which jobs of somebody else they may cancel
OTHERS = {
    "read_all_jobs": set(),
    "read_enrollments": set(),
    "read_write_enrollments": {"upload"},
    "instructor": {"task"},
    "superuser": set(JOBS),
}


def other(university: University, holds: str) -> Account:
    if holds == "superuser":
        return university.root
    if holds == "instructor":
        grant("read_all_jobs", university.world.instructor, on="everywhere", program=university.own)
        return university.world.instructor
    account = university.holder("read_all_jobs", name="other")
    if holds != "read_all_jobs":
        grant(holds, account, on="program", program=university.own)
    return account


@pytest.mark.parametrize("what", JOBS)
@pytest.mark.parametrize("holds", OTHERS)
def test_the_job_of_somebody_else(university: University, what: str, holds: str) -> None:
    job_id = JOBS[what](university, university.writer("owner"))
    reader = Reader(other(university, holds))
    may = what in OTHERS[holds]
    assert ("Cancel this job" in reader.get(f"/jobs/{job_id}/")) == may
    reader.post(f"/jobs/{job_id}/cancel/", 302 if may else 403)
    assert get_job(job_id).state == ("canceled" if may else "pending")
    assert changes().filter(subject="job").count() == may


@pytest.mark.parametrize("what", JOBS)
def test_the_owners_right_is_asked_again(university: University, what: str) -> None:
    owner = university.writer("owner")
    CourseRole.objects.create(account=owner, course_id=university.world.course.id, role="staff")
    job_id = JOBS[what](university, owner)
    RoleGrant.objects.filter(account=owner).delete()
    CourseRole.objects.filter(account=owner).delete()
    # what only reads is its owner's
    may = what in {"download", "check"}
    Reader(owner).post(f"/jobs/{job_id}/cancel/", 302 if may else 403)
    assert get_job(job_id).state == ("canceled" if may else "pending")


def test_a_right_that_is_withdrawn_before_the_job_is_held_counts_no_more(university: University) -> None:
    owner = university.writer("owner")
    job_id = start_upload(university, owner)
    assert may_cancel(owner.pk, get_job(job_id))
    RoleGrant.objects.filter(account=owner).delete()
    with pytest.raises(CancelRejected):
        cancel_job(job_id, new_operation(owner.pk, "console"), may=partial(may_cancel, owner.pk))
    Account.objects.filter(pk=university.root.pk).update(is_active=False)
    with pytest.raises(CancelRejected):
        cancel_job(job_id, new_operation(None, "console"), may=partial(may_cancel, university.root.pk))
    assert get_job(job_id).state == "pending"


def test_the_journal_names_who_what_and_how_far(university: University) -> None:
    owner = university.writer("owner")
    job_id = start_upload(university, owner)
    Reader(owner).post(f"/jobs/{job_id}/cancel/")
    entry = changes().get(subject="job")
    about = {"v": 2, "job_id": str(job_id), "kind": "write_program_enrollments", "done": 0, "total": 1}
    assert (entry.before, entry.after) == ({**about, "state": "pending"}, {**about, "state": "canceled"})
    assert (entry.transition, entry.actor_id, entry.source) == ("canceled", owner.pk, "console")
    assert (entry.program_id, entry.account_id, entry.operation == job_id) == (university.own.pk, None, False)
    # a second time: nothing is ended, and nothing written down
    Reader(owner).post(f"/jobs/{job_id}/cancel/")
    assert changes().filter(subject="job").count() == 1


def test_pages_tell_it_in_plain_words_to_those_who_may_see_it(university: University) -> None:
    owner = university.writer("owner")
    written, read = start_upload(university, owner), start_students(university, owner)
    reader = Reader(owner)
    for job_id in (written, read):
        reader.post(f"/jobs/{job_id}/cancel/")
        assert "Canceled by owner." in words_of(reader.get(f"/jobs/{job_id}/"))
    history = Reader(university.holder("read_enrollments")).get(f"/programs/{OWN}/history/")
    assert "job canceled after 0 of 1 rows: Program enrollment upload" in words_of(history)
    # a download is its owner's: others who read the program learn nothing of it
    assert words_of(history).count("job canceled") == 1 and str(read) not in history
    assert "enrollment download" not in words_of(history)


def test_the_admin_asks_too_and_writes_it_down(university: University) -> None:
    job_id = start_upload(university, university.writer("owner"))
    http = HttpClient()
    http.force_login(university.root)
    form = {"action": "cancel", "_selected_action": [str(job_id)]}
    assert http.post("/admin/matricula/job/", form).status_code == 302
    assert get_job(job_id).state == "canceled"
    assert changes().get(subject="job").actor_id == university.root.pk
