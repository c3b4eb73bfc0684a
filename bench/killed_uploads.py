"""kill -9 of the worker at random moments of a large upload; the end must equal an undisturbed run.

    python bench/killed_uploads.py [--rows 50000] [--kills 10] [--seed 1]

Two fresh services get the same file; in one of them the worker is killed again and again. Afterwards the states, the
result files and the audit rows (without times and ids) of both must be the same.
"""

import argparse
import json
import os
import random
import secrets
import shutil
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from bulk import form_of
from killed_worker import kill_at_random, run
from rosters import fetch, free_port, service

PROGRAM = "n-cs"
STATUSES = ("enrolled", "pending", "suspended", "canceled", "ended")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=50_000)
    arguments.add_argument("--kills", type=int, default=10)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    work = Path(tempfile.mkdtemp(prefix="matricula-uploads-"))
    try:
        file = make_file(chosen.rows, chosen.seed)
        calm = upload(work / "calm", file, kills=0, seed=chosen.seed)
        disturbed = upload(work / "disturbed", file, kills=chosen.kills, seed=chosen.seed)
    finally:
        shutil.rmtree(work)
    wrong = [name for name in calm if calm[name] != disturbed[name]]
    print(f"{chosen.rows} rows, the worker killed {chosen.kills} times: ", end="")
    print("state, result and journal equal the undisturbed run" if not wrong else f"DIFFERENT: {', '.join(wrong)}")
    print(
        f"({len(calm['state']) - 1} students, {len(calm['journal'])} audit rows, {len(calm['result']) - 1} result rows)"
    )
    if wrong:
        sys.exit(1)


def make_file(rows: int, seed: int) -> bytes:
    """A file with some repeated keys and some unknown words in it."""
    draw = random.Random(seed)
    lines = ["student_key,status"]
    for n in range(rows):
        key = f"S-{n if draw.random() > 0.01 else draw.randrange(rows)}"
        lines.append(f"{key},{draw.choice(STATUSES) if draw.random() > 0.01 else 'nonsense'}")
    return ("\r\n".join(lines) + "\r\n").encode()


def upload(work: Path, file: bytes, *, kills: int, seed: int) -> dict[str, list[str]]:
    """Uploads the file into a fresh service; what stands there afterwards."""
    work.mkdir(parents=True)
    institution = {
        "organizations": [{"key": "north", "name": "North"}],
        "programs": [{"key": PROGRAM, "organization": "north", "title": "Computer Science", "type": "Masters"}],
        "users": [
            {
                "username": "sis",
                "email": "sis@example.org",
                "roles": [{"role": "read_write_enrollments", "organization": "north"}],
            }
        ],
        "clients": [{"client_id": "sis", "client_secret_env": "SIS_SECRET", "user": "sis"}],
    }
    (work / "institution.yaml").write_text(json.dumps(institution))
    secret = secrets.token_urlsafe(30)
    environment = {**os.environ, "SIS_SECRET": secret, "MATRICULA_DATA": str(work / "data")}
    port = free_port()
    draw = random.Random(seed)
    with service(work, port, environment) as supervisor:
        headers = authorized(port, secret)
        job = urllib.request.Request(send(port, headers, file), headers=headers)
        started = time.perf_counter()
        kill_at_random(work / "data", supervisor, kills, draw)
        while fetch(job)["state"] in {"Queued", "In Progress"}:
            time.sleep(0.2)
        status = fetch(job)
        print(f"{status['state']}, text {status['text']}, {time.perf_counter() - started:.1f} s", flush=True)
        with urllib.request.urlopen(str(status["result"])) as response:
            result = response.read().decode().splitlines()
        state = run(environment, "export", "program-enrollments", "--program", PROGRAM).splitlines()
        entries = [json.loads(e) for e in run(environment, "export", "journal", "--program", PROGRAM).splitlines()]
    # without those of the program and of the job, which has another id
    about = [e for e in entries if e.get("student_key")]
    journal = [f"{e['student_key']} {e['transition']} {e['before']} {e['after']}" for e in about]
    return {"state": state, "result": result, "journal": sorted(journal)}


def authorized(port: int, secret: str) -> dict[str, str]:
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "sis", "client_secret": secret})
    token = fetch(urllib.request.Request(f"http://127.0.0.1:{port}/oauth2/token/", form.encode()))["access_token"]
    return {"Authorization": f"Bearer {token}"}


def send(port: int, headers: dict[str, str], file: bytes) -> str:
    """Posts the file; the address of its job."""
    kind, body = form_of(file)
    answer = fetch(
        urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v2/programs/{PROGRAM}/enrollments/upload/",
            body,
            {**headers, "Content-Type": kind},
        )
    )
    return str(answer["job_url"])


if __name__ == "__main__":
    main()
