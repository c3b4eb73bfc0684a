"""Correctness under load: mixed traffic on two web servers and two workers, of which one is killed every 20 seconds.

    python bench/mixed_traffic.py [--seconds 300] [--clients 8]

Lists, single enrolls and unenrolls (the same few people by username and by e-mail, from all clients at once), unknown
addresses, tasks and uploads, some of them large, students into programs and course runs; meanwhile student keys are
linked and moved, and addresses that were invited get accounts. Then all jobs must have ended well, no answer may have
been a 5xx, and `matricula check --deep` must find no difference.
"""

import argparse
import http.client
import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import generate
from bulk import form_of
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database
from rosters import free_port, until_it_answers
from throughput import make_token

ACCOUNTS, STUDENTS, COURSES, RUNS, PROGRAMS = 20_000, 2_000, 12, 4, 2
# people, students and courses that everybody fights for
HOT = 12
KILL_EVERY = 20
# people in a task, students in an upload that is written in slices
LARGE = 6_000
Process = subprocess.Popen[bytes]
ENROLLMENT, REGISTRAR = "/api/enrollment/v2/courses", "/api/v2/programs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--clients", type=int, default=8)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matricula-mixed-") as folder, database(Path(folder) / "data"):
        problems = run(Path(folder), chosen.seconds, chosen.clients)
    print("\nNo difference." if not problems else "\nWRONG:\n" + "\n".join(problems))
    if problems:
        sys.exit(1)


def run(work: Path, seconds: int, clients: int) -> list[str]:
    people = prepare()
    token = make_token()
    seen: Counter[str] = Counter()
    with service(work) as (roots, workers, start_worker):
        deadline = time.monotonic() + seconds
        users = [Client(n, roots[n % len(roots)], token, people, seen) for n in range(clients)]
        jobs: list[Callable[[float], None]] = [user.work for user in users]
        jobs += [lambda end: move_keys(end, seen), lambda end: open_accounts(end, seen)]
        threads = [threading.Thread(target=guarded, args=(job, deadline, seen)) for job in jobs]
        for thread in threads:
            thread.start()
        kill_workers(workers, start_worker, deadline, seen)
        for thread in threads:
            thread.join()
        waited = wait_for_jobs()
        checked = subprocess.run(
            [sys.executable, "-m", "matricula", "check", "--deep"], capture_output=True, text=True, check=False
        )
    report(seen, seconds, waited)
    problems = [f"{times} × {what}" for what, times in seen.items() if ": 5" in what or what.startswith("problem")]
    problems += [f"{times} jobs {kind}: {state}" for kind, state, times in jobs_by_state() if state != "completed"]
    problems += [checked.stdout, checked.stderr] if checked.returncode else []
    if problems:
        problems += [line for line in (work / "service.log").read_text().splitlines() if told(line)][-200:]
    return problems


def told(line: str) -> bool:
    """True for the lines of the log that are not requests."""
    return bool(line.strip()) and "status=" not in line and "[INFO]" not in line


def prepare() -> list[generate.Person]:
    """An institution with people, courses with rosters, and programs that share course runs."""
    from matricula.models import Course, Program, ProgramCourse

    migrate_tables()
    seats = {"sizes": "9000,500", "courses": COURSES, "seats": 10_000}
    generate.load(argparse.Namespace(seed=1, accounts=ACCOUNTS, programs=PROGRAMS, students=STUDENTS, **seats))
    for program in Program.objects.all():
        for position, course in enumerate(Course.objects.order_by("id")[:RUNS]):
            ProgramCourse.objects.create(program=program, course=course, position=position)
    record_what_stands()
    # three of a hundred have no active account; some of those too
    return list(generate.people(ACCOUNTS, 1))


def record_what_stands() -> None:
    """As an upgrade does: what was copied into the tables past the journal is where its entries begin."""
    from django.db import connection

    upgrade = importlib.import_module("matricula.migrations.0022_what_stood_before")
    with connection.cursor() as cursor:
        cursor.execute(upgrade.RECORD, [upgrade.OPERATION, upgrade.OPERATION])


@contextmanager
def service(work: Path) -> Iterator[tuple[list[str], list[Process], Callable[[], Process]]]:
    """Two web servers on ports of their own and two workers: the addresses, the workers, and what starts another."""
    ports = [free_port(), free_port()]
    os.environ.update({
        "MATRICULA_RATE_LIMIT": "1000000000/minute",
        "MATRICULA_WEB_WORKERS": "1",
        "EMAIL_URL": f"file://{work}/mail",
    })  # fmt: skip
    with (work / "service.log").open("ab") as log:

        def start(*command: str) -> Process:
            return subprocess.Popen([sys.executable, "-m", "matricula", *command], stdout=log, stderr=log)

        webs = [start("web", "--port", str(port)) for port in ports]
        workers = [start("worker"), start("worker")]
        roots = [f"127.0.0.1:{port}" for port in ports]
        try:
            for root, web in zip(roots, webs, strict=True):
                until_it_answers(f"http://{root}", web)
            yield roots, workers, lambda: start("worker")
        finally:
            for process in (*webs, *workers):
                process.terminate()
            for process in (*webs, *workers):
                process.wait(60)


