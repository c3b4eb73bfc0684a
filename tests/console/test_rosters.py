"""The roster of a course in the console: pages, filters, people, history."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as HttpClient
from django.utils import timezone

from matricula.console import acts, courses
from matricula.models import CourseEnrollment, CourseRole, JournalEntry
from tests.conftest import World, make_account
from tests.console.conftest import COURSE, Reader, words_of
from tests.journal import changes


@pytest.fixture
def roster(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Five enrolled, one of whom tests and one of whom is verified; one ended; two invited."""
    monkeypatch.setattr(courses, "PAGE", 2)
    for name in ("ann", "bob", "cleo", "dan", "eve", "finn"):
        make_account(name, first_name=name.title(), last_name="Of Roster")
    world.enroll("ann", "bob", "cleo", "dan", "eve", "finn", "new@example.org", "other@example.org", auto_enroll=True)
    world.enroll("bob", mode="verified")
    world.unenroll("finn", reason="moved away")
    CourseRole.objects.create(account=make_account("tess"), course_id=world.course.id, role="beta_tester")
    world.enroll("tess")
    return world


@pytest.mark.parametrize(
    ("query", "shown", "count"),
    [
        ("", ["ann", "bob"], 6),
        ("?page=3", ["eve", "tess"], 6),
        ("?page=9", ["eve", "tess"], 6),
        ("?page=x", ["ann", "bob"], 6),
        ("?sort=-username", ["tess", "eve"], 6),
        ("?sort=created", ["ann", "bob"], 6),
        ("?sort=-created", ["tess", "eve"], 6),
        ("?q=cle", ["cleo"], 1),
        ("?q=of+roster&page=2", ["cleo", "dan"], 5),
        ("?mode=verified", ["bob"], 1),
        ("?state=ended", ["finn"], 1),
        ("?state=all&page=3", ["eve", "finn"], 7),
        ("?beta=yes", ["tess"], 1),
        ("?beta=yes&sort=-username", ["tess"], 1),
        ("?beta=no&q=ro&sort=-username", ["eve", "dan"], 5),
    ],
)
def test_pages_and_filters(roster: World, instructor: Reader, query: str, shown: list[str], count: int) -> None:
    answer = instructor.http.get(f"{COURSE}{query}", headers={"HX-Target": "roster"})
    assert [row.username for row in answer.context["rows"]] == shown
    assert answer.context["pages"].count == count
    page = answer.content.decode()
    assert all(f'value="{name}"' in page for name in shown)
    assert "<html" not in page


def test_two_letters_are_too_few_for_a_huge_roster(
    roster: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courses, "_HUGE", 5)
    assert "at least three letters" in words_of(instructor.get(f"{COURSE}?q=cl"))
    for q in ("cle", "王芳"):
        assert "at least three letters" not in words_of(instructor.get(f"{COURSE}?q={q}"))


def test_those_who_are_invited(roster: World, instructor: Reader) -> None:
    page = words_of(instructor.get(f"{COURSE}?state=invited"))
    assert "new@example.org" in page and "other@example.org" in page and "enrolled automatically" in page
    assert "1–1 of 1" in words_of(instructor.get(f"{COURSE}?state=invited&q=other"))


def test_the_numbers_lead_to_their_rows(roster: World, instructor: Reader) -> None:
    page = instructor.get(COURSE)
    words = words_of(page)
    assert "6 enrolled" in words and "2 invited" in words and "1 ended" in words and "1 beta testers" in words
    assert 'href="?state=invited"' in page and 'href="?state=ended"' in page and 'href="?beta=yes"' in page


def test_an_empty_course_says_what_to_do(world: World, instructor: Reader) -> None:
    assert "Enroll people from a list or a file." in words_of(instructor.get(COURSE))
    assert "Nothing here fits the search and the filters. Clear filters" in words_of(
        instructor.get(f"{COURSE}?q=nobody-has-this")
    )


def test_a_person_with_history_by_whom_and_why(roster: World, instructor: Reader) -> None:
    finn = CourseEnrollment.objects.get(account__username="finn").account_id
    words = words_of(instructor.get(f"{COURSE}people/{finn}/"))
    assert "Finn Of Roster" in words and "ended" in words and "moved away" in words and "unenrolled" in words


def test_people_of_other_courses_are_not_found(roster: World, instructor: Reader) -> None:
    instructor.get(f"{COURSE}people/{roster.elsewhere.pk}/", 404)
    instructor.get(f"{COURSE}people/999999/", 404)


