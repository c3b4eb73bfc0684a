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


# tables that have no file, and why (docs/decisions/0053-exports-of-lists.md)
_WITHOUT_FILE = {
    "_access_history.html": "the latest twenty; all of it is among the operations",
    "_curve.html": "the figures of a picture, for those who can't see it",
    "_history.html": "the latest few; all of it is on the page of the history, or of the operation",
    "_program_courses_wait.html": "stands in for a table that loads",
    "access_person.html": "what one person holds; the list of permissions has it",
    "account.html": "the reader's own few logins",
    "can.html": "an answer about one person, with its reasons",
    "home.html": "the first few of lists that have files",
    "merge.html": "two accounts side by side, to choose from",
    "people/_invitations.html": "of one person",
    "people/_programs.html": "of one person",
    "people/_seats.html": "of one person",
    "student.html": "of one student",
    "welcome.html": "who may log in to the demo",
}


def _including(name: str, texts: dict[str, str]) -> set[str]:
    """The templates that show this one, themselves included."""
    found = {name}
    while more := {other for other, text in texts.items() for one in found if f'include "matricula/{one}"' in text}:
        if more <= found:
            break
        found |= more
    return found


def test_every_table_has_a_file_or_a_reason() -> None:
    folder = SOURCE / "console/templates/matricula"
    texts = {
        template.relative_to(folder).as_posix(): template.read_text(encoding="utf-8")
        for template in TEMPLATES
        if template.is_relative_to(folder)
    }
    tables = {name for name, text in texts.items() if "<table" in text}
    without = {name for name in tables if not any("{% downloads" in texts[shown] for shown in _including(name, texts))}
    assert without <= _WITHOUT_FILE.keys() <= tables
