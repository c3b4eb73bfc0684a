"""Bulk writes beside plain COPY of finished rows into the same tables, in one run; every row journaled.

    python bench/bulk.py [--rows 200000] [--rounds 5] [--students 25] [--users 0] [--studying] [--json FILE]

With --users, so many new accounts, once. With --studying, students of a program in a course run of it too, all linked
to accounts: the floor is COPY into both tables, one after the other.

Course enrollments through ``matricula import`` and through a task over HTTP, program enrollments through an upload over
HTTP, each a second time with nothing to change, and single requests of 25 students. Medians of the rounds; only ratios
of one run mean anything. The service has one web process and one worker; memory is the highest that a process ever had.
"""

import argparse
import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

import generate
from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database
from rosters import free_port, until_it_answers
from throughput import make_token

BASE = "/api/enrollment/v2/courses"
REQUESTS = 200
# the limit of one request, as it is without a setting
IDENTIFIERS = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--students", type=int, default=25, help="students in a single request")
    parser.add_argument("--users", type=int, default=0, help="new accounts to import, once")
    parser.add_argument("--studying", action="store_true", help="students of a program in course runs too")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matricula-bulk-") as folder, database(Path(folder) / "data"):
        Measure(Path(folder), chosen).run()


class Measure:
    """One run: the figures by name, in rows a second."""

    def __init__(self, work: Path, chosen: argparse.Namespace) -> None:
        self.work, self.rows, self.rounds, self.students = work, chosen.rows, chosen.rounds, chosen.students
        self.users, self.studying, self.json = chosen.users, chosen.studying, chosen.json
        self.rates: dict[str, list[float]] = defaultdict(list)
        self.memory: dict[str, float] = {}

    def run(self) -> None:
        migrate_tables()
        generate.load(
            argparse.Namespace(seed=1, accounts=self.rows, sizes="", courses=0, seats=0, programs=0, students=0)
        )
        generate.write_enrollments(argparse.Namespace(seed=1, file=self.work / "rows.csv", rows=self.rows))
        generate.write_program(argparse.Namespace(seed=1, file=self.work / "students.csv", rows=self.rows))
        self.prepare()
        with running(self.work) as (self.root, pids):
            for number in range(self.rounds):
                self.courses(number)
                self.programs(number)
                if self.studying:
                    self.course_students(number)
            if self.users:
                self.accounts()
            self.memory |= {name: peak(pid) for name, pid in pids.items()}
        self.report()

    def prepare(self) -> None:
        from matricula.models import Course, Organization, Program

        north = Organization.objects.get(key="north")
        for number in range(3 * self.rounds):
            Course.objects.create(key=generate.course_key(number), organization=north, title="A", modes=generate.MODES)
            Program.objects.create(
                key=generate.program_key(number), organization=north, title="A", manages_enrollments=True
            )
        self.token = make_token()

    def courses(self, number: int) -> None:
        """The floor, the import twice and the task twice, each in a course run of its own."""
        copied, imported, tasked = (generate.course_key(3 * number + n) for n in range(3))
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            [course] = connection.execute("select id from matricula_course where key = %s", [copied]).fetchone()
            accounts = connection.execute(
                "select id, username_key from matricula_account where not is_staff order by id"
            ).fetchall()
            lines = (f"{course}\t{account}\t{name}\taudit\tt\t2026-01-01\n" for account, name in accounts)
            columns = "course_id, account_id, username_key, mode, is_active, created"
            self.copy(connection, "course floor", f"matricula_courseenrollment ({columns})", lines)
        for what in ("course import", "course import again"):
            seconds = self.import_file("enrollments", "--course", imported, str(self.work / "rows.csv"))
            self.rates[what].append(self.rows / seconds)
        names = [name for _, name in accounts]
        for what in ("course task", "course task again"):
            started = time.perf_counter()
            for start in range(0, len(names), IDENTIFIERS):
                body = json.dumps({"identifiers": names[start : start + IDENTIFIERS], "action": "enroll"}).encode()
                task = self.call("POST", f"{BASE}/{tasked}/enrollments", body, "application/json")
                self.wait(f"{BASE}/{tasked}/tasks/{task['task_id']}", "state")
            self.rates[what].append(self.rows / (time.perf_counter() - started))

    def programs(self, number: int) -> None:
        """The floor, the upload twice, and single requests of a few new students."""
        copied, uploaded, single = (generate.program_key(3 * number + n) for n in range(3))
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            [program] = connection.execute("select id from matricula_program where key = %s", [copied]).fetchone()
            # the rows that the upload makes: those that are not enrolled are in one index more
            students = generate.students(self.rows)
            lines = (f"{program}\t{key}\t{status}\t2026-01-01\t2026-01-01\n" for key, status in students)
            columns = "program_id, student_key, status, created, updated"
            self.copy(connection, "program floor", f"matricula_programenrollment ({columns})", lines)
        file = (self.work / "students.csv").read_bytes()
        for what in ("program upload", "program upload again"):
            started = time.perf_counter()
            kind, body = form_of(file)
            job = self.call("POST", f"/api/v2/programs/{uploaded}/enrollments/upload/", body, kind)
            self.wait(f"/api/v2/jobs/{job['job_id']}/", "state")
            self.rates[what].append(self.rows / (time.perf_counter() - started))
        started = time.perf_counter()
        for n in range(REQUESTS):
            keys = [generate.student_key(n * self.students + m) for m in range(self.students)]
            body = json.dumps([{"student_key": key, "status": "enrolled"} for key in keys]).encode()
            self.call("POST", f"/api/v2/programs/{single}/enrollments/", body, "application/json")
        self.rates["program request"].append(REQUESTS * self.students / (time.perf_counter() - started))

    def course_students(self, number: int) -> None:
        """The floor, and the upload twice."""
        from matricula.models import Course, Organization, Program, ProgramCourse

        organization = Organization.objects.create(key=f"studying-{number}", name="A")
        made = []
        for what in ("copied", "uploaded"):
            key = f"{what}-{number}"
            course = Course.objects.create(
                key=f"course-v1:{key}+A+1", organization=organization, title="A", modes=generate.MODES
            )
            program = Program.objects.create(key=key, organization=organization, title="A", manages_enrollments=True)
            ProgramCourse.objects.create(program=program, course=course, position=0)
            made.append((program.pk, course.pk))
        day = "2026-01-01"
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            accounts = connection.execute(
                "select id, username_key from matricula_account where not is_staff order by id limit %s", [self.rows]
            ).fetchall()
            keyed = [(generate.student_key(n), account, name) for n, (account, name) in enumerate(accounts)]
            with connection.cursor() as cursor:
                columns = "organization_id, student_key, account_id"
                with cursor.copy(f"copy matricula_studentidentity ({columns}) from stdin") as copy:
                    copy.write("".join(f"{organization.pk}\t{key}\t{account}\n" for key, account, _ in keyed))
                for program, _ in made:
                    columns = "program_id, student_key, account_id, status, created, updated"
                    with cursor.copy(f"copy matricula_programenrollment ({columns}) from stdin") as copy:
                        lines = (f"{program}\t{key}\t{account}\tenrolled\t{day}\t{day}\n" for key, account, _ in keyed)
                        copy.write("".join(lines))
            connection.commit()
            analyze("studentidentity", "programenrollment")
            program, course = made[0]
            ids = [
                id_
                for (id_,) in connection.execute(
                    "select id from matricula_programenrollment where program_id = %s order by student_key_folded",
                    [program],
                )
            ]
            columns = "program_enrollment_id, course_id, status, course_staff, organization_id, student_key_folded"
            lines = (
                f"{id_}\t{course}\tactive\tf\t{organization.pk}\t{key.lower()}\t{day}\t{day}\n"
                for id_, (key, _, _) in zip(ids, keyed, strict=True)
            )
            self.copy(connection, "rows", f"matricula_programcourseenrollment ({columns}, created, updated)", lines)
            columns = "course_id, account_id, username_key, mode, is_active, created"
            lines = (f"{course}\t{account}\t{name}\tmasters\tt\t{day}\n" for _, account, name in keyed)
            self.copy(connection, "seats", f"matricula_courseenrollment ({columns})", lines)
        pair = [self.rates.pop(what)[0] for what in ("rows", "seats")]
        self.rates["studying floor"].append(1 / sum(1 / rate for rate in pair))
        text = "".join(f"course-v1:uploaded-{number}+A+1,{key},active\n" for key, _, _ in keyed)
        file = f"course_id,student_key,status\n{text}".encode()
        for what in ("studying upload", "studying upload again"):
            started = time.perf_counter()
            kind, body = form_of(file)
            job = self.call("POST", f"/api/v2/programs/uploaded-{number}/course_enrollments/upload/", body, kind)
            self.wait(f"/api/v2/jobs/{job['job_id']}/", "state")
            self.rates[what].append(self.rows / (time.perf_counter() - started))

    def accounts(self) -> None:
        """The floor and the import of people that nobody knows yet."""
        people = [
            (f"{kind}.{person.username}", f"{kind}.{person.email}", person.first_name, person.last_name)
            for kind in ("copied", "imported")
            for person in generate.people(self.users, 1)
        ]
        with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
            more = "!\tf\tf\tf\t2026-01-01\t"
            columns = "username, email, first_name, last_name, password, is_active, is_staff, is_superuser, date_joined"
            lines = ("\t".join(person) + f"\t{more}\n" for person in people[: self.users])
            self.copy(connection, "users floor", f"matricula_account ({columns}, language)", lines)
        with (self.work / "users.csv").open("w", encoding="utf-8") as file:
            file.write("username,email,first_name,last_name\n")
            file.writelines(",".join(person) + "\n" for person in people[self.users :])
        del people
        self.rates["users import"].append(self.users / self.import_file("users", str(self.work / "users.csv")))

    def import_file(self, *what: str) -> float:
        """Seconds of ``matricula import``, its start included."""
        started = time.perf_counter()
        command = [sys.executable, "-m", "matricula", "import", *what]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        name = f"import {what[0]}"
        # the kernel's own figure for a child that has ended counts the memory of its parent too
        while process.poll() is None:
            self.memory[name] = max(self.memory.get(name, 0), peak(process.pid))
            time.sleep(0.1)
        if process.returncode:
            sys.exit("the import failed")
        return time.perf_counter() - started

    def copy(self, connection: psycopg.Connection[Any], what: str, target: str, lines: Iterator[str]) -> None:
        data = "".join(lines)
        started = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin") as copy:
            copy.write(data)
        connection.commit()
        self.rates[what].append(data.count("\n") / (time.perf_counter() - started))

    def call(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", **({"Content-Type": kind} if kind else {})}
        request = urllib.request.Request(self.root + path, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=600) as response:
            return dict(json.load(response))

    def wait(self, path: str, field: str) -> None:
        while (answer := self.call("GET", path))[field].lower() in {"pending", "running", "queued", "in progress"}:
            time.sleep(0.05)
        if answer[field].lower() not in {"completed", "succeeded"}:
            sys.exit(f"{path}: {answer}")

    def report(self) -> None:
        middle = {what: statistics.median(rates) for what, rates in self.rates.items()}
        if self.json:
            self.json.write_text(json.dumps({"rates": middle, "memory": self.memory}))
        print(f"{self.rows} rows, medians of {self.rounds}\n\n| | rows/s | beside |\n|---|---|---|")
        for what, rate in middle.items():
            base = what.removesuffix(" again") if what.endswith(" again") else re.sub(" .*", " floor", what)
            print(f"| {what} | {rate:,.0f} | {rate / middle[base]:.2f} × {base} |")
        print("\n| highest memory | MiB |\n|---|---|")
        for name, size in self.memory.items():
            print(f"| {name} | {size:.0f} |")


def analyze(*tables: str) -> None:
    """As it is in a database that has run for a while."""
    from django.db import connection

    with as_owner(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"vacuum analyze matricula_{table}")


def form_of(file: bytes) -> tuple[str, bytes]:
    """The content type and the body of an upload."""
    boundary = uuid.uuid4().hex
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="students.csv"\r\n\r\n'
    return f"multipart/form-data; boundary={boundary}", part.encode() + file + f"\r\n--{boundary}--\r\n".encode()


@contextmanager
def running(work: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """A web process that takes large uploads, and a worker; the address and the process ids."""
    port = free_port()
    environment = {**os.environ, "MATRICULA_UPLOAD_LIMIT": str(1 << 30), "MATRICULA_WEB_WORKERS": "1"}
    processes = {}
    with (work / "service.log").open("wb") as log:
        for name, more in (("web", ["--port", str(port)]), ("worker", [])):
            processes[name] = subprocess.Popen(
                [sys.executable, "-m", "matricula", name, *more], env=environment, stdout=log, stderr=log
            )
    root = f"http://127.0.0.1:{port}"
    try:
        until_it_answers(root, processes["web"])
        yield root, {name: process.pid for name, process in processes.items()}
    finally:
        for process in processes.values():
            process.terminate()
        for process in processes.values():
            process.wait(60)


def peak(pid: int) -> float:
    """The most memory, in MiB, that a process or one of its children ever had."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    sizes = [0.0]
    for number in [str(pid), *children]:
        with contextlib.suppress(OSError):
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{number}/status").read_text())
            sizes.append(int(found[1]) / 1024 if found else 0.0)
    return max(sizes)


if __name__ == "__main__":
    main()
