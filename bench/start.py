"""Milliseconds of processor time that commands take to start, beside `python -c pass` and Django's own start.

    python bench/start.py [--rounds 15] [--json FILE]

The commands take turns, and the least of each counts: it is the one that others disturbed least. What a command loads:
`python -X importtime -m matricula --help`.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from matricula.embedded.postgres import embedded_postgres

COURSE = "course-v1:East+START+2027"
INSTITUTION = f"""
organizations: [{{key: east, name: East College}}]
courses: [{{key: "{COURSE}", organization: east, title: World History}}]
"""
# auth and contenttypes are the least that an application with accounts has
DJANGO = """
import django
from django.conf import settings
engine = {"ENGINE": "django.db.backends.postgresql", "NAME": "none"}
settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"], DATABASES={"default": engine})
django.setup()
"""
ROWS = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    # without byte code each start would compile the source
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory(prefix="matricula-start-") as folder:
        figures = measure(Path(folder), chosen.rounds)
    for what, milliseconds in figures.items():
        print(f"{what:28} {milliseconds:7.1f} ms {milliseconds / figures['python -c pass']:6.1f} ×")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures))


def measure(folder: Path, rounds: int) -> dict[str, float]:
    """What is started → milliseconds."""
    data = folder / "data"
    (folder / "institution.yaml").write_text(INSTITUTION)
    files = rosters(folder)
    # as on a machine that serves: the import joins a server that runs
    with embedded_postgres(data):
        ours("load", str(folder / "institution.yaml"), "--data", str(data))
        taken = defaultdict(list)
        # the first writes byte code
        for number in range(rounds + 1):
            roster = str(next(files))
            for what, command in (
                ("python -c pass", ["-c", "pass"]),
                ("django.setup()", ["-c", DJANGO]),
                ("matricula --version", ["-m", "matricula", "--version"]),
                ("matricula --help", ["-m", "matricula", "--help"]),
                (f"import of {ROWS:,} rows", ["-m", "matricula", *importing(roster, data)]),
            ):
                spent = processor_time(command)
                if number:
                    taken[what].append(spent)
    return {what: 1_000 * min(times) for what, times in taken.items()}


def importing(roster: str, data: Path) -> list[str]:
    return ["import", "enrollments", "--course", COURSE, roster, "--data", str(data)]


def rosters(folder: Path) -> Iterator[Path]:
    """One file after the other, with people whom no file named before."""
    for number in count():
        file = folder / "roster.csv"
        file.write_text("identifier\n" + "".join(f"p{number}-{n}@example.org\n" for n in range(ROWS)))
        yield file


def ours(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "matricula", *arguments], check=True, stdout=subprocess.DEVNULL)


def processor_time(command: list[str]) -> float:
    """Seconds, of all cores, with those of its own children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
