"""A suspicious upload: held, approved by someone else, applied, and taken back."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from matricula.models import CourseEnrollment
from tests.browser.conftest import Visit
from tests.conftest import KEY, World

COURSE = f"/courses/{KEY}/"


def active() -> int:
    return CourseEnrollment.objects.filter(is_active=True).count()


def test_held_approved_applied_and_undone(visit: Callable[..., Visit], crowd: World, tmp_path: Path) -> None:
    maker, approver = visit(crowd.instructor), visit(crowd.staff)
    file = tmp_path / "withdrawals.csv"
    file.write_text("identifier,action\n" + "".join(f"p{n:03},unenroll\n" for n in range(40)))
    page = maker.open(f"{COURSE}enroll/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Review changes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("waiting for approval")
    expect(page.locator("main")).to_contain_text("This plan removes 40 of 120 active learners (33.3 %).")
    expect(page.get_by_role("button", name="Approve plan")).to_have_count(0)

    other = approver.open("/")
    expect(other.get_by_role("link", name="Approvals")).to_contain_text("1")
    other.get_by_role("region", name="What needs you").get_by_role("link").click()
    other.locator("main").get_by_role("link", name="withdrawals.csv").click()
    other.get_by_label("Note").fill("the course is closed")
    other.get_by_role("button", name="Approve plan").click()
    expect(other.get_by_text("You approved the plan.")).to_be_visible()
    assert active() == 120

    page.reload()
    page.get_by_label("Reason").fill("end of term")
    # a row is left out and taken in again: what was typed stays, and the approval counts again
    box = page.get_by_role("checkbox", name="Include row 3", exact=True)
    box.uncheck()
    expect(page.get_by_role("heading", level=1)).to_contain_text("waiting for approval")
    box.check()
    expect(page.get_by_role("heading", level=1)).to_contain_text("approved")
    page.get_by_label("Reason").fill("end of term")
    page.get_by_role("button", name="Apply 40 changes").click()
    expect(page.get_by_role("list", name="Result")).to_contain_text(re.compile(r"40\s+applied"))
    assert active() == 80

    page.get_by_role("link", name="View operation").click()
    page.get_by_role("link", name="Undo…").click()
    page.get_by_label("Reason").fill("the wrong course run")
    page.get_by_role("button", name="Review undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review undo")
    expect(page.get_by_label("Reason")).to_have_value("the wrong course run")
    assert active() == 80
    page.get_by_role("button", name="Apply 40 changes").click()
    expect(page.get_by_role("list", name="Result")).to_contain_text(re.compile(r"40\s+applied"))
    assert active() == 120


def test_one_line_of_the_history_is_undone(reader: Visit, crowd: World) -> None:
    page = reader.open(f"{COURSE}enroll/")
    page.get_by_label("Email addresses, usernames or student keys").fill("sam staff")
    page.get_by_role("button", name="Review changes").click()
    page.get_by_label("Reason").fill("a late list")
    # what was typed stays while rows are chosen
    page.get_by_role("checkbox", name="Include row 2").uncheck()
    expect(page.get_by_role("button", name="Apply 1 change")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("a late list")
    page.get_by_role("checkbox", name="Include row 2").check()
    page.get_by_role("button", name="Apply 2 changes").click()
    expect(page.get_by_role("list", name="Result")).to_contain_text(re.compile(r"2\s+applied"))
    page.goto(f"{COURSE}history/")
    # an act of several changes unfolds
    applied = page.get_by_role("row", name="a late list")
    applied.get_by_text("Plan applied").click()
    applied.get_by_role("listitem").filter(has_text="sam").get_by_role("link", name="Undo…").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undo one change")
    page.get_by_label("Reason").fill("not this one")
    page.get_by_role("button", name="Review undo").click()
    page.get_by_role("button", name="Apply 1 change").click()
    expect(page.get_by_role("list", name="Result")).to_contain_text(re.compile(r"1\s+applied"))
    assert active() == 121
