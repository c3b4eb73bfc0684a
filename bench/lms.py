"""The connector of the LMS against the test LMS: speed, kill -9 of the worker, an outage, an hour with the throttle.

    python bench/lms.py speed  [--people 3000]
    python bench/lms.py kills  [--people 5000] [--kills 10]
    python bench/lms.py outage [--people 2000] [--changes 20000]
    python bench/lms.py wishes [--changes 100000]
    python bench/lms.py hour
    python bench/lms.py day    [--people 300]

``speed`` counts confirmed rows a second, the LMS, PostgreSQL and the worker on one machine: people whose username in
the LMS has to be found first (two calls each), then the same people in another mode (one call each). The processor time
is that of all of them together: on a busy machine, it says what two free cores would do. ``outage`` and ``hour`` let
time pass as fast as it is used. ``wishes`` changes one person 1,000 times, and copies these
entries of the journal until there are as many as were asked for.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]
from tests.lms.served import Served, served_lms  # noqa: E402

from matricula.embedded.postgres import embedded_postgres  # noqa: E402
from rosters import MATRICULA, write_csv  # noqa: E402

KEY = "course-v1:North+BIG+2027"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("what", choices=["speed", "kills", "outage", "wishes", "hour", "day"])
    arguments.add_argument("--people", type=int)
    arguments.add_argument("--kills", type=int, default=10)
    arguments.add_argument("--changes", type=int)
    chosen = arguments.parse_args()
    defaults = {"speed": 3_000, "kills": 5_000, "outage": 2_000, "wishes": 1, "hour": 3_000, "day": 300}
    people = chosen.people or defaults[chosen.what]
    work = Path(tempfile.mkdtemp(prefix="matricula-lms-"))
    os.environ |= {"MATRICULA_DATA": str(work / "data"), "LMS_SECRET": "matricula-secret", "LMS_KEY": "lms-api-key"}
    try:
        with embedded_postgres(work / "data"):
            if chosen.what in {"speed", "kills"}:
                with served_lms("--state", str(write_state(work, people))) as lms:
                    prepare(work, people, lms.url)
                    speed(work, people) if chosen.what == "speed" else kills(work, people, lms, chosen.kills)
            else:
                prepare(work, people, "http://lms.example.org", key=chosen.what != "hour")
                simulate(chosen.what, people, chosen.changes or {"wishes": 100_000}.get(chosen.what, 20_000))
    finally:
        shutil.rmtree(work)


def run(*arguments: str) -> str:
    return subprocess.run([*MATRICULA, *arguments], check=True, capture_output=True, text=True).stdout


def names(people: int) -> list[str]:
    return [f"u{number}" for number in range(people)]


def write_state(work: Path, people: int) -> Path:
    users = [{"username": name, "email": f"{name}@example.org"} for name in names(people)]
    path = work / "state.json"
    path.write_text(json.dumps({"runs": [{"key": KEY}], "users": users}))
    return path


def prepare(work: Path, people: int, url: str, *, key: bool = True) -> None:
    lms = {"name": "lms", "url": url, "client_id": "matricula", "client_secret_env": "LMS_SECRET", "courses": [KEY]}
    institution = {
        "organizations": [{"key": "north", "name": "North"}],
        "courses": [{"key": KEY, "organization": "north", "title": "Big", "modes": ["audit", "honor", "verified"]}],
        "lms": [lms | ({"api_key_env": "LMS_KEY"} if key else {})],
    }
    (work / "institution.yaml").write_text(json.dumps(institution))
    run("load", str(work / "institution.yaml"))
    write_csv(work / "users.csv", ["username", "email"], ([n, f"{n}@example.org"] for n in names(people)))
    run("import", "users", str(work / "users.csv"))


def enroll(work: Path, people: int, mode: str) -> None:
    write_csv(work / "rows.csv", ["identifier", "mode"], ([name, mode] for name in names(people)))
    run("import", "enrollments", "--course", KEY, str(work / "rows.csv"))


def speed(work: Path, people: int) -> None:
    for mode, what in (("audit", "with looking up each username"), ("honor", "with known usernames")):
        enroll(work, people, mode)
        began, before = time.monotonic(), processor_seconds(work)
        shown = json.loads(run("lms", "push", "lms", "--json"))
        seconds, processor = time.monotonic() - began, processor_seconds(work) - before
        assert shown["confirmed"] == people, shown
        print(f"{people / seconds:.0f} confirmed rows a second {what}, with the start of the command")
        print(
            f"    {seconds:.1f} s; {processor:.1f} s of the processor for all, {2 * people / processor:.0f} rows a"
            f" second on two free cores; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def processor_seconds(work: Path) -> float:
    """Of this process, of PostgreSQL, and of all their children, those that ended too."""
    found: dict[int, tuple[int, float]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    roots = {os.getpid(), int(next(work.glob("data/**/postmaster.pid")).read_text().split()[0])}

    def is_ours(pid: int) -> bool:
        return pid in roots or (pid in found and is_ours(found[pid][0]))

    return sum(seconds for pid, (_, seconds) in found.items() if is_ours(pid))


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*MATRICULA, "worker"], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def kills(work: Path, people: int, lms: Served, number: int) -> None:
    enroll(work, people, "honor")
    for killed in range(number):
        with worker() as process:
            while lms.count() < 2 * people * (killed + 1) / (number + 2):
                time.sleep(0.05)
            process.kill()
    with worker():
        while (shown := json.loads(run("lms", "status", "lms", "--json")))["confirmed"] < people:
            time.sleep(2)
    enrolled = {e["user"]: e["mode"] for e in lms.state()["enrollments"] if e["is_active"]}
    posts = Counter(
        c["body"]["user"] for c in lms.calls() if c["method"] == "POST" and c["status"] == 200 and "user" in c["body"]
    )
    assert enrolled == dict.fromkeys(names(people), "honor")
    print(
        f"killed {number} times: {shown['confirmed']} rows confirmed, the LMS has the same {len(enrolled)} enrollments"
    )
    print(f"people by the number of calls that enrolled them: {dict(Counter(posts.values()))}")


def simulate(what: str, people: int, changes: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "matricula.settings")
    with embedded_postgres(Path(os.environ["MATRICULA_DATA"])) as urls:
        os.environ["DATABASE_URL"] = urls.application
        import django

        django.setup()
        from tests.lms.connected import Connected

        lms: Any = Connected.existing()
        lms.state.load({"runs": [{"key": KEY}]})
        for name in names(people):
            lms.state.register(name, f"{name}@example.org")
        {"outage": outage, "wishes": wishes, "hour": hour, "day": day}[what](lms, people, changes)


def outage(lms: Any, people: int, changes: int) -> None:
    """Six hours without the LMS, a look each five seconds, changes all the while."""
    from tests.conftest import write

    from matricula.catalog.reads import find_course

    course = find_course(KEY)
    assert course is not None
    lms.faults({"call": "", "status": 503})
    modes, slices = ("audit", "honor", "verified"), 60
    for number in range(slices):
        some = [f"u{(number * 37 + n) % people}" for n in range(changes // slices)]
        if number % 5 == 4:
            write(course, "unenroll", *some)
        else:
            write(course, "enroll", *some, mode=modes[number % 3])
        lms.follow()
        for _ in range(6 * 720 // slices):
            lms.push()
            lms.clock.advance(5)
    down = len(lms.state.calls)
    lms.state.calls.clear()
    lms.faults()
    while [state for state in lms.states().values() if state != "confirmed"]:
        lms.push()
        lms.clock.advance(5)
    from matricula.models import CourseEnrollment

    recorded = dict(CourseEnrollment.objects.filter(is_active=True).values_list("account__username", "mode"))
    there = {user: mode for user, (mode, is_active) in lms.seats().items() if is_active}
    posts = Counter(c.body["user"] for c in lms.state.calls if c.method == "POST" and "user" in (c.body or {}))
    assert recorded == there, "the LMS differs"
    print(f"{changes} changes in six hours without the LMS, which was asked {down} times")
    print(f"afterwards {len(there)} enrollments agree; people by changing calls: {dict(Counter(posts.values()))}")


_AGAIN = """
insert into matricula_journalentry ({columns}) select {columns} from matricula_journalentry e
cross join generate_series(1, %s) where e.subject = 'course_enrollment' order by e.id
"""
_COLUMNS = """
select string_agg(quote_ident(attname), ', ') from pg_attribute
where attrelid = 'matricula_journalentry'::regclass and attnum > 0 and not attisdropped
    and attname not in ('id', 'xact')
