"""Requests a second beside the floor (bench/floor_asgi.py): lists and single enrolls, in one course run and in many.

    python bench/generate.py load --data FOLDER --accounts 300000 --sizes 9000,900,90,1000 --courses 200 --seats 20000
    python bench/throughput.py --data FOLDER [--rounds 5] [--seconds 5] [--json FILE]

Needs the program ``wrk``. Both services run all the time; their rounds take turns, and medians are compared. Only
ratios of one run mean anything. The database is written to: make a new one for figures that are to be kept. The floor
writes audit rows that were made beforehand, whatever they should say, so `matricula check --deep` reports them
once people run out or a second run begins with the first of them again.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from generate import course_key
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database
from rosters import free_port, until_it_answers

CONNECTIONS, THREADS, WORKERS = 16, 1, 2
FLOOR_PACKAGES = ("granian==2.8.*", "asyncpg==0.31.*")
# a course run for each request in turn, and a person for each that nobody had before
_POST = """
local names, keys, at = {}, %(keys)s, %(start)s
for line in io.lines("%(names)s") do names[#names + 1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request()
    at = at + 1
    local path = "/api/enrollment/v2/courses/" .. keys[at %% #keys + 1] .. "/enrollments"
    return wrk.format(nil, path, nil, '{"identifiers": ["' .. names[at %% #names + 1] .. '"]}')
end
"""


class Round(NamedTuple):
    """What one run of wrk gave."""

    requests_a_second: float
    requests: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--list-course", type=int, default=4, help="the course run to list: 1 is the first of --sizes")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with database(chosen.data), tempfile.TemporaryDirectory(prefix="matricula-requests-") as folder:
        migrate_tables()
        measure(chosen, Path(folder))


def measure(chosen: argparse.Namespace, work: Path) -> None:
    token, names = make_token(), _write_names(work / "names")
    with our_service() as ours, _floor(work, _plan()) as floor:
        roots = {"matricula": ours, "floor": floor}
        listed = f"/api/enrollment/v2/courses/{course_key(chosen.list_course - 1)}/enrollments"
        one, many = [course_key(104)], [course_key(n) for n in range(105, 185)]
        place = 0
        rates: dict[tuple[str, str], list[float]] = defaultdict(list)
        for number in range(chosen.rounds + 1):
            for name, root in roots.items():
                for what, keys in (("GET list", []), ("POST into one course", one), ("POST into many", many)):
                    done = _wrk(
                        chosen, f"Bearer {token}", root + (listed if not keys else ""), _script(work, keys, place)
                    )
                    place += done.requests if keys else 0
                    # the first round warms up
                    if number:
                        rates[what, name].append(done.requests_a_second)
    if place > names:
        print(f"(more requests than people: {place} of {names}; some were enrolled already)")
    report(rates, chosen.json)


def _script(work: Path, keys: list[str], start: int) -> Path | None:
    """What wrk shall post: each request enrolls a person whom no round had before."""
    if not keys:
        return None
    script = work / "post.lua"
    script.write_text(_POST % {"keys": _lua(keys), "start": start, "names": work / "names"})
    return script


def report(rates: dict[tuple[str, str], list[float]], file: Path | None) -> None:
    middle = {key: statistics.median(values) for key, values in rates.items()}
    if file:
        file.write_text(json.dumps({f"{what}, {name}": value for (what, name), value in middle.items()}))
    print("| requests a second | matricula | floor | ratio |\n|---|---|---|---|")
    for what in dict.fromkeys(what for what, _ in middle):
        ours, floor = middle[what, "matricula"], middle[what, "floor"]
        print(f"| {what} | {ours:.0f} | {floor:.0f} | {ours / floor:.2f} |")
    ratio = middle["POST into one course", "matricula"] / middle["POST into many", "matricula"]
    print(f"| one course : many courses | {ratio:.2f} | | |")


def make_token(name: str = "bench-staff") -> str:
    """A token of somebody who may do everything."""
    from django.utils import timezone
    from oauth2_provider.models import AccessToken, set_token_value

    from matricula.identity.accounts import save_accounts
    from matricula.journal.writes import new_operation
    from matricula.learners.writes import AccountRequest

    staff = AccountRequest(name, f"{name}@example.org", is_active=True, is_staff=True, is_superuser=True)
    [saved] = save_accounts(new_operation(None, "command"), [staff])
    token = AccessToken(user_id=saved.account_id, scope="read write", expires=timezone.now() + timedelta(days=1))
    raw = secrets.token_urlsafe(30)
    set_token_value(token, raw)
    token.save()
    return raw


def _write_names(file: Path) -> int:
    """Everybody's names, a line each; how many."""
    from matricula.models import Account

    names = Account.objects.filter(is_active=True, is_staff=False).order_by("id").values_list("username", flat=True)
    lines = "\n".join(names.iterator())
    file.write_text(lines)
    return lines.count("\n") + 1


def _plan() -> dict[str, Any]:
    """Our own statements, for the floor."""
    from matricula.access import reads as access
    from matricula.enrollments.course import rosters
    from matricula.enrollments.store import standings
    from matricula.enrollments.store import students as program_rows
    from matricula.journal import writes as journal

    listing, order = _numbered(rosters._by_blocks(rosters.RosterFilter(), walking=False))
    return {
        "database": os.environ["DATABASE_URL"],
        "caller": _numbered(access._BY_TOKEN)[0],
        # token's scope and expiry, then five columns of the account
        "course_column": 7,
        "roles": list(access.COURSE_MANAGER_ROLES),
        "list": listing,
        "list_order": order,
        "find": _numbered(standings._FIND)[0],
        "read_invitations": _numbered(standings._READ_INVITATIONS)[0],
        "lock_seats": _numbered(standings._LOCK_SEATS)[0],
        "lock_invitations": _numbered(standings._LOCK_INVITATIONS)[0],
        "insert_seats": _numbered(standings._INSERT_SEATS)[0],
        "follow": _numbered(program_rows._FOLLOW)[0],
        "journal": _numbered(journal._INSERT)[0],
        "operation": str(uuid.uuid4()),
        "list_body": _list_body(),
        "enrolled_body": '{"action":"enroll","results":[{"identifier":"somebody.somewhere","before":{"enrolled":false,'
        '"allowed":false},"after":{"enrolled":true,"allowed":false,"mode":"audit"}}]}',
    }


def _list_body() -> str:
    row = {
        **{"username": "maria.garcia17", "email": "maria.garcia17@students.north.example.org"},
        **{"first_name": "María", "last_name": "García", "full_name": "María García", "mode": "audit"},
        **{"is_active": True, "created": "2026-01-01T00:00:00Z", "enrollment_allowed": False, "auto_enroll": False},
    }
    return json.dumps({"count": 1000, "num_pages": 40, "next": None, "previous": None, "results": [row] * 25})


def _numbered(statement: str) -> tuple[str, list[str]]:
    """``%s`` and ``%(name)s`` as ``$1``, and the names in that order."""
    order: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        name = match[1] or f"_{len(order)}"
        if name not in order:
            order.append(name)
        return f"${order.index(name) + 1}"

    return re.sub(r"%\((\w+)\)s|%[sb]|%%", number, statement), order


def _lua(texts: list[str]) -> str:
    return "{" + ", ".join(json.dumps(text) for text in texts) + "}"


@contextmanager
def our_service() -> Iterator[str]:
    """``matricula web`` on the database of this process."""
    port = free_port()
    command = [sys.executable, "-m", "matricula", "web", "--port", str(port)]
    # the limit is counted all the same
    with _running(command, port, {"MATRICULA_RATE_LIMIT": "1000000000/minute", "MATRICULA_BENCH_WEB": "1"}) as root:
        yield root


def python_with(name: str, packages: tuple[str, ...]) -> Path:
    """A Python with these packages, in an environment that is kept for the next run."""
    folder = Path(__file__).parents[1] / "build" / "environments" / name
    python, made = folder / "bin" / "python", folder / "packages"
    if not made.exists() or made.read_text() != " ".join(packages):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
        made.write_text(" ".join(packages))
    return python


@contextmanager
def _floor(work: Path, plan: dict[str, Any]) -> Iterator[str]:
    python = python_with("floor", FLOOR_PACKAGES)
    (work / "plan.json").write_text(json.dumps(plan))
    port = free_port()
    command = [str(python), "-m", "granian", "--interface", "asgi", "--workers", str(WORKERS), "--port", str(port)]
    command += ["--no-access-log", "--loop", "asyncio", "floor_asgi:application"]
    with _running(
        command, port, {"FLOOR_PLAN": str(work / "plan.json"), "PYTHONPATH": str(Path(__file__).parent)}
    ) as root:
        yield root


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[str]:
    # lines of a log for each request are part of the service, reading them is not
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    root = f"http://127.0.0.1:{port}"
    try:
        until_it_answers(root, process)
        yield root
    finally:
        process.terminate()
        process.wait(30)


def _wrk(chosen: argparse.Namespace, authorization: str, url: str, script: Path | None = None) -> Round:
    command = ["wrk", "-t", str(THREADS), "-c", str(CONNECTIONS), "-d", f"{chosen.seconds}s"]
    command += ["-H", f"Authorization: {authorization}", *(["-s", str(script)] if script else []), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in done or "Socket errors" in done:
        sys.exit(done)
    return Round(float(re.search(r"Requests/sec: +([\d.]+)", done)[1]), int(re.search(r"(\d+) requests in", done)[1]))


if __name__ == "__main__":
    main()
