"""The list of jobs, and one of them."""

import uuid

from playwright.sync_api import expect

from matricula.jobs.reads import get_job
from matricula.jobs.writes import fail_job
from matricula.models import Account
from matricula.worker.tasks import carry_out
from tests.batches import start_enrollment_task
from tests.browser.conftest import Visit
from tests.conftest import World


def start(world: World, actor: Account, *identifiers: str) -> uuid.UUID:
    return start_enrollment_task(world.course, identifiers, actor_id=actor.pk)


def test_a_job_is_canceled(reader: Visit, world: World) -> None:
    job = start(world, world.instructor, "sam", "staff")
    page = reader.open("/jobs/")
    expect(page.locator("tbody tr")).to_contain_text(["waiting"])
    page.get_by_role("link", name="API enrollment task").click()
    page.get_by_role("button", name="Cancel this job").click()
    expect(page.get_by_text("The job was canceled. Changes made before that were kept.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("canceled")
    expect(page.get_by_role("button", name="Cancel this job")).to_have_count(0)
    assert get_job(job).state == "canceled"


def test_jobs_by_state_and_by_person(root: Visit, world: World) -> None:
    for others in (start(world, world.instructor, "sam"), start(world, world.staff, "staff")):
        assert carry_out(get_job(others))
    fail_job(
        start(world, world.staff, "sam"), "This task failed because of an internal error; what it had done stays done."
    )
    page = root.open("/jobs/")
    expect(page.get_by_text("No jobs here.")).to_be_visible()
    page.get_by_label("Jobs of").select_option("all")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.get_by_label("State").select_option("failed")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("staff")
    page.get_by_role("link", name="API enrollment task").click()
    expect(page.locator(".note.bad")).to_contain_text("This task failed because of an internal error")


def test_a_job_that_ends_elsewhere_meanwhile(reader: Visit, world: World) -> None:
    job = start(world, world.instructor, "sam")
    page = reader.open(f"/jobs/{job}/")
    expect(page.get_by_role("button", name="Cancel this job")).to_be_visible()
    assert carry_out(get_job(job))
    expect(page.get_by_role("heading", level=1)).to_contain_text("completed")
