"""The browser of the tests: found, or installed by ``make check`` (run as a script)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of the system's Chromium, or else of Playwright's own; None where there is neither."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def launch_arguments() -> list[str]:
    """Chromium's sandbox refuses to run for root; small shared memory, as containers have it, makes pages crash."""
    return [*(["--no-sandbox"] if os.geteuid() == 0 else []), "--disable-dev-shm-usage"]


def install_chromium() -> None:
    """Debian's, where we may; else Playwright's own."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=False, env=quietly)  # noqa: S607  the system's own
        installed = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
        subprocess.run(installed, check=False, env=quietly)
    if find_chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


if __name__ == "__main__":
    if find_chromium() is None:
        install_chromium()
    if find_chromium() is None:
        sys.exit(
            "The tests of the console drive a Chromium; there is none, and it could not be installed.\n"
            "Install one (Debian: apt-get install chromium; elsewhere: playwright install --with-deps chromium) and run"
            " this again.\n`make test` runs all other tests without it."
        )
