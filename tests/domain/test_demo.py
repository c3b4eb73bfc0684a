"""The demo: rich enough to look at, the same every time, and as consistent as if it had happened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, transaction
from django.db.models import Count, F
from django.utils import timezone

from matricula.catalog.reads import find_program
from matricula.cli.demo.loading import DatabaseInUse, load_demo
from matricula.cli.up import _announce, _fill
from matricula.foundation.files import open_file
from matricula.history.integrity import list_differences
from matricula.journal.statuses import SCHEDULE
from matricula.models import (
    Account,
    Course,
    CourseEnrollment,
    CourseRole,
    Grade,
    Job,
    JournalEntry,
    OutgoingMail,
    PendingMember,
    PreEnrollment,
    Program,
    ProgramCourseEnrollment,
    ProgramEnrollment,
    StudentIdentity,
)
from matricula.reports.reads import list_reports
from tests.conftest import KEY, as_superuser, make_account
from tests.domain.races import behind
from tests.journal import changes


@pytest.fixture
def tell(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Loads the demo as the owner of the tables, with a folder of its own for files."""

    def load(now: datetime) -> None:
        with as_superuser():
            load_demo(now)

    storages = {**settings.STORAGES}
    storages["default"] = {**storages["default"], "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    monkeypatch.setenv("MATRICULA_DEMO_PASSWORD", "for this test")
    monkeypatch.setenv("MATRICULA_DEMO_SECRET", "for this test, too")
    return load


@pytest.fixture
def demo(db: None, tell: Callable[[datetime], None]) -> datetime:
    now = timezone.now()
    tell(now)
    return now


def active(course: str) -> int:
    return CourseEnrollment.objects.filter(course__key=course, is_active=True).count()


def what_there_is_to_be_seen(demo: datetime) -> None:
    assert Program.objects.filter(manages_enrollments=True).count() == 3
    assert Course.objects.count() == 10
    assert Account.objects.count() == 490
    for course in Course.objects.exclude(key=KEY):
        assert active(course.key) > 20, course.key
    assert CourseEnrollment.objects.filter(is_active=False).count() > 40
    statuses = dict(ProgramEnrollment.objects.values_list("status").annotate(Count("id")))
    assert set(statuses) == {"enrolled", "pending", "suspended", "canceled", "ended"}
    assert min(statuses.values()) >= 10
    assert ProgramEnrollment.objects.filter(account=None).count() > 30
    assert StudentIdentity.objects.count() > 300
    assert PreEnrollment.objects.filter(account=None, auto_enroll=True).count() > 15
    assert changes().filter(transition="from allowed to enroll to enrolled").count() > 30
    assert changes().filter(transition="from enrolled to unenrolled", reason__isnull=False).count() > 30
    assert set(changes().values_list("source", flat=True)) >= {"api", "upload", "console", "sign-up"}
    assert Grade.objects.filter(passed=True).count() > 150
    assert CourseRole.objects.filter(role="beta_tester").count() > 5
    assert ProgramCourseEnrollment.objects.filter(course_staff=True).count() == 3
    assert PendingMember.objects.count() == 2


def it_agrees_with_itself_and_lies_in_the_past(demo: datetime) -> None:
    assert list(list_differences()) == []
    assert not OutgoingMail.objects.exists()
    entries = list(changes().exclude(source=SCHEDULE).order_by("id").values_list("at", flat=True))
    assert entries == sorted(entries)
    assert demo - timedelta(days=184) < entries[0] < demo - timedelta(days=170)
    assert entries[-1] < demo
    for times in (CourseEnrollment, PreEnrollment, ProgramEnrollment, ProgramCourseEnrollment):
        assert set(times._default_manager.values_list("created", flat=True)) <= set(entries)
    assert Account.objects.filter(date_joined__gt=demo - timedelta(days=1)).count() == 0
    # nobody was enrolled before there was an account
    assert not CourseEnrollment.objects.filter(created__lt=F("account__date_joined")).exists()
    with pytest.raises(Error, match="journal_is_append_only"), transaction.atomic(), as_superuser():
        JournalEntry.objects.update(reason="changed")


def the_jobs_of_the_last_weeks(demo: datetime) -> None:
    written = Job.objects.filter(kind__startswith="write_")
    assert set(written.values_list("state", "text")) == {
        ("completed", "200"), ("completed", "207"), ("completed", "422"), ("canceled", None),
    }  # fmt: skip
    students = written.get(kind="write_program_enrollments", text="207")
    assert students.counts == {"enrolled": 8, "pending": 14, "invalid-status": 3, "duplicated": 2}
    courses = written.get(kind="write_course_run_enrollments", text="207")
    assert set(courses.counts) == {
        "active", "conflict", "course-not-found", "duplicated", "invalid-status", "not-in-program",
    }  # fmt: skip
    downloads = Job.objects.exclude(kind__startswith="write_").exclude(kind="course_enrollments")
    assert set(downloads.values_list("state", flat=True)) == {"completed"}
    for name in [students.result, courses.result, *downloads.values_list("result", flat=True)]:
        with open_file(name) as file:
            assert file.read()
    assert Job.objects.get(kind="course_enrollments").counts == {"enrolled": 12, "error": 2}
    assert not Job.objects.filter(created__gt=demo).exists()


def reports_tell_what_was_so_on_their_day(demo: datetime) -> None:
    keys = list(Program.objects.values_list("key", flat=True))
    assert len(keys) == 3
    for key in keys:
        program = find_program(key)
        assert program is not None
        reports = list_reports(program)
        assert len(reports) == 20
        sizes = []
        for report in reports:
            if report.name.startswith("aggregate"):
                with open_file(report.file) as file:
                    days = [line.split(",")[2] for line in file.read().decode().splitlines() if line[:6] == "became"]
                assert days
                assert max(days) <= report.created_date.isoformat()
                sizes.append(len(days))
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] > sizes[-1]


