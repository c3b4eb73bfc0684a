"""Institutions of any size, the same for the same seed: straight into a database by COPY, or as files to import.

    python bench/generate.py load --data FOLDER --accounts 1000000 --sizes 1000000,1000 --courses 200 --seats 300000
    python bench/generate.py enrollments FILE --rows 1000000
    python bench/generate.py program FILE --rows 1000000

``load`` wants a database of its own: that of ``DATABASE_URL``, else the embedded one of ``--data``. The files name the
people whom ``load`` makes with the same seed and at least as many accounts.
"""

import argparse
import csv
import json
import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction

from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database
from matricula.enrollments.course.counts import compact_roster_counts
from matricula.enrollments.program.counts import fold_student_counts
from names import LANGUAGES

ORGANIZATIONS = ("north", "south", "east", "west")
MODES = ("audit", "verified", "honor")
PROGRAM_STATUSES = ("enrolled", "enrolled", "enrolled", "pending", "suspended", "canceled", "ended")
START = datetime(2025, 9, 1, tzinfo=UTC)
# enrollments come over so long, so many in one operation; who leaves does so some weeks later
SECONDS, ACT, STAY = 300 * 86_400, 500, timedelta(days=40)
_SEARCH_INDEX = "create index account_search on matricula_account using gin (search_text gin_trgm_ops)"


class Person(NamedTuple):
    """Somebody with an account."""

    username: str
    email: str
    first_name: str
    last_name: str
    language: str


def people(count: int, seed: int) -> Iterator[Person]:
    """The first ``count`` people of a seed; more of them begin with the same."""
    draw = random.Random(seed)
    languages = [language for language in LANGUAGES for _ in range(language.share)]
    seen: dict[str, int] = {}
    random_number, total = draw.random, len(languages)
    for _ in range(count):
        language = languages[int(random_number() * total)]
        first, first_ascii = language.given[int(random_number() * len(language.given))]
        last, last_ascii = language.family[int(random_number() * len(language.family))]
        name = f"{first_ascii}.{last_ascii}"
        number = seen[name] = seen.get(name, 0) + 1
        username = f"{name}{number}" if number > 1 else name
        organization = ORGANIZATIONS[int(random_number() * len(ORGANIZATIONS))]
        yield Person(username, f"{username}@students.{organization}.example.org", first, last, language.code)


def course_sizes(courses: int, seats: int, largest: int) -> list[int]:
    """Sizes that fall off as those of real courses do: a few are huge, most are small."""
    weights = [1 / (rank + 1) ** 1.1 for rank in range(courses)]
    return [max(1, min(largest, round(seats * weight / sum(weights)))) for weight in weights]


def course_key(number: int) -> str:
    return f"course-v1:{ORGANIZATIONS[number % len(ORGANIZATIONS)].title()}+C{number + 1}+2026"


def program_key(number: int) -> str:
    return f"program-{number + 1}"


def student_key(number: int) -> str:
    return f"S{number:09d}"


# --- Into a database ---


def load(chosen: argparse.Namespace) -> None:
    sizes = [int(size) for size in chosen.sizes.split(",") if size]
    sizes += course_sizes(chosen.courses, chosen.seats, chosen.accounts) if chosen.courses else []
    migrate_tables()
    # an index is dropped for a while, and VACUUM is for owners
    with as_owner():
        _load(chosen, sizes)


