"""Templates are readable: no line is longer than a line of Python may be."""

from pathlib import Path

import matricula

TEMPLATES = sorted(Path(matricula.__file__).parent.rglob("templates/**/*.html"))


def test_no_line_is_too_long() -> None:
    assert len(TEMPLATES) > 60
    long = [
        f"{template.name}:{number}"
        for template in TEMPLATES
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120
    ]
    assert long == []
