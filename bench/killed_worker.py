"""kill -9 of the worker, again and again, in the middle of a task with mail for everybody.

    python bench/killed_worker.py [--people 20000] [--kills 3]

Afterwards each person must be enrolled once, with one audit row and one mail.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import psycopg

from matricula.embedded.postgres import embedded_postgres
from rosters import MATRICULA, fetch, free_port, service, write_csv

KEY = "course-v1:North+BIG+2027"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--people", type=int, default=20_000)
    arguments.add_argument("--kills", type=int, default=3)
    chosen = arguments.parse_args()
    work = Path(tempfile.mkdtemp(prefix="matricula-killed-"))
    try:
        kill_and_count(work, chosen.people, chosen.kills)
    finally:
        shutil.rmtree(work)


def kill_and_count(work: Path, people: int, kills: int) -> None:
    names = [f"u{n}" for n in range(people)]
    write_csv(work / "users.csv", ["username", "email"], ([n, f"{n}@example.org"] for n in names))
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
        task = start_task(port, secret, names)
        kill_in_chunks(work / "data", supervisor, range(2, kills + 2))
        while fetch(task)["state"] != "completed":
            time.sleep(0.5)
        status = fetch(task)
        wait_for_mail(work / "mail", people)
        entries = [json.loads(line) for line in run(environment, "export", "journal", "--course", KEY).splitlines()]
        roster = run(environment, "export", "enrollments", "--course", KEY, "--format", "jsonl").splitlines()
    audited = Counter(entry["username"] for entry in entries)
    mails = Counter(
        line.removeprefix("To: ").strip()
        for file in (work / "mail").iterdir()
        for line in file.read_text().splitlines()
        if line.startswith("To: ")
    )
    print(f"{people} people, the worker killed {kills} times; the task: {status['result']['message']}")
    problems = [
        f"{what}: {len(counted)} people, at most {max(counted.values(), default=0)} each"
        for what, counted in {
            "enrolled": Counter(json.loads(line)["identifier"] for line in roster),
            "audit rows": audited,
            "mails": mails,
        }.items()
        if len(counted) != people or set(counted.values()) != {1}
    ]
    print("each enrolled once, one audit row each, one mail each" if not problems else f"WRONG: {problems}")
    if problems:
        sys.exit(1)


def start_task(port: int, secret: str, names: list[str]) -> urllib.request.Request:
    """Starts the task; the request that reads its status."""
    root = f"http://127.0.0.1:{port}"
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "sis", "client_secret": secret})
    token = fetch(urllib.request.Request(f"{root}/oauth2/token/", form.encode()))["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"identifiers": names, "email_students": True}).encode()
    address = f"{root}/api/enrollment/v2/courses/{urllib.parse.quote(KEY)}/enrollments"
    started = fetch(urllib.request.Request(address, body, headers))
    return urllib.request.Request(str(started["status_url"]), headers=headers)


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