def _load(chosen: argparse.Namespace, sizes: list[int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local maintenance_work_mem = '512MB'")
        organizations = _organizations(cursor)
        first_id, names = _timed("accounts", lambda: _accounts(cursor, chosen.accounts, chosen.seed))
        draw = random.Random(chosen.seed + 1)
        if sizes:
            _timed("seats and journal", lambda: _courses(cursor, organizations, sizes, first_id, names, draw))
        if chosen.programs:
            _timed("programs", lambda: _programs(cursor, organizations, chosen, first_id))
    _timed("derived tables and statistics", _settle)


def _timed(what: str, action: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    result = action()
    print(f"{what}: {time.perf_counter() - started:.1f} s", flush=True)
    return result


def _settle() -> None:
    compact_roster_counts()
    fold_student_counts()
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    connection = cursor.connection
    with connection.cursor() as raw, raw.copy(f"copy matricula_{table} ({columns}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def _ids(cursor: Any, table: str, count: int) -> int:
    """Sets ``count`` ids of a table aside; the first of them."""
    cursor.execute(
        "select setval(s, nextval(s) + %s - 1) - %s + 1 from pg_get_serial_sequence(%s, 'id') s",
        [count, count, f"matricula_{table}"],
    )
    return int(cursor.fetchone()[0])


def _organizations(cursor: Any) -> dict[str, int]:
    first = _ids(cursor, "organization", len(ORGANIZATIONS))
    rows = [(first + n, key, f"{key.title()} University") for n, key in enumerate(ORGANIZATIONS)]
    _copy(cursor, "organization", "id, key, name", rows)
    return {key: row_id for row_id, key, _ in rows}


def _accounts(cursor: Any, count: int, seed: int) -> tuple[int, list[str]]:
    first_id = _ids(cursor, "account", count)
    names: list[str] = []

    def rows() -> Iterator[tuple[object, ...]]:
        for number, person in enumerate(people(count, seed)):
            names.append(person.username)
            joined = START + timedelta(seconds=number % 20_000_000)
            # three of a hundred have not confirmed their address
            activated = None if number % 33 == 32 else joined
            yield (first_id + number, *person, "!", activated is not None, False, False, activated, joined)

    columns = "id, username, email, first_name, last_name, language, password, is_active, is_staff, is_superuser"
    # built at once it takes a third of the time of row by row
    cursor.execute("drop index account_search")
    _copy(cursor, "account", f"{columns}, activated, date_joined", rows())
    cursor.execute(_SEARCH_INDEX)
    cursor.execute("analyze matricula_account")
    return first_id, names


def _courses(
    cursor: Any,
    organizations: dict[str, int],
    sizes: Sequence[int],
    first_id: int,
    names: Sequence[str],
    draw: random.Random,
) -> None:
    first_course, owners = _ids(cursor, "course", len(sizes)), list(organizations.values())
    _copy(
        cursor,
        "course",
        "id, key, organization_id, title, modes, invitation_only",
        (
            (first_course + n, course_key(n), owners[n % len(owners)], f"Course {n + 1}", list(MODES), False)
            for n in range(len(sizes))
        ),
    )
    for course, size in enumerate(sizes, first_course):
        members = draw.sample(range(len(names)), min(size, len(names)))
        seats = [(m, _mode(draw), draw.random() < 0.93, _moment(m, len(names))) for m in members]
        _copy(
            cursor,
            "courseenrollment",
            "course_id, account_id, username_key, mode, is_active, created",
            ((course, first_id + m, names[m], mode, active, at) for m, mode, active, at in seats),
        )
        _copy(
            cursor,
            "journalentry",
            "at, operation, subject, account_id, course_id, transition, before, after",
            _journal(course, first_id, seats, _operations(cursor, len(seats), draw, course=course)),
        )


def _moment(number: int, of: int) -> datetime:
    """When the person with this number of so many came."""
    return START + timedelta(seconds=number * SECONDS // of)


def _operations(
    cursor: Any, rows: int, draw: random.Random, *, course: int | None = None, program: int | None = None
) -> list[uuid.UUID]:
    """The acts to which the generated journal of so many rows belongs, the oldest first."""
    operations = [uuid.UUID(int=draw.getrandbits(128)) for _ in range(0, max(rows, 1), ACT)]
    moments = [_moment(n, len(operations)) for n in range(len(operations))]
    _copy(
        cursor,
        "operation",
        "id, kind, source, started, ended, course_id, program_id",
        ((one, "import", "command", at, at, course, program) for one, at in zip(operations, moments, strict=True)),
    )
    return operations


def _mode(draw: random.Random) -> str:
    chance = draw.random()
    return "audit" if chance < 0.7 else "verified" if chance < 0.95 else "honor"


def _journal(
    course: int, first_id: int, seats: Iterable[tuple[int, str, bool, datetime]], operations: Sequence[uuid.UUID]
) -> Iterator[tuple[object, ...]]:
    enrolled = {m: json.dumps({"v": 2, "enrollment": {"mode": m, "is_active": True}}) for m in MODES}
    ended = {m: json.dumps({"v": 2, "enrollment": {"mode": m, "is_active": False}}) for m in MODES}
    subject, joining, leaving = "course_enrollment", "from unenrolled to enrolled", "from enrolled to unenrolled"
    steps = [(at, member, mode, True) for member, mode, _, at in seats]
    steps += [(at + STAY, member, mode, False) for member, mode, active, at in seats if not active]
    steps.sort()
    for number, (at, member, mode, joins) in enumerate(steps):
        operation = operations[number * len(operations) // len(steps)]
        states = ("{}", enrolled[mode]) if joins else (enrolled[mode], ended[mode])
        yield (at, operation, subject, first_id + member, course, joining if joins else leaving, *states)


def _programs(cursor: Any, organizations: dict[str, int], chosen: argparse.Namespace, first_id: int) -> None:
    """Programs with students of whom every other has an account linked to the student key."""
    first = _ids(cursor, "program", chosen.programs)
    owner = organizations[ORGANIZATIONS[0]]
    _copy(
        cursor,
        "program",
        "id, key, organization_id, title, type, manages_enrollments",
        ((first + n, program_key(n), owner, f"Program {n + 1}", "Masters", True) for n in range(chosen.programs)),
    )
    students = min(chosen.students, chosen.accounts)
    _copy(
        cursor,
        "studentidentity",
        "organization_id, student_key, account_id",
        ((owner, student_key(n), first_id + n) for n in range(0, students, 2)),
    )
    # students without an account expire some time after their last change
    now = datetime.now(UTC)
    draw = random.Random(chosen.seed + 3)
    subject = "program_enrollment"
    for program in range(first, first + chosen.programs):
        rows = [
            (n, PROGRAM_STATUSES[(n * 7 + program) % 7], first_id + n if n % 2 == 0 else None) for n in range(students)
        ]
        _copy(
            cursor,
            "programenrollment",
            "program_id, student_key, account_id, status, created, updated",
            ((program, student_key(n), account, status, _moment(n, students), now) for n, status, account in rows),
        )
        operations = _operations(cursor, students, draw, program=program)
        _copy(
            cursor,
            "journalentry",
            "at, operation, subject, account_id, program_id, student_key, transition, before, after",
            (
                (
                    _moment(n, students),
                    operations[n // ACT],
                    subject,
                    account,
                    program,
                    student_key(n),
                    *_from_none(status),
                )
                for n, status, account in rows
            ),
        )


def _from_none(status: str) -> tuple[str, str, str]:
    return f"from none to {status}", "{}", json.dumps({"v": 2, "status": status})


# --- Into files ---


def write_enrollments(chosen: argparse.Namespace) -> None:
    draw = random.Random(chosen.seed + 2)
    rows = ([person.username, _mode(draw), "enroll", ""] for person in people(chosen.rows, chosen.seed))
    _write(chosen.file, ["identifier", "mode", "action", "reason"], rows)


def write_program(chosen: argparse.Namespace) -> None:
    _write(chosen.file, ["student_key", "status"], students(chosen.rows))


def students(number: int) -> Iterator[list[str]]:
    """Student keys and statuses of a program."""
    return ([student_key(n), PROGRAM_STATUSES[n * 7919 % 7]] for n in range(number))


def _write(file: Path, header: list[str], rows: Iterable[list[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    commands = parser.add_subparsers(required=True)
    loading = commands.add_parser("load", help="COPY finished rows into a database")
    loading.add_argument("--data", type=Path)
    loading.add_argument("--accounts", type=int, default=10_000)
    loading.add_argument("--sizes", default="", help="courses of exactly these sizes, parted by commas")
    loading.add_argument("--courses", type=int, default=0, help="more courses, of skewed sizes")
    loading.add_argument("--seats", type=int, default=0, help="seats in those, together")
    loading.add_argument("--programs", type=int, default=0)
    loading.add_argument("--students", type=int, default=10_000, help="students of each program")
    enrollments = commands.add_parser("enrollments", help="the CSV of an enrollment import")
    program = commands.add_parser("program", help="the CSV of a program upload")
    for command, action in ((enrollments, write_enrollments), (program, write_program)):
        command.add_argument("file", type=Path)
        command.add_argument("--rows", type=int, default=10_000)
        command.set_defaults(action=action)
    chosen = parser.parse_args()
    if "action" in chosen:
        chosen.action(chosen)
        return
    with database(chosen.data):
        load(chosen)


if __name__ == "__main__":
    main()
