"""Real rosters: the Open University's registrations through ``matricula``, counted again over the API.

    python bench/rosters.py [--source ../shared/data/oulad] [--work FOLDER]

Turns courses.csv and registrations.csv into an institution file, a users file and a file for each course run, imports
them with the command line into a fresh service, then asks the running API for the count of every course run.
"""

import argparse
import csv
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MATRICULA = [sys.executable, "-m", "matricula"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--source", type=Path, default=Path(__file__).parents[2] / "shared" / "data" / "oulad")
    arguments.add_argument("--work", type=Path, help="keep the files here")
    chosen = arguments.parse_args()
    if not (chosen.source / "registrations.csv").exists():
        arguments.error(f"{chosen.source} holds no courses.csv and registrations.csv; name their folder with --source")
    work = chosen.work or Path(tempfile.mkdtemp(prefix="matricula-rosters-"))
    try:
        measure(chosen.source, work)
    finally:
        if chosen.work is None:
            shutil.rmtree(work)


def measure(source: Path, work: Path) -> None:
    expected, students = write_files(source, work)
    secret = secrets.token_urlsafe(30)
    environment = {**os.environ, "OU_SECRET": secret, "MATRICULA_DATA": str(work / "data")}
    port = free_port()
    with service(work, port, environment):
        seconds = {
            "users": timed(environment, "import", "users", str(work / "users.csv")),
            "registrations": sum(
                timed(environment, "import", "enrollments", "--course", key, str(work / f"{place}.csv"))
                for place, key in enumerate(expected)
            ),
        }
        again = sum(
            timed(environment, "import", "enrollments", "--course", key, str(work / f"{place}.csv"))
            for place, key in enumerate(expected)
        )
        counted = count_over_api(port, secret, expected)
    rows = sum(expected.values())
    wrong = {key: (expected[key], counted[key]) for key in expected if expected[key] != counted[key]}
    print(f"\n{len(expected)} course runs, {students} people, {rows} registrations")
    print(f"users:               {seconds['users']:6.1f} s  {students / seconds['users']:8.0f} rows/s")
    print(f"registrations:       {seconds['registrations']:6.1f} s  {rows / seconds['registrations']:8.0f} rows/s")
    print(f"the same once more:  {again:6.1f} s  {rows / again:8.0f} rows/s")
    print("(whole commands, one for each course run, their start included)")
    print(f"counts over the API: {'equal to the file for every course run' if not wrong else f'WRONG: {wrong}'}")
    if wrong:
        sys.exit(1)


def write_files(source: Path, work: Path) -> tuple[Counter[str], int]:
    """The institution file and the CSVs; how many registrations each course run has, and how many people there are."""
    work.mkdir(parents=True, exist_ok=True)
    with (source / "courses.csv").open() as stream:
        keys = {(row["code_module"], row["code_presentation"]): course_key(row) for row in csv.DictReader(stream)}
    courses = [
        {"key": key, "organization": "OpenUniversity", "title": f"{module} {presentation}", "modes": ["audit"]}
        for (module, presentation), key in keys.items()
    ]
    registrar = {"username": "registrar", "email": "registrar@ou.example.org", "is_staff": True}
    client = {"client_id": "ou", "client_secret_env": "OU_SECRET", "user": "registrar"}
    institution = {
        "organizations": [{"key": "OpenUniversity", "name": "The Open University"}],
        "courses": courses,
        "users": [registrar],
        "clients": [client],
    }
    # JSON is YAML
    (work / "institution.yaml").write_text(json.dumps(institution, indent=1))
    rosters: dict[str, list[str]] = {key: [] for key in keys.values()}
    with (source / "registrations.csv").open() as stream:
        for row in csv.DictReader(stream):
            rosters[course_key(row)].append(f"ou{row['id_student']}")
    people = sorted({person for roster in rosters.values() for person in roster})
    write_csv(work / "users.csv", ["username", "email"], ([p, f"{p}@students.ou.example.org"] for p in people))
    for place, roster in enumerate(rosters.values()):
        write_csv(work / f"{place}.csv", ["identifier"], ([person] for person in roster))
    return Counter({key: len(roster) for key, roster in rosters.items()}), len(people)


def course_key(row: dict[str, str]) -> str:
    return f"course-v1:OpenUniversity+{row['code_module']}+{row['code_presentation']}"


def write_csv(place: Path, header: list[str], rows: Iterator[list[str]]) -> None:
    with place.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def service(work: Path, port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """``matricula up`` with the institution file, until it answers."""
    command = [*MATRICULA, "up", "--port", str(port), "--institution", str(work / "institution.yaml")]
    with (work / "up.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until_it_answers(f"http://127.0.0.1:{port}", process, work / "up.log")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def until_it_answers(root: str, process: subprocess.Popen[bytes], log: Path | None = None) -> None:
    """Waits for a service, whatever it answers: the programs that ours is compared with have no page for its health."""
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(log.read_text() if log else f"it has ended: {process.args}")
        try:
            urllib.request.urlopen(f"{root}/health/", timeout=1)
            return
        except urllib.error.HTTPError as answer:
            # ours waits for its database
            if answer.code != 503:
                return
            time.sleep(0.1)
        except OSError:
            time.sleep(0.1)
    sys.exit(f"no answer from {root}")


def timed(environment: dict[str, str], *arguments: str) -> float:
    started = time.perf_counter()
    done = subprocess.run([*MATRICULA, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr + done.stdout)
    return time.perf_counter() - started


def count_over_api(port: int, secret: str, keys: Counter[str]) -> dict[str, int]:
    root = f"http://127.0.0.1:{port}"
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": "ou", "client_secret": secret})
    token = fetch(urllib.request.Request(f"{root}/oauth2/token/", form.encode()))["access_token"]
    return {
        key: fetch(
            urllib.request.Request(
                f"{root}/api/enrollment/v2/courses/{urllib.parse.quote(key)}/enrollments?page_size=1",
                headers={"Authorization": f"Bearer {token}"},
            )
        )["count"]
        for key in keys
    }


def fetch(request: urllib.request.Request) -> dict[str, object]:
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


if __name__ == "__main__":
    main()
