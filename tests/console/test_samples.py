"""What the console gives as a file, its uploads take back: samples, and lists that were downloaded."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from matricula.batches.plans.reads import find_plan, list_plan_rows
from matricula.batches.values import Effect
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import ProgramRequest, write_program_enrollments
from matricula.journal.statuses import COMMAND
from matricula.journal.writes import new_operation
from matricula.models import Disclosure, FeatureGrant
from tests.conftest import World, make_account
from tests.console.conftest import COURSE, Reader, plan_id_of
from tests.university import OWN, University, facts

UPLOAD, ENROLL = f"/programs/{OWN}/upload/", f"{COURSE}enroll/"
FORMS = ("csv", "excel", "xlsx")


def content_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def file_at(reader: Reader, address: str) -> SimpleUploadedFile:
    answer = reader.http.get(address)
    [name] = re.findall('filename="([^"]+)"', answer["Content-Disposition"])
    return SimpleUploadedFile(name, content_of(answer))


def effects_of(reader: Reader, upload: str, file: SimpleUploadedFile, **fields: str) -> dict[Effect, int]:
    """How many rows of the file would do what."""
    plan = find_plan(plan_id_of(reader.post(upload, file=file, **fields)))
    assert plan is not None
    found: dict[Effect, int] = {}
    for row in list_plan_rows(plan):
        found[row.effect] = found.get(row.effect, 0) + 1
    return found


def write_students(*rows: tuple[str, str]) -> None:
    requests = [ProgramRequest(key, status) for key, status in rows]
    write_program_enrollments(new_operation(None, COMMAND), facts(), Verb.CREATE, requests)


@pytest.mark.parametrize("form", FORMS)
def test_a_sample_of_students_passes_the_upload_of_its_page(university: University, form: str) -> None:
    reader = Reader(university.writer())
    assert "sample=students" in reader.get(UPLOAD)
    file = file_at(reader, f"{UPLOAD}?sample=students&download={form}")
    assert effects_of(reader, UPLOAD, file) == {Effect.ADD: 3}
    # people who don't exist are no one's data
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("course_roles", [False, True])
def test_a_sample_of_courses_passes_once_its_students_are_there(
    university: University, form: str, course_roles: bool
) -> None:
    reader = Reader(university.writer(course_roles=course_roles))
    write_students(*((f"000-sample-{n}", "enrolled") for n in (1, 2, 3)))
    file = file_at(reader, f"{UPLOAD}?sample=courses&download={form}")
    assert effects_of(reader, UPLOAD, file) == {Effect.ADD: 3}
    assert FeatureGrant.objects.exists() is course_roles


@pytest.mark.parametrize("form", FORMS)
def test_a_sample_of_people_passes_the_upload_of_its_page(instructor: Reader, form: str) -> None:
    assert "download=xlsx" in instructor.get(ENROLL)
    assert effects_of(instructor, ENROLL, file_at(instructor, f"{ENROLL}?download={form}")) == {Effect.ADD: 3}


def test_samples_are_for_those_who_may_upload(university: University) -> None:
    reader = Reader(university.holder("read_enrollments", name="reads"))
    assert reader.http.get(f"{UPLOAD}?sample=students&download=csv").status_code == 403
    assert reader.http.get(f"{ENROLL}?download=csv").status_code == 403


@pytest.mark.parametrize("form", FORMS)
def test_a_roster_that_was_downloaded_changes_nothing(world: World, instructor: Reader, form: str) -> None:
    for name in ("007", "ann", "bob"):
        make_account(name, first_name="=1+1", last_name="O'Neil")
    world.enroll("007", "ann", "bob", "new@example.org", auto_enroll=True)
    world.enroll("ann", mode="verified")
    world.unenroll("bob")
    file = file_at(instructor, f"{COURSE}?state=all&download={form}")
    assert effects_of(instructor, ENROLL, file, auto_enroll="on") == {Effect.UNCHANGED: 3}
    invited = file_at(instructor, f"{COURSE}?state=invited&download={form}")
    assert effects_of(instructor, ENROLL, invited, auto_enroll="on") == {Effect.UNCHANGED: 1}


@pytest.mark.parametrize("form", FORMS)
def test_students_that_were_downloaded_change_nothing(university: University, form: str) -> None:
    write_students(("007", "enrolled"), ("=a", "pending"), ("+49", "suspended"), ("é x", "ended"))
    reader = Reader(university.writer())
    file = file_at(reader, f"/programs/{OWN}/?download={form}")
    assert effects_of(reader, UPLOAD, file) == {Effect.UNCHANGED: 4}