def test_what_happened_before_the_account(world: World, instructor: Reader) -> None:
    world.enroll("late@example.org", auto_enroll=True, reason="asked by mail")
    late = make_account("late")
    words = words_of(instructor.get(f"{COURSE}people/{late.pk}/"))
    assert "invited" in words and "asked by mail" in words
    # the entry that connects address and account is of both, and stands there once
    assert words.count("enrolled from an invitation") == 1


def test_beta_testing_is_granted_and_taken_away_with_a_reason(roster: World, instructor: Reader) -> None:
    ann = CourseEnrollment.objects.get(account__username="ann").account_id
    path = f"{COURSE}people/{ann}/beta-tester/"
    held = CourseRole.objects.filter(account_id=ann, role="beta_tester")
    for granted, word in (("yes", "granted"), ("no", "withdrawn")):
        instructor.post(path, granted=granted, reason="  ")
        assert held.exists() == (granted == "no")
        # a second click changes nothing and leaves no second entry
        for _ in range(2):
            instructor.post(path, granted=granted, reason="tries the new quiz")
        assert held.exists() == (granted == "yes")
        entry = changes().get(subject="course_role", transition=f"{word} beta_tester")
        assert (entry.account_id, entry.actor_id, entry.source, entry.reason) == (
            ann, roster.instructor.pk, "console", "tries the new quiz",
        )  # fmt: skip


def test_nobody_outside_the_course_becomes_a_beta_tester(roster: World, instructor: Reader) -> None:
    instructor.post(f"{COURSE}people/{roster.elsewhere.pk}/beta-tester/", 404, granted="yes", reason="x")


def test_the_history_goes_back_page_by_page(roster: World, instructor: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "PAGE", 2)
    seen: list[int] = []
    query = ""
    while query is not None:
        shown = instructor.http.get(f"{COURSE}history/?{query}").context["acts"]
        assert len(shown.acts) <= 2
        seen += [entry.id for one in shown.acts for entry in one.act.entries]
        query = shown.query or None
    entries = changes().filter(course_id=roster.course.id).order_by("-id")
    # of acts that don't overlap
    assert seen == list(entries.values_list("id", flat=True)) and len(seen) > 6


def test_the_curve_and_the_table_beneath_it(roster: World, instructor: Reader, settings: Any) -> None:
    assert "appears once there are two days of data" in instructor.get(f"{COURSE}curve/")
    now = timezone.now()
    JournalEntry.objects.bulk_create(
        JournalEntry(
            at=now - timedelta(days=40), operation="0" * 8 + "-0000-4000-8000-" + "0" * 12, source="api",
            subject="course_enrollment", account_id=1, course_id=roster.course.id,
            transition="from unenrolled to enrolled", before={}, after={},
        )
        for _ in range(3)
    )  # fmt: skip
    answer = instructor.http.get(f"{COURSE}curve/")
    page = answer.content.decode()
    assert "<svg" in page and "<table" in page and "style=" not in page
    assert [(p.enrolled, p.came, p.went) for p in answer.context["points"]] == [(9, 7, 1), (3, 3, 0)]


def test_times_are_in_the_zone_of_the_reader(roster: World, instructor: Reader) -> None:
    JournalEntry.objects.bulk_create(
        [
            JournalEntry(
                at="2026-07-01T22:30:00Z", operation="0" * 8 + "-0000-4000-8000-" + "0" * 12, source="api",
                subject="course_enrollment", account_id=roster.learner.pk, course_id=roster.course.id,
                transition="from unenrolled to enrolled", before={}, after={},
            )
        ]
    )  # fmt: skip
    assert "Jul 1, 2026, 10:30 PM" in words_of(instructor.get(f"{COURSE}history/"))
    instructor.http.cookies["timezone"] = "Europe/Madrid"
    words = words_of(instructor.get(f"{COURSE}history/"))
    assert "Jul 2, 2026, 12:30 AM" in words and words.count("Times are in Europe/Madrid.") == 1
    instructor.http.cookies["timezone"] = "../../etc/passwd"
    assert "Jul 1, 2026, 10:30 PM" in words_of(instructor.get(f"{COURSE}history/"))


def test_a_part_of_a_page_leads_to_the_login_once_the_session_has_ended(world: World) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{COURSE}?state=ended"}
    answer = HttpClient().get(f"{COURSE}curve/", headers=headers)
    assert answer.status_code == 200 and not answer.content
    assert answer["HX-Redirect"].startswith("/login/?next=/courses/")
    assert "state" in answer["HX-Redirect"]
