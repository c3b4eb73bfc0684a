"""Enrolling by list and by file: who, check, done."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from matricula.batches.values import CHUNK
from matricula.jobs.reads import get_job, list_jobs
from matricula.models import CourseEnrollment, OutgoingMail, PreEnrollment
from matricula.worker.tasks import carry_out
from tests.browser.conftest import Visit
from tests.conftest import KEY, World
from tests.journal import changes

ENROLL = f"/courses/{KEY}/enroll/"


def counts(page: Page) -> str:
    return " ".join(page.locator(".in-words").inner_text().split())


def choose(page: Page, name: str, text: str) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)


@pytest.mark.parametrize("mail", [True, False])
def test_a_pasted_list_is_checked_and_then_carried_out(mail: bool, reader: Visit, world: World) -> None:
    world.enroll("sam", mode="audit")
    page = reader.open(f"/courses/{KEY}/")
    page.get_by_role("link", name="Enroll people").first.click()
    page.get_by_label("Email addresses, usernames or student keys").fill(
        "staff, nobody-knows\nnew@example.com sam@example.org"
    )
    page.get_by_role("button", name="Review changes").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Review changes")
    assert counts(page) == "1 enrolled 1 invited 1 unchanged 1 rejected: unknown username"
    expect(page.get_by_role("row", name="nobody-knows")).to_contain_text("There is no account with this username")
    expect(page.get_by_role("row", name="sam@example.org")).to_contain_text("Sam Learner · sam")
    assert CourseEnrollment.objects.count() == 1
    page.get_by_label("Reason").fill("The spring list")
    page.get_by_label("Notify learners by email").set_checked(mail)
    page.get_by_role("button", name="Apply 2 changes").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    expect(page.get_by_role("list", name="Result")).to_contain_text(re.compile(r"2\s+applied"))
    page.get_by_role("link", name="View operation").click()
    expect(page.get_by_role("region", name="Changes").locator("tbody tr")).to_have_count(2)
    entries = changes().filter(reason="The spring list")
    assert {(e.source, e.actor_id) for e in entries} == {("console", world.instructor.pk)}
    assert entries.count() == 2
    # not who was enrolled already
    told = ["new@example.com", "staff@example.org"] if mail else []
    assert sorted(OutgoingMail.objects.values_list("to", flat=True)) == told
    assert PreEnrollment.objects.get().auto_enroll
    # back at the plan: it is done once
    page.go_back()
    expect(page.get_by_text("These changes were applied.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Apply"))).to_have_count(0)


FILE = "email,mode,reason\nstaff@example.org,verified,by file\nnew@example.com,gold,\nkim@example.com,,\n"


def test_a_file_and_its_refused_row(reader: Visit, world: World, tmp_path: Path) -> None:
    page = reader.open(ENROLL)
    choose(page, "spring.csv", FILE)
    page.get_by_role("button", name="Review changes").click()
    assert counts(page) == "1 enrolled 1 invited 1 rejected"
    expect(page.get_by_text("spring.csv")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_text("Download rejected rows").click()
        page.get_by_role("link", name="CSV", exact=True).click()
    header, row = started.value.path().read_text("utf-8-sig").splitlines()
    assert header == "identifier,email,mode,auto_enroll,reason,action,rejected_because"
    assert row.startswith(",new@example.com,gold,,,,")

    # mended and sent again
    mended = tmp_path / "mended.csv"
    mended.write_text(f"{header}\n{row.replace(',gold,', ',honor,')}\n")
    page.goto(ENROLL)
    page.locator("input[type=file]").set_input_files(mended)
    page.get_by_role("button", name="Review changes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Review changes")
    assert counts(page) == "1 invited"


def test_a_file_is_dropped(reader: Visit, world: World) -> None:
    page = reader.open(ENROLL)
    dropped = page.evaluate_handle(
        """text => {
            const dropped = new DataTransfer();
            dropped.items.add(new File([text], "dropped.csv", {type: "text/csv"}));
            return dropped;
        }""",
        FILE,
    )
    place = page.locator(".drop")
    place.dispatch_event("dragover", {"dataTransfer": dropped})
    expect(place).to_have_class(re.compile(r"\bover\b"))
    place.dispatch_event("drop", {"dataTransfer": dropped})
    expect(place).not_to_have_class(re.compile(r"\bover\b"))
    page.get_by_role("button", name="Review changes").click()
    expect(page.get_by_text("dropped.csv")).to_be_visible()
    assert counts(page) == "1 enrolled 1 invited 1 rejected"


def test_problems_of_the_form_are_told_and_nothing_is_lost(reader: Visit, world: World) -> None:
    reader.refusals.add(400)
    page = reader.open(ENROLL)
    check = page.get_by_role("button", name="Review changes")
    check.click()
    expect(page.get_by_role("alert")).to_contain_text("at least one email address, username or student key")
    page.get_by_label("Email addresses, usernames or student keys").fill("sam")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"email\na@b.c"}
    )
    check.click()
    expect(page.get_by_role("alert")).to_contain_text("either a list or a file")
    expect(page.get_by_label("Email addresses, usernames or student keys")).to_have_value("sam")
    page.get_by_label("Email addresses, usernames or student keys").fill("")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"color\nred\n"}
    )
    check.click()
    expect(page.get_by_role("alert")).to_contain_text("The file can't be read")
    assert list_jobs() == []


def test_unenrolling_a_list(reader: Visit, world: World) -> None:
    world.enroll("sam", "staff")
    page = reader.open(f"/courses/{KEY}/")
    page.get_by_role("link", name="Unenroll people").click()
    page.get_by_label("Email addresses, usernames or student keys").fill("sam")
    page.get_by_role("button", name="Review changes").click()
    assert counts(page) == "1 unenrolled"
    page.get_by_label("Reason").fill("Left")
    # one of two is more than a fifth, and no more than ten rows
    page.get_by_role("button", name="Apply 1 change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    assert CourseEnrollment.objects.get(is_active=False).account == world.learner


def test_many_rows_are_the_workers_and_the_page_follows(reader: Visit, world: World) -> None:
    text = "email\n" + "".join(f"n{n}@example.com\n" for n in range(CHUNK + 1))
    page = reader.open(ENROLL)
    choose(page, "many.csv", text)
    page.get_by_role("button", name="Review changes").click()
    progress = page.locator("[aria-live=polite]")
    expect(progress).to_contain_text("0 of 5,001 rows")
    [check] = list_jobs()
    # a worker that stops after its first chunk
    assert not carry_out(get_job(check.id), lambda: True)
    expect(progress).to_contain_text("5,000 of 5,001 rows")
    expect(progress).to_contain_text("per second, about")
    assert carry_out(get_job(check.id))
    expect(page.get_by_role("heading", name="Apply changes")).to_be_visible()
    assert counts(page) == "5,001 invited"
    page.get_by_label("Reason").fill("The whole year")
    page.get_by_role("button", name="Apply 5,001 changes").click()
    expect(progress).to_contain_text("0 of 5,001 rows")
    job = next(job for job in list_jobs() if job.id != check.id)
    assert carry_out(get_job(job.id))
    expect(page.get_by_role("heading", level=1)).to_contain_text("applied")
    assert counts(page) == "5,001 invited"
    assert PreEnrollment.objects.count() == CHUNK + 1
