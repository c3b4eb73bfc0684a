"""Two connections at once in programs: no lost link, and one truth about each course enrollment."""

from collections import Counter

import pytest
from django.db import connection

from matricula.batches.engine import run_slices
from matricula.batches.kinds import COURSE_STUDENTS
from matricula.batches.programs import CourseStudentOptions, CourseStudentRow
from matricula.batches.runs import run_chunk, start_batch
from matricula.enrollments.program.rules import Verb
from matricula.enrollments.program.writes import (
    ProgramCourseRequest,
    ProgramRequest,
    write_program_course_enrollments,
    write_program_enrollments,
)
from matricula.identity.linking import link_student_keys
from matricula.jobs.reads import get_job
from matricula.journal.writes import new_operation
from matricula.models import (
    Account,
    CourseEnrollment,
    ProgramCourse,
    ProgramCourseEnrollment,
    ProgramEnrollment,
    StudentIdentity,
)
from tests.conftest import KEY, make_account, make_world
from tests.domain.program_jobs import enroll, facts, study, upload
from tests.domain.races import behind, held_up, together
from tests.university import ABROAD, OWN, SECOND, University, make_university


@pytest.fixture
def university(own_database: None) -> University:
    return make_university(make_world())


def set_course(university: University, key: str, status: str, verb: Verb, program: str = OWN) -> str:
    [word] = write_program_course_enrollments(
        new_operation(None, "api"), facts(program), verb, [ProgramCourseRequest(university.course.pk, key, status)]
    )
    return word


def link(key: str, account: Account | None) -> int:
    links = [(key, account.pk if account else None)]
    return link_student_keys(new_operation(None, "command"), facts().organization_id, links)


def seats() -> dict[str, bool]:
    return dict(CourseEnrollment.objects.values_list("account__username", "is_active"))


def rows() -> dict[tuple[str, str | None], str]:
    """(program, account) → status of its course row."""
    found = ProgramCourseEnrollment.objects.values_list(
        "program_enrollment__program__key", "program_enrollment__account__username", "status"
    )
    return {(program, account): status for program, account, status in found}


def test_the_same_student_enters_a_course_run_from_eight_threads_once(university: University) -> None:
    link("S-1", university.world.learner)
    enroll("S-1")
    words = together(*[lambda: set_course(university, "S-1", "active", Verb.CREATE)] * 8)
    assert Counter(words) == {"active": 1, "conflict": 7}
    assert seats() == {"sam": True}


def test_two_programs_take_the_same_student_at_once_and_one_is_refused(university: University) -> None:
    enroll("S-1")
    write_program_enrollments(
        new_operation(None, "api"), facts(SECOND), Verb.CREATE, [ProgramRequest("S-1", "enrolled")]
    )
    words = together(*[lambda p=p: set_course(university, "S-1", "active", Verb.CREATE, p) for p in (OWN, SECOND)])
    assert sorted(words) == ["active", "conflict"]


def test_a_key_that_is_linked_while_an_upload_writes_it_finds_the_row(university: University) -> None:
    job = get_job(upload("student_key,status\nS-1,enrolled\n"))
    behind(lambda: run_chunk(job), lambda: link("S-1", university.world.learner))
    assert ProgramEnrollment.objects.get().account_id == university.world.learner.pk


def test_an_upload_that_writes_a_key_while_it_is_linked_finds_the_account(university: University) -> None:
    job = get_job(upload("student_key,status\nS-1,enrolled\n"))
    behind(lambda: link("S-1", university.world.learner), lambda: run_chunk(job))
    assert ProgramEnrollment.objects.get().account_id == university.world.learner.pk


@pytest.mark.parametrize("first", ["transfer", "unlink"])
def test_a_transfer_while_the_key_is_unlinked_leaves_nothing_with_the_account(
    first: str, university: University
) -> None:
    link("S-1", university.world.learner)
    enroll("S-1")
    study(university.course.pk, "S-1")
    write_program_enrollments(
        new_operation(None, "api"), facts(SECOND), Verb.CREATE, [ProgramRequest("S-1", "enrolled")]
    )

    def transfer() -> None:
        assert set_course(university, "S-1", "inactive", Verb.UPDATE) == "inactive"
        assert set_course(university, "S-1", "active", Verb.CREATE, SECOND) == "active"

    actions = [transfer, lambda: link("S-1", None)]
    behind(*actions if first == "transfer" else reversed(actions))
    assert seats() == {"sam": False}
    assert rows() == {(OWN, None): "inactive", (SECOND, None): "active"}


def test_an_unenrollment_that_meets_a_moving_key_ends_only_what_is_still_the_accounts(university: University) -> None:
    world, other = university.world, make_account("other")
    link("S-1", world.learner)
    enroll("S-1")
    study(university.course.pk, "S-1")
    behind(lambda: link("S-1", other), lambda: world.unenroll("sam"))
    assert seats() == {"sam": False, "other": True}
    assert rows() == {(OWN, "other"): "active"}


