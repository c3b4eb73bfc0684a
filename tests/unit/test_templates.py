"""Templates are readable: indented by djhtml, and no line is longer than a line of Python may be."""

import subprocess
import sys
from pathlib import Path

import matricula

SOURCE = Path(matricula.__file__).parent
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))


def test_no_line_is_too_long() -> None:
    assert len(TEMPLATES) > 60
    long = [
        f"{template.relative_to(SOURCE)}:{number}"
        for template in TEMPLATES
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120
    ]
    assert long == []


def test_templates_are_indented() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "djhtml", "--check", "--tabwidth", "2", SOURCE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, f"{checked.stderr}run: make format"
