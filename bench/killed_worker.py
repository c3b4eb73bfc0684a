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
from pathlib import Path

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
        for _ in range(kills):
            wait_for_progress(task, supervisor)
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
    faults = [
        f"{what}: {len(counted)} people, at most {max(counted.values(), default=0)} each"
        for what, counted in {
            "enrolled": Counter(json.loads(line)["identifier"] for line in roster),
            "audit rows": audited,
            "mails": mails,
        }.items()
        if len(counted) != people or set(counted.values()) != {1}
    ]
    print("each enrolled once, one audit row each, one mail each" if not faults else f"WRONG: {faults}")
    if faults:
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


def wait_for_progress(task: urllib.request.Request, supervisor: subprocess.Popen[bytes]) -> None:
    """Waits until the task has moved, then kills the worker."""
    before = fetch(task)
    while True:
        now = fetch(task)
        if now["progress"] != before["progress"] or now["state"] == "completed":
            break
        time.sleep(0.05)
    found = subprocess.run(
        ["pgrep", "-P", str(supervisor.pid), "-f", "matricula worker"], capture_output=True, text=True, check=False
    )
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    print(f"killed at {now['progress']}", flush=True)


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
