"""kill -9 of the worker at random moments of a large task, and of the database in the middle of it.

    python bench/killed_worker.py [--people 50000] [--kills 10] [--seed 1]
    python bench/killed_worker.py --plan [--people 50000] [--kills 10]
    python bench/killed_worker.py --mail [--people 50000] [--kills 8]

With --plan, while a plan of the same people is applied. Afterwards each person must be enrolled once (a third of them,
who have no account, invited), with one audit row. With mail for everybody the task is done in chunks of 5,000: the
worker is killed in the second and those that follow it, and there must be one mail each.
"""

import argparse
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from matricula.embedded.postgres import embedded_postgres
from rosters import MATRICULA, fetch, free_port, service, write_csv

KEY = "course-v1:North+BIG+2027"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=50_000)
    arguments.add_argument("--kills", type=int)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--mail", action="store_true")
    arguments.add_argument("--plan", action="store_true")
    chosen = arguments.parse_args()
    work = Path(tempfile.mkdtemp(prefix="matricula-killed-"))
    try:
        kills = chosen.kills or (8 if chosen.mail else 10)
        kill_and_count(work, chosen.people, kills, random.Random(chosen.seed), mail=chosen.mail, plan=chosen.plan)
    finally:
        shutil.rmtree(work)


def kill_and_count(work: Path, people: int, kills: int, draw: random.Random, *, mail: bool, plan: bool) -> None:
    accounts = [f"u{n}" for n in range(people if mail else people * 2 // 3)]
    names = accounts + [f"n{n}@example.org" for n in range(people - len(accounts))]
    draw.shuffle(names)
    write_csv(work / "users.csv", ["username", "email"], ([n, f"{n}@example.org"] for n in accounts))
    institution = {
        "organizations": [{"key": "north", "name": "North"}],
        "courses": [{"key": KEY, "organization": "north", "title": "Big"}],
        "users": [{"username": "admin", "email": "admin@example.org", "is_staff": True}],
        "clients": [{"client_id": "sis", "client_secret_env": "SIS_SECRET", "user": "admin"}],
    }
    (work / "institution.yaml").write_text(json.dumps(institution))
    secret = secrets.token_urlsafe(30)
    environment = {
        **os.environ,
        "SIS_SECRET": secret,
        "MATRICULA_DATA": str(work / "data"),
        "EMAIL_URL": f"file://{work}/mail",
    }
    port = free_port()
    with service(work, port, environment) as supervisor:
        run(environment, "import", "users", str(work / "users.csv"))
        task = start_plan(port, secret, names) if plan else start_task(port, secret, names, mail=mail)
        if mail:
            kill_in_chunks(work / "data", supervisor, range(2, kills + 2))
        else:
            kill_at_random(work / "data", supervisor, kills, draw, crashes=True)
        while (status := status_of(task))["state"] not in {"completed", "applied", "failed"}:
            time.sleep(0.5)
        wait_for_mail(work / "mail", people if mail else 0)
        entries = [json.loads(line) for line in run(environment, "export", "journal", "--course", KEY).splitlines()]
        roster = run(environment, "export", "enrollments", "--course", KEY, "--format", "jsonl").splitlines()
        print(run(environment, "check", "--deep").strip())
    # without those of the course run and of the job
    about = [who for entry in entries if (who := entry.get("username") or entry.get("email"))]
    counted = {"audit rows": Counter(about)}
    enrolled = Counter(json.loads(line)["identifier"] for line in roster)
    if len(enrolled) != len(accounts) or set(enrolled.values()) != {1}:
        sys.exit(f"WRONG: {len(enrolled)} people are enrolled")
    if mail:
        counted["mails"] = mails_in(work / "mail")
    print(
        f"{people} people, the worker killed {kills} times; it did: {status['result'].get('message', status['result'])}"
    )
    problems = [
        f"{what}: {len(found)} people, at most {max(found.values(), default=0)} each"
        for what, found in counted.items()
        if len(found) != people or set(found.values()) != {1}
    ]
    print(f"each once: {', '.join(counted)}" if not problems else f"WRONG: {problems}")
    if problems:
        sys.exit(1)


def mails_in(folder: Path) -> Counter[str]:
    """To whom mails went."""
    return Counter(
        line.removeprefix("To: ").strip()
        for file in folder.iterdir()
        for line in file.read_text().splitlines()
        if line.startswith("To: ")
    )


def status_of(task: urllib.request.Request) -> dict[str, Any]:
    """The task's status; the service answers again once the database does."""
    while True:
        try:
            return dict(fetch(task))
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                raise
            time.sleep(0.5)


def start_task(port: int, secret: str, names: list[str], *, mail: bool) -> urllib.request.Request:
    """Starts the task; the request that reads its status."""
    headers, root = signed_in(port, secret)
    body = json.dumps({"identifiers": names, "email_students": mail, "auto_enroll": True}).encode()
    address = f"{root}/api/enrollment/v2/courses/{urllib.parse.quote(KEY)}/enrollments"
    started = fetch(urllib.request.Request(address, body, headers))
    return urllib.request.Request(str(started["status_url"]), headers=headers)


def start_plan(port: int, secret: str, names: list[str]) -> urllib.request.Request:
    """Makes a plan of the same, and begins to apply it; the request that reads it."""
    headers, root = signed_in(port, secret)
    rows = [{"identifier": name} for name in names]
    asked = {"kind": "course_enrollments", "course": KEY, "rows": rows, "defaults": {"auto_enroll": True}}
    plan = fetch(urllib.request.Request(f"{root}/api/record/v1/plans", json.dumps(asked).encode(), headers))
    request = urllib.request.Request(f"{root}/api/record/v1/plans/{plan['plan_id']}", headers=headers)
    while (plan := fetch(request))["state"] == "planning":
        time.sleep(0.2)
    said = json.dumps({"fingerprint": plan["fingerprint"], "reason": "killed"}).encode()
    fetch(urllib.request.Request(f"{request.full_url}/apply", said, headers))
    return request


def signed_in(port: int, secret: str) -> tuple[dict[str, str], str]:
    """The headers of a client, and where the service is."""
    root = f"http://127.0.0.1:{port}"
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "sis", "client_secret": secret})
    token = fetch(urllib.request.Request(f"{root}/oauth2/token/", form.encode()))["access_token"]
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, root


