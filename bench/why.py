"""How long the answer to "why?" takes in a large course run and a large program, with rows that were rejected.

    python bench/generate.py load --data FOLDER --accounts 1000000 --sizes 1000000 --programs 1 --students 1000000
    python bench/why.py --data FOLDER [--rejected 200000] [--times 300]

Imports a file in which each tenth row is rejected, so that each chunk of the job has rejected rows, and asks for people
who are enrolled, were rejected, or are unknown, and for students. In this process, without HTTP.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from generate import course_key, program_key, student_key
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rejected", type=int, default=200_000, help="rows to import, each tenth of them bad")
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--again", action="store_true", help="the rows were imported before")
    chosen = parser.parse_args()
    with database(chosen.data), tempfile.TemporaryDirectory() as folder:
        migrate_tables()
        if not chosen.again:
            import_rows(Path(folder) / "rows.csv", chosen.rejected)
        measure(chosen)


def import_rows(file: Path, count: int) -> None:
    """Unenroll and enroll nothing: rows of people who are enrolled, and each tenth a username that no one has."""
    from matricula.batches.courses import CourseOptions
    from matricula.batches.imports import ImportDoor, import_file
    from matricula.batches.kinds import IMPORTED_ENROLLMENTS
    from matricula.catalog.reads import find_course
    from matricula.foundation.database import fetch_all
    from matricula.journal.statuses import COMMAND

    names = [name for (name,) in fetch_all("select username from matricula_account order by id limit %s", [count])]
    rows = (f"missing-{n}" if n % 10 == 0 else name for n, name in enumerate(names))
    file.write_text("identifier\n" + "\n".join(rows) + "\n", encoding="utf-8")
    started = time.perf_counter()
    door = ImportDoor(None, COMMAND, lambda _bytes: None, lambda _rejected: None)
    counts = import_file(IMPORTED_ENROLLMENTS, find_course(course_key(0)), file, door, CourseOptions())
    print(f"import: {count / (time.perf_counter() - started):,.0f} rows/s {dict(counts)}")


def measure(chosen: argparse.Namespace) -> None:
    from matricula.catalog.reads import find_course, find_program
    from matricula.foundation.database import fetch_all
    from matricula.history.why.course import explain_in_course
    from matricula.history.why.program import explain_in_program
    from matricula.history.why.values import EVERYTHING
    from matricula.history.why.words import sentence_of

    course, program, draw = find_course(course_key(0)), find_program(program_key(0)), random.Random(1)
    assert course is not None
    assert program is not None
    [(accounts,)] = fetch_all("select count(*) from matricula_account", [])
    names = [
        n for (n,) in fetch_all("select username from matricula_account order by random() limit %s", [chosen.times])
    ]

    def course_of(person: Callable[[], str]) -> Callable[[], str]:
        return lambda: sentence_of(explain_in_course(course, person(), EVERYTHING))

    asked: dict[str, Callable[[], str]] = {
        "enrolled": course_of(lambda: draw.choice(names)),
        "rejected": course_of(lambda: f"missing-{draw.randrange(chosen.rejected // 10) * 10}"),
        "unknown address": course_of(lambda: f"no-one-{draw.random()}@example.org"),
        "unknown, with letters of two cases": course_of(lambda: f"jos\u00e9-{draw.random()}@\u00e9xample.org"),
        "student": lambda: sentence_of(explain_in_program(program, student_key(draw.randrange(50_000)), EVERYTHING)),
    }
    print(f"| {accounts:,} accounts | fastest ms | median ms | 99 % ms | example |")
    for what, ask in asked.items():
        taken, example = [], ""
        for _ in range(chosen.times):
            started = time.perf_counter()
            example = ask()
            taken.append(1000 * (time.perf_counter() - started))
        taken.sort()
        print(
            f"| {what} | {taken[0]:.1f} | {statistics.median(taken):.1f} | {taken[len(taken) * 99 // 100]:.1f} |",
            f"{example} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