def test_an_enrollment_and_a_program_that_meet_before_there_is_a_seat_do_not_wait_for_each_other(
    university: University,
) -> None:
    sam, course = university.world.learner, university.course.pk
    link("S-1", sam)
    enroll("S-1")
    set_course(university, "S-1", "inactive", Verb.CREATE)
    # as a database may be that was filled by something else: nothing of ours leaves a row without a seat
    CourseEnrollment.objects.all().delete()

    def hold_counts() -> None:
        """Every insert of a seat stops behind its row, in the trigger that counts it."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(7304, %s)", [course % 256])

    [outcomes, word] = held_up(
        hold_counts,
        lambda: university.world.enroll("sam"),
        lambda: set_course(university, "S-1", "active", Verb.CREATE_OR_UPDATE),
    )
    assert (outcomes[0].error, word) == (None, "active")
    assert seats() == {"sam": True}
    assert rows() == {(OWN, "sam"): "active"}


def test_two_accounts_for_one_key_and_two_keys_for_one_account_at_once(university: University) -> None:
    sam, other = university.world.learner, make_account("other")
    enroll("S-1", "S-2")
    study(university.course.pk, "S-1", "S-2")
    for _ in range(5):
        together(
            lambda: link("S-1", sam), lambda: link("S-1", other), lambda: link("S-2", sam), lambda: link("S-2", other)
        )
        linked = dict(StudentIdentity.objects.values_list("student_key", "account__username"))
        assert len(set(linked.values())) == len(linked)
        stored = ProgramEnrollment.objects.filter(account__isnull=False)
        assert dict(stored.values_list("student_key", "account__username")) == linked
        assert {name for name, active in seats().items() if active} == set(linked.values())


def enroll_in(program: str, *keys: str) -> None:
    requests = [ProgramRequest(key, "enrolled") for key in keys]
    write_program_enrollments(new_operation(None, "api"), facts(program), Verb.CREATE, requests)


class LargeUpload:
    """Students of a course run, written set by set."""

    def __init__(self, university: University, program: str, status: str, *keys: str) -> None:
        rows = [CourseStudentRow(KEY, key, status, False, university.course.pk) for key in keys]
        about, options = facts(program), CourseStudentOptions()
        self.id = start_batch(COURSE_STUDENTS, about, rows, options, actor_id=None, source="upload")

    def write(self) -> None:
        assert run_slices(get_job(self.id), connections=1)

    @property
    def words(self) -> dict[str, int]:
        return {word: count for word, count in get_job(self.id).counts.items() if count}


def test_large_uploads_of_two_programs_make_each_student_active_once(university: University) -> None:
    keys = [f"S-{number}" for number in range(30)]
    enroll(*keys)
    enroll_in(SECOND, *reversed(keys))
    link("S-1", university.world.learner)
    first, second = (LargeUpload(university, program, "active", *keys) for program in (OWN, SECOND))
    behind(first.write, second.write)
    assert (first.words, second.words) == ({"active": 30}, {"conflict": 30})
    assert seats() == {"sam": True}
    assert Counter(program for program, _ in rows()) == {OWN: 2}


@pytest.mark.parametrize("is_seated", [False, True])
def test_large_uploads_of_two_organizations_agree_about_the_enrollment(university: University, is_seated: bool) -> None:
    ProgramCourse.objects.create(program=university.abroad, course=university.course, position=1)
    enroll("S-1", "S-2")
    enroll_in(ABROAD, "A-1", "A-2")
    link("S-1", university.world.learner)
    abroad = facts(ABROAD).organization_id
    link_student_keys(new_operation(None, "command"), abroad, [("A-1", university.world.learner.pk)])
    if is_seated:
        university.world.enroll("sam")
    first, second = (
        LargeUpload(university, OWN, "active", "S-1", "S-2"),
        LargeUpload(university, ABROAD, "inactive", "A-1", "A-2"),
    )
    behind(first.write, second.write)
    assert (first.words, second.words) == ({"active": 2}, {"inactive": 2})
    assert rows() == {
        (OWN, "sam"): "active",
        (OWN, None): "active",
        (ABROAD, "sam"): "inactive",
        (ABROAD, None): "inactive",
    }
    assert seats() == {"sam": True}


def test_a_key_is_linked_behind_a_large_upload(university: University) -> None:
    enroll("S-1")
    upload = LargeUpload(university, OWN, "active", "S-1")
    behind(upload.write, lambda: link("S-1", university.world.learner))
    assert rows() == {(OWN, "sam"): "active"}
    assert seats() == {"sam": True}


def test_a_large_upload_is_behind_a_link(university: University) -> None:
    enroll("S-1")
    upload = LargeUpload(university, OWN, "active", "S-1")
    behind(lambda: link("S-1", university.world.learner), upload.write)
    assert rows() == {(OWN, "sam"): "active"}
    assert seats() == {"sam": True}
