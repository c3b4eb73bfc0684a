"""The roster of a course, and a person in it."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from matricula.console import acts
from matricula.console.paging import PAGE
from matricula.models import CourseEnrollment, CourseRole
from tests.browser.conftest import LEARNERS, Visit
from tests.conftest import KEY, World
from tests.journal import changes

COURSE = f"/courses/{KEY}/"


def test_search_as_you_type_filter_and_pages(reader: Visit, crowd: World) -> None:
    page = reader.open(COURSE)
    roster = page.locator("#roster tbody tr")
    expect(roster).to_have_count(PAGE)
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#roster")).to_contain_text(f"{PAGE + 1}–{2 * PAGE} of {LEARNERS}")
    expect(roster.first).to_contain_text(f"p{PAGE:03}")
    page.get_by_role("link", name="Last").click()
    expect(roster).to_have_count(LEARNERS % PAGE)
    search = page.get_by_label("Search by name or email")
    search.press_sequentially("p01")
    expect(roster).to_have_count(10)
    expect(page).to_have_url(re.compile(r"q=p01"))
    page.get_by_label("Mode", exact=True).select_option("verified")
    expect(roster).to_have_count(1)
    expect(roster).to_contain_text("p011@example.org")
    search.fill("nobody at all")
    expect(page.get_by_text("Nothing here fits the search and the filters.")).to_be_visible()
    # the address holds what is shown
    page.reload()
    expect(search).to_have_value("nobody at all")
    page.get_by_role("link", name="1 invited").click()
    expect(roster).to_have_count(1)
    expect(roster).to_contain_text("waiting@example.com")
    expect(page.get_by_label("State")).to_have_value("invited")


def test_sorted_backwards(reader: Visit, crowd: World) -> None:
    page = reader.open(COURSE)
    # on a phone, where there are no headings to choose
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_label("Sort by").select_option("-username")
    expect(page.locator("#roster tbody tr").first).to_contain_text("p119")
    expect(page).to_have_url(re.compile("sort=-username"))


def test_two_selected_are_unenrolled_after_a_look(reader: Visit, crowd: World) -> None:
    page = reader.open(COURSE)
    unenroll = page.get_by_role("button", name="Unenroll…")
    expect(unenroll).to_be_disabled()
    page.get_by_label("Select p003").check()
    page.get_by_label("Select p004").check()
    expect(page.locator("[data-selected]")).to_have_text("2")
    unenroll.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review changes")
    expect(page.locator(".in-words")).to_contain_text("2 unenrolled")
    assert CourseEnrollment.objects.filter(is_active=True).count() == LEARNERS
    page.get_by_role("button", name="Apply 2 changes").click()
    # the browser itself asks for the reason
    expect(page.get_by_label("Reason")).to_be_focused()
    page.get_by_label("Reason").fill("They left")
    page.get_by_role("button", name="Apply 2 changes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    expect(page.get_by_text("“They left”")).to_be_visible()
    ended = CourseEnrollment.objects.filter(is_active=False).values_list("account__username", flat=True)
    assert sorted(ended) == ["p003", "p004"]
    entries = changes().filter(reason="They left")
    assert {(e.source, e.actor_id) for e in entries} == {("console", crowd.instructor.pk)}
    page.get_by_role("link", name="Introduction to Programming").first.click()
    expect(page.get_by_role("link", name="2 ended")).to_be_visible()


def test_all_rows_shown_are_selected_at_once(reader: Visit, crowd: World) -> None:
    page = reader.open(f"{COURSE}?q=p01")
    page.get_by_label("Select all rows shown").check()
    expect(page.locator("[data-selected]")).to_have_text("10")
    page.get_by_label("New mode").select_option("honor")
    page.get_by_role("button", name="Enroll in this mode…").click()
    expect(page.locator(".in-words")).to_contain_text("10 in another mode")
    expect(page.get_by_role("row", name="p011")).to_contain_text("enrolled (verified)")
    expect(page.get_by_role("row", name="p011")).to_contain_text("enrolled (honor)")


def test_the_curve_and_the_history_of_a_course(reader: Visit, crowd: World) -> None:
    for number in range(acts.PAGE):
        crowd.unenroll(f"p{number:03}")
    page = reader.open(COURSE)
    expect(page.get_by_text("The chart appears once there are two days of data.")).to_be_visible()
    page.get_by_role("link", name="Full history").click()
    expect(page.locator("tbody tr")).to_have_count(acts.PAGE)
    page.get_by_role("link", name="Older").click()
    # one line for one act: who is invited, those who audit, and those who are verified
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_text(f"{LEARNERS - LEARNERS // 10} changes")).to_be_visible()


def test_an_empty_roster_says_what_to_do(reader: Visit, world: World) -> None:
    page = reader.open(COURSE)
    expect(page.get_by_text("No learners are enrolled yet. Enroll people from a list or a file.")).to_be_visible()
    expect(page.get_by_text("No changes yet.")).to_be_visible()


def test_a_persons_mode_is_changed_and_beta_testing_granted(reader: Visit, world: World) -> None:
    world.enroll("sam", mode="audit")
    page = reader.open(COURSE)
    page.get_by_role("link", name="sam", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sam Learner")
    page.get_by_label("Mode").select_option("verified")
    page.get_by_role("button", name="Change mode…").click()
    page.get_by_label("Reason").fill("Paid at the desk")
    page.get_by_role("button", name="Apply 1 change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    assert CourseEnrollment.objects.get().mode == "verified"

    page.goto(reverse("course_person", args=[KEY, world.learner.pk]))
    expect(page.get_by_role("region", name="History").locator("tbody tr").first).to_contain_text("Paid at the desk")
    page.get_by_label("Reason for the beta testing change").fill("Asked for it")
    page.get_by_role("button", name="Grant beta testing").click()
    expect(page.get_by_text("Beta testing was granted.")).to_be_visible()
    expect(page.get_by_role("region", name="In this course")).to_contain_text("beta tester")
    assert CourseRole.objects.filter(account=world.learner, role="beta_tester").exists()
    page.get_by_label("Reason for the beta testing change").fill("The test is over")
    page.get_by_role("button", name="Withdraw beta testing").click()
    expect(page.get_by_text("Beta testing was withdrawn.")).to_be_visible()
    assert not CourseRole.objects.filter(account=world.learner, role="beta_tester").exists()
