"""Takes the README's pictures of the console, from the demo institution: ``make screenshots``."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
from tests.browser.chromium import find_chromium, launch_arguments

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
MOST_BYTES = 170_000
COURSE, PROGRAM = "/courses/course-v1:North+CS201+2027_T1/", "/programs/north-mcs/"
UPLOAD = """email,mode,reason
ana.torres@example.com,verified,fee paid
sam,audit,
kim,gold,
no-such-person,audit,
late.comer@example.com,,asked for a place
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="matricula-pictures-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        data = Path(folder)
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"MATRICULA_DATA": folder}
        up = subprocess.Popen([sys.executable, "-m", "matricula", "up", "--port", str(port)], env=environment)
        try:
            wait_for(f"http://127.0.0.1:{port}/health/", up)
            password = json.loads((data / "demo-login.json").read_text())["password"]
            take_all(f"http://127.0.0.1:{port}", password)
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)


def wait_for(address: str, up: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if up.poll() is not None:
            sys.exit("matricula up has ended.")
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  our own address
                return
        except OSError:
            time.sleep(0.5)
    sys.exit("matricula up does not answer.")


def take_all(site: str, password: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_arguments())
        page = log_in(browser, site, "admin", password)
        for name, address in (("home", "/"), ("program", PROGRAM), ("course", COURSE)):
            answer = page.goto(address)
            if answer is None or not answer.ok:
                sys.exit(f"{address} is not there.")
            take(page, name)
        take_past(page)
        page.goto(f"{COURSE}enroll/")
        file = {"name": "late-registrations.csv", "mimeType": "text/csv", "buffer": UPLOAD.encode()}
        page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        page.get_by_role("button", name="Review changes").click()
        take(page, "check")
        take_why(page)
        take_undo(page, log_in(browser, site, "helen", password))
        browser.close()


def take_past(page: Page) -> None:
    """The course as it was two weeks ago, and what has changed since."""
    then = datetime.now(UTC) - timedelta(days=14)
    page.goto(f"{COURSE}as-of/?as_of={then:%Y-%m-%dT09:00}")
    take(page, "past")
    page.get_by_role("link", name="Compare with now").click()
    take(page, "comparison")


def log_in(browser: Browser, site: str, who: str, password: str) -> Page:
    size: Any = {"width": 1280, "height": 800}
    page = browser.new_context(base_url=site, viewport=size, locale="en-GB", timezone_id="Europe/Madrid").new_page()
    page.goto("/login/")
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill(password)
    page.locator("main").get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{site}/")
    return page


def take_why(page: Page) -> None:
    """Why someone is no longer enrolled."""
    page.goto(f"{COURSE}?state=ended")
    page.locator("#roster").get_by_role("link", name="Why is").first.click()
    page.get_by_role("heading", name="What to do next").wait_for()
    take(page, "why")


def take_undo(page: Page, other: Page) -> None:
    """A plan that removes many, which someone else approves; applied, and what would undo it."""
    page.goto(COURSE)
    names: list[str] = []
    while True:
        page.wait_for_load_state("networkidle")
        names += page.locator("#roster tbody input[name=who]").evaluate_all("boxes => boxes.map(box => box.value)")
        following = page.locator("#roster").get_by_role("link", name="Next")
        if len(names) > 40 or not following.count():
            break
        page.goto(COURSE + (following.get_attribute("href") or ""))
    rows = "".join(f"{name},unenroll\n" for name in names)
    file: Any = {"name": "withdrawals.csv", "mimeType": "text/csv", "buffer": f"identifier,action\n{rows}".encode()}
    page.goto(f"{COURSE}enroll/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Review changes").click()
    page.wait_for_load_state("networkidle")
    other.goto(page.url)
    take(other, "approval")
    other.get_by_label("Note").fill("agreed with the faculty")
    other.get_by_role("button", name="Approve plan").click()
    other.get_by_text("You approved the plan.").wait_for()
    page.reload()
    page.get_by_label("Reason").fill("withdrew before the deadline")
    page.get_by_role("button", name=re.compile("Apply .* changes")).click()
    page.get_by_role("link", name="View operation").click()
    take(page, "operation")
    page.get_by_role("link", name="Undo…").click()
    page.get_by_label("Reason").fill("the file was cut off")
    page.get_by_role("button", name="Review undo").click()
    take(page, "undo")


def take(page: Page, name: str) -> None:
    """The first screenful, once everything has come; light, and dark."""
    page.wait_for_load_state("networkidle")
    schemes: tuple[tuple[Literal["light", "dark"], str], ...] = (("light", ""), ("dark", "-dark"))
    for scheme, ending in schemes:
        page.emulate_media(color_scheme=scheme)
        picture = PICTURES / f"console-{name}{ending}.png"
        page.screenshot(path=picture)
        if pngquant := shutil.which("pngquant"):
            # a third of the size; not needed, so that nobody has to install it
            subprocess.run([pngquant, "--force", "--output", picture, "256", picture], check=True)
        size = picture.stat().st_size
        print(f"{picture.name}: {size // 1000} kB")  # noqa: T201  what a script says
        if size > MOST_BYTES:
            sys.exit(f"{picture.name} is larger than {MOST_BYTES // 1000} kB.")
    page.emulate_media(color_scheme="light")


if __name__ == "__main__":
    main()