"""


def wishes(lms: Any, _people: int, changes: int) -> None:
    """One person is changed a thousand times, and the journal has all of that again and again, before it is sent."""
    from django.db import connection
    from tests.conftest import write

    from matricula.catalog.reads import find_course

    course = find_course(KEY)
    assert course is not None
    for n in range(1_000):
        if n % 7 == 6:
            write(course, "unenroll", "u0")
        else:
            write(course, "enroll", "u0", mode=("audit", "honor", "verified")[n % 3])
        if n == 0:
            # behind the place at which a new connection begins
            lms.follow()
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        [columns] = cursor.fetchone()
        cursor.execute(_AGAIN.format(columns=columns), [changes // 1_000 - 1])
    began = time.monotonic()
    lms.follow()
    followed = time.monotonic() - began
    lms.push()
    from matricula.models import CourseEnrollment, JournalEntry

    entries = JournalEntry.objects.filter(subject="course_enrollment").count()
    [(mode, is_active)] = CourseEnrollment.objects.values_list("mode", "is_active")
    calls = lms.calls()
    assert is_active
    assert entries >= changes
    assert lms.seats() == {"u0": (mode, True)}
    print(f"{entries} changes of one person were followed in {followed:.0f} s: {len(calls)} calls, {calls}")


def day(lms: Any, people: int, _changes: int) -> None:
    """People change their enrollments in the LMS, and others change them here, for a day with each owner."""
    from tests.conftest import write

    from matricula.catalog.reads import find_course
    from matricula.connectors.open_edx.calls import PacedClient
    from matricula.connectors.open_edx.differences import find_differences
    from matricula.connectors.open_edx.reads import list_differences
    from matricula.models import CourseEnrollment, LmsConnection

    course = find_course(KEY)
    assert course is not None
    everyone, draw = names(people), random.Random(1)
    lms.state.register("guest", "guest@elsewhere.org")
    lms.state.enroll("guest", KEY, "audit")
    write(course, "enroll", *everyone)
    for owner in ("matricula", "report"):
        LmsConnection.objects.update(owner=owner)
        lms.sync()
        lms.calls()
        for _ in range(24):
            for name in draw.sample(everyone, people // 20):
                lms.state.enroll(name, KEY, draw.choice(["audit", "verified"]), is_active=draw.random() < 0.7)
            some = draw.sample(everyone, people // 30)
            if draw.random() < 0.3:
                write(course, "unenroll", *some)
            else:
                write(course, "enroll", *some, mode="honor")
            lms.sync()
        sent = len(lms.calls("POST"))
        count = find_differences(PacedClient(lms.connection, lms.clock, lms.transport))
        lms.sync()
        recorded = CourseEnrollment.objects.filter(is_active=True).values_list("account__username", "mode")
        here = dict(recorded)
        there = {user: mode for user, (mode, is_active) in lms.seats().items() if is_active}
        differ = {user for user in {*here, *there} if here.get(user) != there.get(user)}
        listed = {d.username for d in list_differences(lms.connection.id)}
        again = len(lms.calls("POST"))
        if owner == "matricula":
            assert differ == {"guest"}, differ
        else:
            assert differ == listed
            assert again == 0
        print(f"owner {owner}: {sent} calls in the day, {count} differences, {again} calls afterwards")
        print(f"    {len(differ)} differ now")


def hour(lms: Any, people: int, _changes: int) -> None:
    from tests.conftest import write

    from matricula.catalog.reads import find_course

    course = find_course(KEY)
    assert course is not None
    write(course, "enroll", *names(people))
    lms.follow()
    lms.push(seconds=3_600)
    calls = lms.state.calls
    minutes = Counter(int(call.at // 60) for call in calls if call.at < 3_600)
    assert not [call for call in calls if call.status == 429]
    least, most = min(minutes.values()), max(minutes.values())
    print(f"{sum(minutes.values())} calls in an hour, none throttled; {least} to {most} a minute")


if __name__ == "__main__":
    main()
