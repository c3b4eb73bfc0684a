"""Without the feature ``names_in_downloads`` no page tells who is behind a student key."""

import io
import uuid

import pytest

from matricula.batches.kinds import COURSE_STUDENTS
from matricula.batches.programs import CourseStudentOptions
from matricula.batches.runs import start_batch_of_file
from matricula.jobs.reads import get_job
from matricula.models import (
    Account,
    CourseRole,
    FeatureGrant,
    Job,
    JournalEntry,
    ProgramEnrollment,
    RoleGrant,
)
from matricula.worker.tasks import carry_out
from tests.conftest import BASE, Api, make_account
from tests.console.conftest import COURSE, Reader
from tests.domain.program_jobs import enroll, link, study
from tests.university import OWN, University, facts

PROGRAM = f"/programs/{OWN}/"
KEY = "S-1"
NAMES = ("Annabel", "Lee-Smith", "ann.lee")


@pytest.fixture
def student(university: University) -> str:
    """The page of a student whose account was linked, and all that led there is in the journal."""
    enroll(KEY)
    study(university.course.pk, KEY)
    link(KEY, make_account("ann.lee", first_name="Annabel", last_name="Lee-Smith"))
    return f"{PROGRAM}students/{ProgramEnrollment.objects.get().pk}/"


def names_on(page: str) -> list[str]:
    return [name for name in NAMES if name in page]


def pages(reader: Reader, student: str) -> dict[str, str]:
    job = Job.objects.order_by("-created").first()
    paths = [PROGRAM, f"{PROGRAM}history/", f"{PROGRAM}?q={KEY}", f"/search/?q={KEY}", student, f"{student}history/"]
    paths += [f"/jobs/{job.pk}/"] if job else []
    return {path: reader.get(path) for path in paths}


def test_a_reader_without_the_feature_sees_keys_only(university: University, student: str) -> None:
    reader = Reader(university.writer())
    for path, page in pages(reader, student).items():
        assert not names_on(page), path
        assert KEY in page or path.endswith("/history/"), path
    changing = reader.post(f"{student}change/", 200, status="suspended")
    assert not names_on(changing)
    assert "linked" in reader.get(PROGRAM)


@pytest.mark.parametrize("word", ["Annabel", "ann.lee", "ann.lee@example"])
def test_nobody_is_found_by_a_name_that_the_reader_may_not_see(word: str, university: University, student: str) -> None:
    reader = Reader(university.writer())
    table = {"HX-Target": "students"}
    assert KEY not in reader.get(f"{PROGRAM}?q={word}", **table)
    assert KEY not in reader.get(f"/search/?q={word}")
    FeatureGrant.objects.create(feature="names_in_downloads", account_id=reader.account_id)
    assert KEY in reader.get(f"{PROGRAM}?q={word}", **table)
    assert KEY in reader.get(f"/search/?q={word}")


def test_who_manages_the_course_run_too_does_not_learn_which_key_is_whose(university: University, student: str) -> None:
    writer = university.writer()
    CourseRole.objects.create(account=writer, course=university.course, role="staff")
    reader = Reader(writer)
    # people by their names in the course run, students by their keys in the program: not as one
    by_name, by_key = reader.get("/search/?q=Annabel"), reader.get(f"/search/?q={KEY}")
    assert names_on(by_name) and KEY not in by_name
    assert KEY in by_key and not names_on(by_key)
    assert names_on(reader.get(COURSE))
    assert not names_on(reader.get(student))
    # nor by the number of the account in a link
    assert f"{COURSE}people/" not in reader.get(student)


def changed_by_upload(university: University, by: Account) -> str:
    """The page of a job that ended the student's course enrollment, in the program and so in the course run."""
    file = io.BytesIO(f"course_id,student_key,status\n{university.course.key},{KEY},inactive\n".encode())
    options = CourseStudentOptions(course_staff=False)
    job_id = start_batch_of_file(COURSE_STUDENTS, facts(), file, options, actor_id=by.pk, source="upload")
    assert carry_out(get_job(job_id))
    assert set(JournalEntry.objects.filter(operation=job_id).values_list("subject", flat=True)) == {
        "program_course_enrollment",
        "course_enrollment",
        "job",
    }
    return f"/jobs/{job_id}/"


@pytest.mark.parametrize("manages", [False, True])
@pytest.mark.parametrize("by", ["reader", "somebody else"])
def test_the_page_of_a_job_tells_no_name_beside_a_key(
    by: str, manages: bool, university: University, student: str
) -> None:
    account = university.writer()
    if manages:
        CourseRole.objects.create(account=account, course=university.course, role="staff")
    if by == "somebody else":
        RoleGrant.objects.create(role="read_all_jobs", account=account)
    page = changed_by_upload(university, account if by == "reader" else university.root)
    assert not names_on(shown := Reader(account).get(page))
    assert KEY in shown
    assert names_on(Reader(university.root).get(page))
    FeatureGrant.objects.create(feature="names_in_downloads", account=account)
    assert names_on(Reader(account).get(page))


def test_the_page_of_a_course_change_tells_no_key_beside_a_name(university: University, student: str) -> None:
    account = university.writer()
    CourseRole.objects.create(account=account, course=university.course, role="staff")
    university.world.unenroll("ann.lee")
    wanted = {"identifiers": ["ann.lee", "sam"]}
    task = Api(account).post(f"{BASE}/{university.course.key}/enrollments", wanted).json()["task_id"]
    assert carry_out(get_job(uuid.UUID(task)))
    assert JournalEntry.objects.filter(operation=task, student_key=KEY).exists()
    shown = Reader(account).get(f"/jobs/{task}/")
    assert names_on(shown) and KEY not in shown


@pytest.mark.parametrize("who", ["with the feature", "operator"])
def test_those_who_may_see_names_do(who: str, university: University, student: str) -> None:
    account = university.root if who == "operator" else university.writer()
    if who != "operator":
        FeatureGrant.objects.create(feature="names_in_downloads", account=account)
    reader = Reader(account)
    for path in (PROGRAM, f"/search/?q={KEY}", student):
        assert names_on(reader.get(path)), path
