"""Says loudly where the tests of this folder were not run."""

from pathlib import Path

import pytest

from tests.browser.conftest import CHROMIUM


def test_chromium_is_here() -> None:
    if CHROMIUM is None:
        pytest.skip(
            "NO CHROMIUM: NONE of the tests in tests/browser was run. "
            "`make check` installs one, or install it yourself (Debian: apt-get install chromium)."
        )
    assert Path(CHROMIUM).is_file()