def guarded(job: Callable[[float], None], deadline: float, seen: Counter[str]) -> None:
    from django.db import connections

    try:
        job(deadline)
    except Exception as error:
        seen[f"problem of a client: {type(error).__name__}: {error}"] += 1
    finally:
        connections.close_all()


def kill_workers(workers: list[Process], start: Callable[[], Process], deadline: float, seen: Counter[str]) -> None:
    """Kills one worker after another, and starts a new one in its place."""
    place = 0
    while time.monotonic() + KILL_EVERY < deadline:
        time.sleep(KILL_EVERY)
        workers[place].kill()
        workers[place].wait()
        workers[place] = start()
        place = 1 - place
        seen["worker killed"] += 1


class Client:
    """Somebody who calls the API, one request after the other."""

    def __init__(self, number: int, root: str, token: str, people: list[generate.Person], seen: Counter[str]) -> None:
        self.draw, self.people, self.seen = random.Random(number), people, seen
        self.connection = http.client.HTTPConnection(root, timeout=120)
        self.token = token

    def work(self, deadline: float) -> None:
        actions = [self.enroll, self.unenroll] * 10 + [self.walk, self.search] * 3 + [self.program, self.courses] * 3
        actions += [self.task, self.upload_program, self.upload_courses]
        while time.monotonic() < deadline:
            self.draw.choice(actions)()

    def call(self, what: str, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        try:
            self.connection.request(method, path, data, headers)
            with self.connection.getresponse() as answer:
                text = answer.read()
        except ConnectionError:
            # an upload that is refused is not read to its end; the next request makes a new connection
            self.connection.close()
            self.seen[f"{what}: connection closed"] += 1
            return {}
        self.seen[f"{what}: {answer.status}"] += 1
        return json.loads(text) if answer.status < 300 else {}

    def person(self) -> str:
        """Somebody by e-mail or username: often one of the few for whom everybody fights, sometimes a stranger."""
        if self.draw.random() < 0.1:
            return address(self.draw.randrange(400))
        few = self.draw.random() < 0.6
        person = self.people[self.draw.randrange(HOT) * 16 if few else self.draw.randrange(ACCOUNTS)]
        return self.draw.choice([person.username, person.email])

    def course(self) -> str:
        return f"{ENROLLMENT}/{generate.course_key(self.draw.choice([0, 0, 2, 3, self.draw.randrange(COURSES)]))}"

    def enroll(self) -> None:
        requested = {"mode": self.draw.choice([None, *generate.MODES]), "auto_enroll": self.draw.random() < 0.7}
        requested |= {"email_students": self.draw.random() < 0.1}
        self.call("enroll one", "POST", f"{self.course()}/enrollments", {"identifiers": [self.person()], **requested})

    def unenroll(self) -> None:
        self.call("unenroll one", "DELETE", f"{self.course()}/enrollments/{quote(self.person())}")

    def walk(self) -> None:
        page = self.call("list", "GET", f"{self.course()}/enrollments?page={self.draw.randrange(1, 4)}")
        for _ in range(3):
            if not page.get("next"):
                return
            parts = urlsplit(page["next"])
            page = self.call("list by next", "GET", f"{parts.path}?{parts.query}")

    def search(self) -> None:
        name = self.draw.choice(self.people).last_name
        self.call("search", "GET", f"{self.course()}/enrollments?is_active=any&search={quote(name)}")

    def task(self) -> None:
        several = list({self.person() for _ in range(self.draw.choice([5, 50, 2_000]))})
        if self.draw.random() < 0.1:
            several += [person.username for person in self.draw.sample(self.people[:ACCOUNTS], LARGE)]
        requested = {"action": self.draw.choice(["enroll", "unenroll"]), "auto_enroll": True}
        self.call("task", "POST", f"{self.course()}/enrollments", {"identifiers": several, **requested})

    def keys(self, count: int) -> list[str]:
        """Students: of the hot ones some, of the others some, and a few who are new."""
        few = [generate.student_key(n) for n in range(HOT * 2)]
        return list({*self.draw.sample(few, 5), *(f"N{self.draw.randrange(10**6)}" for _ in range(3))} | {
            generate.student_key(self.draw.randrange(STUDENTS)) for _ in range(count - 8)
        })  # fmt: skip

    def programs_path(self) -> str:
        return f"{REGISTRAR}/{generate.program_key(self.draw.randrange(PROGRAMS))}"

    def program(self) -> None:
        requested = [
            {"student_key": key, "status": self.draw.choice(generate.PROGRAM_STATUSES)} for key in self.keys(25)
        ]
        self.call(
            "25 into a program", self.draw.choice(["POST", "PATCH"]), f"{self.programs_path()}/enrollments/", requested
        )

    def courses(self) -> None:
        course = generate.course_key(self.draw.randrange(RUNS))
        requested = [{"student_key": key, "status": self.draw.choice(["active", "inactive"])} for key in self.keys(25)]
        method = self.draw.choice(["POST", "PATCH", "PATCH"])
        self.call("25 into a course", method, f"{self.programs_path()}/courses/{course}/enrollments/", requested)

    def upload_program(self) -> None:
        keys = self.keys(1_000)
        if self.draw.random() < 0.1:
            keys += [f"L{n}" for n in self.draw.sample(range(3 * LARGE), LARGE)]
        rows = [f"{key},{self.draw.choice(generate.PROGRAM_STATUSES)}" for key in keys]
        self.upload("program upload", "enrollments", ["student_key,status", *rows])

    def upload_courses(self) -> None:
        course = generate.course_key(self.draw.randrange(RUNS))
        rows = [f"{course},{key},{self.draw.choice(['active', 'inactive'])}" for key in self.keys(500)]
        self.upload("course upload", "course_enrollments", ["course_id,student_key,status", *rows])

    def upload(self, what: str, kind: str, lines: list[str]) -> None:
        media, body = form_of("\n".join(lines).encode())
        self.call(what, "POST", f"{self.programs_path()}/{kind}/upload/", body, media)


def address(number: int) -> str:
    return f"stranger{number}@new.example.org"


def move_keys(deadline: float, seen: Counter[str]) -> None:
    """Links student keys to accounts, moves them to others and takes them away."""
    from matricula.identity.linking import link_student_keys
    from matricula.journal.writes import new_operation
    from matricula.models import Account, Organization

    draw = random.Random(100)
    organization = Organization.objects.get(key="north").pk
    accounts = list(Account.objects.filter(is_staff=False).order_by("id").values_list("id", flat=True)[:STUDENTS])
    while time.monotonic() < deadline:
        numbers = [draw.randrange(HOT * 2), *(draw.randrange(STUDENTS) for _ in range(4))]
        links = [(generate.student_key(n), draw.choice([None, accounts[n], draw.choice(accounts)])) for n in numbers]
        seen["links changed"] += link_student_keys(new_operation(None, "command"), organization, links)
        time.sleep(0.1)


def open_accounts(deadline: float, seen: Counter[str]) -> None:
    """Addresses that may have been invited get accounts, which become active at once or a moment later."""
    from matricula.identity.accounts import activate_account, save_accounts
    from matricula.journal.writes import new_operation
    from matricula.learners.writes import AccountRequest

    draw = random.Random(200)
    for number in draw.sample(range(400), 400):
        if time.monotonic() > deadline:
            return
        request = AccountRequest(f"stranger{number}", address(number), is_active=draw.random() < 0.5)
        [outcome] = save_accounts(new_operation(None, "command"), [request])
        if outcome.account_id and not request.is_active:
            time.sleep(0.2)
            activate_account(new_operation(None, "sign-up"), outcome.account_id, request.email)
        seen["accounts opened"] += 1
        time.sleep(0.2)


def wait_for_jobs() -> float:
    """Seconds until no job is unfinished; five minutes at most."""
    started = time.monotonic()
    while time.monotonic() - started < 300 and any(state in {"pending", "running"} for _, state, _ in jobs_by_state()):
        time.sleep(0.5)
    return time.monotonic() - started


def jobs_by_state() -> list[tuple[str, str, int]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select kind, state, count(*) from matricula_job group by 1, 2 order by 1, 2")
        return list(cursor.fetchall())


def report(seen: Counter[str], seconds: int, waited: float) -> None:
    from django.db import connection

    print(f"\n{seconds} s of traffic, {waited:.0f} s more until all jobs had ended\n\n| What | Times |\n|---|---|")
    for what, times in sorted(seen.items()):
        print(f"| {what} | {times} |")
    for kind, state, times in jobs_by_state():
        print(f"| job {kind}: {state} | {times} |")
    with connection.cursor() as cursor:
        for what, query in _COUNTED.items():
            cursor.execute(query)
            print(f"| {what} | {cursor.fetchone()[0]} |")


_COUNTED = {
    "course enrollments": "select count(*) from matricula_courseenrollment",
    "pre-enrollments": "select count(*) from matricula_preenrollment",
    "course enrollments in programs": "select count(*) from matricula_programcourseenrollment",
    "journal rows": "select count(*) from matricula_journalentry",
    "deadlocks": "select deadlocks from pg_stat_database where datname = current_database()",
    "tasks of the queue that failed": "select count(*) from procrastinate_jobs where status = 'failed'",
}


if __name__ == "__main__":
    main()
