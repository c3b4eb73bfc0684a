"""A program, its students, and a file for it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from matricula.models import ProgramEnrollment
from tests.browser.conftest import Visit
from tests.domain.program_jobs import enroll
from tests.journal import changes
from tests.university import OWN, University

PROGRAM = f"/programs/{OWN}/"


@pytest.fixture
def registrar(visit: Callable[..., Visit], university: University) -> Visit:
    """Somebody who may change the students of the program, which has three."""
    enroll("S-1", "S-2", "T-1")
    return visit(university.writer())


def statuses() -> dict[str, str]:
    return dict(ProgramEnrollment.objects.values_list("student_key", "status"))


def test_a_student_is_searched_and_suspended_for_a_reason(registrar: Visit) -> None:
    page = registrar.open(PROGRAM)
    expect(page.locator(".figures")).to_contain_text(re.compile(r"3\s+students"))
    rows = page.locator("#students tbody tr")
    page.get_by_label("Search by student key").press_sequentially("s-")
    expect(rows).to_have_count(2)
    page.locator("#students").get_by_role("link", name="S-2", exact=True).click()
    page.get_by_label("New status").select_option("suspended")
    page.get_by_role("button", name="Change status…").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review changes")
    assert statuses()["S-2"] == "enrolled"
    page.get_by_label("Reason").fill("did not pay")
    page.get_by_role("button", name="Change status").click()
    expect(page.get_by_text("The status was changed.")).to_be_visible()
    expect(page.locator("main")).to_contain_text("did not pay")
    assert statuses() == {"S-1": "enrolled", "S-2": "suspended", "T-1": "enrolled"}


def test_a_file_is_checked_carried_out_and_its_refused_rows_come_back(registrar: Visit, tmp_path: Path) -> None:
    file = tmp_path / "students.csv"
    file.write_text("student_key,status\nS-1,ended\nT-1,nonsense\nU-1,pending\n")
    page = registrar.open(PROGRAM)
    page.get_by_role("link", name="Upload a file").click()
    page.get_by_label("Drop a file here").set_input_files(file)
    page.get_by_role("button", name="Review changes").click()
    expect(page.locator("main")).to_contain_text("rejected: unknown status")
    before = statuses()
    page.get_by_label("Reason").fill("end of term")
    page.get_by_role("button", name="Apply 2 changes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    assert statuses() == {**before, "S-1": "ended", "U-1": "pending"}
    reasons = changes().filter(source="console").values_list("reason", flat=True)
    assert set(reasons) == {"end of term"}
    with page.expect_download() as download:
        page.get_by_text("Download rejected rows").click()
        page.get_by_role("link", name="CSV", exact=True).click()
    assert Path(download.value.path()).read_text().startswith("student_key,status,rejected_because\nT-1,nonsense,")


def test_a_download_is_started(registrar: Visit) -> None:
    page = registrar.open(PROGRAM)
    page.get_by_role("button", name="Start the download").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Program enrollment download")
    expect(page.get_by_role("button", name="Cancel this job")).to_be_visible()