def kill_in_chunks(data: Path, supervisor: subprocess.Popen[bytes], numbers: Sequence[int]) -> None:
    """Kills the worker in each of these chunks of the only job. A chunk is held until then: it can't be too quick."""
    with embedded_postgres(data) as urls:
        holds = [hold_chunk(urls.application, number) for number in numbers]
        for number, hold in zip(numbers, holds, strict=True):
            while not somebody_waits(hold):
                time.sleep(0.05)
            kill_worker(supervisor)
            print(f"killed in chunk {number}", flush=True)
            hold.close()


def hold_chunk(url: str, number: int) -> psycopg.Connection:
    """Holds a chunk of the only job: whoever does it waits before it is finished, until the connection is closed."""
    connection = psycopg.connect(url)
    while not connection.execute("select 1 from matricula_jobchunk where number = %s for update", [number]).fetchone():
        time.sleep(0.05)
    return connection


def kill_at_random(
    data: Path, supervisor: subprocess.Popen[bytes], kills: int, draw: random.Random, *, crashes: bool = False
) -> None:
    """Kills the worker at random moments of the only job, which is large.

    Its row is held until then: nothing can be committed that the job writes, so it can't be too quick. Half way it may
    write something; then the database is killed, too, if it ``crashes``.
    """
    for kill in range(kills):
        with embedded_postgres(data) as urls:
            while not workers(supervisor):
                time.sleep(0.05)
            with hold_job(urls.application) as hold:
                if draw.random() < 0.7:
                    while not somebody_waits(hold):
                        time.sleep(0.05)
                time.sleep(draw.uniform(0, 2))
                kill_worker(supervisor)
            print(f"killed {kill}, {written(urls.application)} rows are written", flush=True)
            if kill == kills // 2:
                before = written(urls.application)
                while written(urls.application) == before:
                    time.sleep(0.01)
                if crashes:
                    crash(data)


@contextmanager
def hold_job(url: str) -> Iterator[psycopg.Connection]:
    """Holds the row of the only job."""
    with psycopg.connect(url) as connection:
        connection.execute("select 1 from matricula_job for update")
        yield connection


def written(url: str) -> int:
    """The rows of the only job whose slices are committed."""
    with psycopg.connect(url) as connection:
        found = connection.execute("select coalesce(sum(rows), 0) from matricula_jobslice where codes is not null")
        [count] = found.fetchone() or (0,)
    return int(count)


def crash(data: Path) -> None:
    """Kills the database as a machine that stops; the next one who needs it starts it again."""
    [file] = (data / "postgres").rglob("postmaster.pid")
    pid = file.read_text().split()[0]
    found = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True, check=False)
    for each in (pid, *found.stdout.split()):
        with suppress(ProcessLookupError):
            os.kill(int(each), signal.SIGKILL)
    # the next connection must not find the ports of what is going away
    time.sleep(2)
    print("the database is killed", flush=True)


def somebody_waits(hold: psycopg.Connection) -> bool:
    """Whether somebody waits for what this connection holds."""
    return (
        hold.execute(
            "select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
        ).fetchone()
        is not None
    )


def workers(supervisor: subprocess.Popen[bytes]) -> list[int]:
    """The process ids of the workers of a service."""
    found = subprocess.run(
        ["pgrep", "-P", str(supervisor.pid), "-f", "matricula worker"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def kill_worker(supervisor: subprocess.Popen[bytes]) -> list[int]:
    """Kills the workers of a service; their process ids."""
    pids = workers(supervisor)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


def wait_for_mail(folder: Path, count: int) -> None:
    for _ in range(600):
        if len(list(folder.glob("*.eml"))) >= count:
            return
        time.sleep(1)


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([*MATRICULA, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr + done.stdout)
    return done.stdout


if __name__ == "__main__":
    main()
