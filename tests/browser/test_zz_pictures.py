from collections.abc import Callable
from pathlib import Path

from tests.browser.conftest import Visit
from tests.conftest import World
from tests.university import University

OUT = Path("/tmp/shots")
OUT.mkdir(exist_ok=True)
COURSE = "/courses/course-v1:North+CS101+2027_T1/"


def test_pictures(visit: Callable[..., Visit], crowd: World, university: University, tmp_path: Path) -> None:
    how = {"viewport": {"width": 1280, "height": 900}}
    maker, other = visit(crowd.instructor, **how), visit(crowd.staff, **how)

    def shot(v: Visit, name: str) -> None:
        v.page.wait_for_load_state("networkidle")
        v.page.screenshot(path=OUT / f"{name}.png", full_page=False)

    file = tmp_path / "withdrawals.csv"
    file.write_text(
        "identifier,action,mode\n"
        + "".join(f"p{n:03},unenroll,\n" for n in range(60))
        + "nobody,,\nsam,,verified\np061,,verified\np003,,\nnew@example.org,,\n"
    )
    page = maker.open(f"{COURSE}enroll/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Review changes").click()
    shot(maker, "1-held-maker")
    address = page.url
    page.mouse.wheel(0, 700)
    shot(maker, "1b-rows")
    p2 = other.open("/")
    shot(other, "2-home")
    p2.get_by_role("link", name="withdrawals.csv").click()
    shot(other, "3-approver")
    p2.get_by_label("Note").fill("agreed with the faculty")
    p2.get_by_role("button", name="Approve plan").click()
    shot(other, "4-approved")
    page.goto(address)
    shot(maker, "5-apply")
    page.get_by_role("checkbox", name="Include row 3", exact=True).uncheck()
    page.wait_for_timeout(800)
    shot(maker, "5b-unticked")
    page.get_by_role("checkbox", name="Include row 3", exact=True).check()
    page.wait_for_timeout(800)
    page.get_by_label("Reason").fill("end of term")
    page.get_by_role("button", name="Apply 62 changes").click()
    shot(maker, "6-applied")
    page.get_by_role("link", name="View operation").click()
    shot(maker, "7-operation")
    page.get_by_role("link", name="Undo…").first.click()
    shot(maker, "8-undo")
    page.get_by_label("Reason").fill("wrong file")
    page.get_by_role("button", name="Review undo").click()
    shot(maker, "9-undo-plan")
    page.goto("/plans/")
    shot(maker, "10-plans")
    page.goto("/operations/")
    shot(maker, "11-operations")
    page.goto(f"{COURSE}history/")
    shot(maker, "12-history")
