"""The server's time of every page of the console, in a busy institution (bench/busy.py).

    python bench/busy.py --data FOLDER [--people 1000000]
    python bench/screens.py --data FOLDER [--times 9] [--only TEXT] [--slowest] [--json FILE] [--page FILE]

Every address that answers GET is asked for, whether anything is said about it here or not; ``variants.VARIANTS``
has searches, filters, sorts and deep pages beside. In this process, by Django's test client: without the web server's
own millisecond and without the network. Caches are emptied before each call. The processor's time is that of this
process and of all of PostgreSQL's (Linux); on a busy machine it says more than the clock. ``--slowest`` prints the
slowest statement of each page that takes too long.
"""

import argparse
import json
import logging
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from busy import FIRST_COURSE, FIRST_PROGRAM, ROOT, STAFF
from matricula.cli.service import database
from report import machine
from variants import CONSTANTS, FACTS, VARIANTS

TARGET = 100
# a redirect is no page; an address that takes forms alone answers 405
_REDIRECTS, _NOT_THIS_METHOD, _NO_PAGE = {301, 302}, 405, 400
# of steps of a login, and ending the session
_LEFT_OUT = {"account_logout", "sign_on", "sign_on_callback", "javascript-catalog"}
_NAMED = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>")


class Screen(NamedTuple):
    """A page: the name of its address, what is asked for, by whom."""

    name: str
    what: str
    address: str
    reader: str = ROOT
    target: str = ""


class Figures(NamedTuple):
    """Of one page: milliseconds, and statements; ``worst`` is the slowest of them."""

    screen: Screen
    status: int
    first: float
    median: float
    process: float
    backend: float
    statements: int
    kilobytes: float
    worst: tuple[float, str]

    @property
    def processor(self) -> float:
        """What it takes on a machine with nothing else to do: no page waits for anything but the processor."""
        return self.process + self.backend


class Watch:
    """What the statements of a call cost."""

    def __init__(self) -> None:
        self.taken: list[tuple[float, str]] = []

    def __call__(self, execute: Any, sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, parameters, many, context)
        finally:
            self.taken.append((1000 * (time.perf_counter() - started), str(sql)))


def facts() -> dict[str, Any]:
    """Return the things that are in addresses."""
    from matricula.foundation.database import fetch_all

    known: dict[str, Any] = {"course_key": FIRST_COURSE, "program_key": FIRST_PROGRAM, **CONSTANTS}
    for name, query in FACTS.items():
        known[name] = next((row[0] for row in fetch_all(query, known)), None)
    return {
        **known,
        "kept_id": known["account_id"],
        "last_page": known["people"] // 25,
        "middle_page": known["people"] // 50,
    }


def walk(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return the name, the route and the names of the parts of every address of the pages, without Django's admin."""
    from django.urls import URLResolver

    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLResolver):
            parts = {first or second for first, second in _NAMED.findall(route)}
            yield str(pattern.name), route, dict.fromkeys(parts)
        elif pattern.namespace != "admin":
            yield from walk(pattern.url_patterns, route)


def screens(known: dict[str, Any]) -> Iterator[Screen]:
    """Return every page, and what else is asked of some."""
    from django.urls import NoReverseMatch, get_resolver, reverse

    from matricula.console.admin import admin_site

    seen = set()
    for name, route, parts in walk(get_resolver().url_patterns):
        if name in seen or name == "None":
            continue
        seen.add(name)
        thing = "program_key" if route.startswith("programs/") else "course_key"
        given = {part: known.get(part if part != "key" else thing) for part in parts}
        try:
            address = reverse(name, kwargs={part: value if value is not None else "0" for part, value in given.items()})
        except NoReverseMatch:
            # a thing that this institution has none of, such as a link of a mail
            print(f"(not measured: {name}, {route})", file=sys.stderr)
            continue
        yield Screen(name, "", address)
        for variant in VARIANTS.get(name, ()):
            changed = {part: known[variant.parts[part]] for part in given if part in variant.parts}
            other = reverse(name, kwargs={**given, **changed}) if changed else address
            query = variant.query.format(**known)
            yield Screen(
                name,
                variant.what,
                f"{other}?{query}" if query else other,
                STAFF if variant.staff else ROOT,
                variant.target,
            )
    for model in admin_site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        yield Screen(name, "", reverse(name))
    yield Screen(
        "admin:matricula_account_change", "", reverse("admin:matricula_account_change", args=[known["newest_account"]])
    )
    if unknown := set(VARIANTS) - seen:
        raise SystemExit(f"VARIANTS has addresses that are not there: {sorted(unknown)}")


# --- Measuring ---