def test_what_a_first_start_leaves(demo: datetime) -> None:
    """One load for all that is looked at: it takes seconds."""
    what_there_is_to_be_seen(demo)
    it_agrees_with_itself_and_lies_in_the_past(demo)
    the_jobs_of_the_last_weeks(demo)
    reports_tell_what_was_so_on_their_day(demo)
    what_the_readme_shows_stays_so(demo)


def test_it_is_the_same_every_time(db: None, tell: Callable[[datetime], None]) -> None:
    def told(now: datetime) -> list[Any]:
        with transaction.atomic():
            tell(now)
            entries = changes().order_by("id").exclude(source=SCHEDULE)
            names = dict(Account.objects.values_list("id", "username"))
            courses = dict(Course.objects.values_list("id", "key"))
            midnight = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC)
            rows = [
                (
                    round((midnight - e.at).total_seconds()), e.source, names.get(e.actor_id), e.transition, e.reason,
                    names.get(e.account_id), e.email, e.student_key, courses.get(e.course_id),
                )
                for e in entries
            ]  # fmt: skip
            transaction.set_rollback(True)
        return rows

    now = timezone.now()
    first = told(now)
    assert len(first) > 2_000
    assert told(now - timedelta(days=1, hours=5)) == first


def what_the_readme_shows_stays_so(demo: datetime) -> None:
    roster = CourseEnrollment.objects.filter(course__key=KEY, is_active=True).order_by("username_key")
    assert list(roster.values_list("account__username", "mode")) == [
        (name, "audit") for name in ("kim", "lucia", "oliver", "sam", "walter")
    ]
    invited = PreEnrollment.objects.filter(course__key=KEY)
    assert invited.filter(email="new.learner@north.example.org", auto_enroll=True).exists()
    assert not invited.filter(email="first.year@north.example.org").exists()
    shown = ["N-27-0001", "N-27-0002", "N-27-0003", "N-27-0004", "N-27-0900", "N-27-0910", "N-27-0999"]
    assert not ProgramEnrollment.objects.filter(program__key="north-mcs", student_key__in=shown).exists()


def test_a_database_in_use_is_left_alone(db: None, tell: Callable[[datetime], None]) -> None:
    make_account("somebody")
    with pytest.raises(DatabaseInUse):
        tell(timezone.now())
    assert Account.objects.get().username == "somebody"
    assert not Course.objects.exists()


def test_of_two_first_starts_one_fills(own_database: None, tell: Callable[[datetime], None]) -> None:
    now = timezone.now()

    def late() -> str:
        try:
            tell(now)
        except DatabaseInUse:
            return "in use"
        return "filled"

    assert behind(lambda: tell(now), late) == "in use"
    assert Account.objects.count() == 490


def test_the_first_start_fills_and_the_second_finds(
    db: None, tell: Callable[[datetime], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_superuser():
        login = _fill(tmp_path, demo=True, institution=None)
    assert login is not None
    entries = changes().count()
    assert _fill(tmp_path, demo=True, institution=None) == login
    assert changes().count() == entries
    _announce("http://here", login, "file:///mail", None)
    told = capsys.readouterr().out
    for name in ("admin", "rita", "helen", "sam"):
        assert name in told
        assert Account.objects.get(username=name).check_password(login["password"])
    unusable = [a.username for a in Account.objects.all() if not a.has_usable_password()]
    assert len(unusable) == 480