def postgres_seconds(pid: int) -> float:
    """Return the processor's time of all processes of the server with the backend ``pid``, also of those that ended."""
    parent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    fields = Path(f"/proc/{parent}/stat").read_text().rsplit(")", 1)[1].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return ended + sum(_seconds(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split())


def _seconds(pid: str) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def measure(screen: Screen, clients: dict[str, Any], times: int) -> Figures | None:
    """Ask for a page several times; None where there is nothing to ask for."""
    from django.core.cache import cache
    from django.db import connection

    headers = {"HX-Request": "true", "HX-Target": screen.target} if screen.target else {}
    wall, process, backend, watch = [], [], [], Watch()
    pid = connection.connection.info.backend_pid
    status = size = 0
    for _ in range(times + 2):
        cache.clear()
        watch = Watch()
        before = postgres_seconds(pid), time.process_time(), time.perf_counter()
        with connection.execute_wrapper(watch):
            answer = clients[screen.reader].get(screen.address, headers=headers, HTTP_HOST="localhost")
            if answer.streaming:
                blocks = iter(answer.streaming_content)
                size = len(next(blocks, b""))
                answer.close()
            else:
                size = len(answer.content)
        after = time.perf_counter(), time.process_time(), postgres_seconds(pid)
        status = answer.status_code
        if status == _NOT_THIS_METHOD:
            return None
        wall.append(1000 * (after[0] - before[2]))
        process.append(1000 * (after[1] - before[1]))
        backend.append(1000 * (after[2] - before[0]))
        if wall[-1] > 20_000 and len(wall) > 2:
            break
    # what else the server does meanwhile (checkpoints, vacuum) only adds: the least is nearest to the page's own
    median, own, theirs = statistics.median(wall[2:]), min(process[2:]), min(backend[2:])
    worst = max(watch.taken, default=(0.0, ""))
    return Figures(screen, status, wall[0], median, own, theirs, len(watch.taken), size / 1000, worst)


def readers() -> dict[str, Any]:
    """Return a client for each of those who look."""
    from django.test import Client

    from matricula.models import Account

    clients = {}
    for name in (ROOT, STAFF):
        clients[name] = Client(raise_request_exception=False)
        clients[name].force_login(Account.objects.get(username=name))
    return clients


def measured(chosen: argparse.Namespace) -> Iterator[Figures]:
    """Return the figures of every page, one by one."""
    from django.db import connection

    connection.ensure_connection()
    clients = readers()
    for screen in screens(facts()):
        if chosen.only not in f"{screen.name} {screen.what}" or screen.name in _LEFT_OUT:
            continue
        found = measure(screen, clients, chosen.times)
        if found is not None and found.status in _REDIRECTS:
            # a part of a page, which leads to the page where it is opened by itself
            found = measure(screen._replace(target="part"), clients, chosen.times)
        if found is None or found.status in _REDIRECTS:
            continue
        if found.status >= _NO_PAGE:
            print(f"(not measured: {screen.name} {screen.what} answers {found.status})", file=sys.stderr, flush=True)
            continue
        print(line(found), flush=True)
        if chosen.slowest and found.processor > TARGET / 4:
            print(f"    {found.worst[0]:.0f} ms: {' '.join(found.worst[1].split())[:300]}", flush=True)
        yield found


def line(found: Figures) -> str:
    """Return the row of the table."""
    what = f"`{found.screen.name}`{': ' if found.screen.what else ''}{found.screen.what}"
    taken = f"**{found.processor:.0f}**" if found.processor > TARGET else f"{found.processor:.0f}"
    return (
        f"| {what} | {taken} | {found.process:.0f} | {found.backend:.0f} | {found.median:.0f} | {found.first:.0f} | "
        f"{found.statements} | {found.kilobytes:.0f} |"
    )


HEAD = (
    "| Page | Processor, ms | of it Python | PostgreSQL | Clock, ms | First call, ms | Statements | kB |\n"
    "|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    """Measure what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--only", default="", help="pages with this in their name or description")
    parser.add_argument("--slowest", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--page", type=Path, help="write the table here, as Markdown")
    chosen = parser.parse_args()
    with database(chosen.data):
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
        before = os.getloadavg()
        print(HEAD)
        found = list(measured(chosen))
        people, where = facts()["people"], machine()
    after = os.getloadavg()
    slow = [one for one in found if one.processor > TARGET]
    print(f"\n{len(found)} pages, {len(slow)} above {TARGET} ms; load {before[0]:.1f} to {after[0]:.1f}")
    if chosen.json:
        rows = [{**one._asdict(), "screen": one.screen._asdict()} for one in found]
        chosen.json.write_text(
            json.dumps({"people": people, "load": [before[0], after[0]], "pages": rows}, default=str)
        )
    if chosen.page:
        text = PAGE.format(
            when=datetime.now(UTC).date(), people=f"{people:,}", machine=where, before=before[0], after=after[0],
            pages=len(found), target=TARGET, slow=len(slow), times=chosen.times,
        )  # fmt: skip
        by_time = sorted(found, key=lambda one: -one.processor)
        chosen.page.write_text(text + HEAD + "\n" + "\n".join(map(line, by_time)) + "\n")


PAGE = """# Server time of each page

Measured by `bench/screens.py` on {when}, in an institution of {people} people (`bench/busy.py`): one course run has all
of them, one program has as many students, both with their journal; beside them are smaller ones, jobs, plans, mail, an
LMS. {machine}.

{pages} pages, searches, filters and deep pages; {slow} are above the target of {target} ms. The processor's time is
compared with it, of Python and all of PostgreSQL's processes: that is how long a page takes on a machine that is free,
for none waits for anything else; beside it is the clock, which is shorter where PostgreSQL uses both cores (load
{before:.1f} to {after:.1f}, this program's own among it). Of {times} calls after two, each with emptied caches: the
least of the processor, the median of the clock. "First call" is the first of all, with nothing planned or in memory. In
the process, without the web server's own millisecond; of a file, until its first block.

"""


if __name__ == "__main__":
    main()
