"""The feed: how fast a follower catches up, and what twenty followers cost those who write.

    python bench/generate.py load --data FOLDER --accounts 100000 --sizes 9000,900,90,1000 --courses 200 --seats 20000
    python bench/feed.py --data FOLDER [--rounds 5] [--seconds 5] [--followers 20] [--json FILE]

The first figure is of one process that reads pages of 1,000 and writes them as JSON, as the endpoint does; it is to be
50,000 changes a second. The second compares rounds of single enrolls with and without followers that wait for changes
(`wait=30`); the writer sends one request after the other, so that a core is left for the followers. Needs ``wrk``.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from generate import course_key
from matricula.cli.ownership import as_owner, migrate_tables
from matricula.cli.service import database
from throughput import _script, _write_names, make_token, our_service

PAGE = 1000
_INDEX = "create index if not exists journal_in_order on matricula_journalentry (xact, id)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--followers", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with database(chosen.data), tempfile.TemporaryDirectory(prefix="matricula-feed-") as folder:
        migrate_tables()
        make_index()
        figures = catch_up(chosen.rounds)
        if chosen.followers:
            figures |= beside_followers(chosen, Path(folder))
    print("| what | figure |\n|---|---|")
    for what, value in figures.items():
        print(f"| {what} | {value:,.2f} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures))


def make_index() -> None:
    """The index of the feed's order, where the journal has none, and the figures of the planner."""
    from django.db import connection

    with as_owner(), connection.cursor() as cursor:
        cursor.execute(_INDEX)
        cursor.execute("analyze matricula_journalentry, matricula_operation")


def catch_up(rounds: int) -> dict[str, float]:
    """Changes a second: records alone, their digests, and events as the endpoint writes them."""
    from matricula.feed.events import Reader
    from matricula.feed.pages import read_page
    from matricula.journal.records import BEGINNING, digest_of, read_records
    from matricula.rest.endpoint import encode

    everything = Reader(None, None, names=True)

    def records(digests: bool) -> int:
        place, more, count = BEGINNING, True, 0
        while more:
            found, place, more = read_records(place, limit=PAGE)
            count += len(found)
            if digests:
                for _, record in found:
                    digest_of(record)
        return count

    def events() -> int:
        place, more, count = BEGINNING, True, 0
        while more:
            page = read_page(everything, place, limit=PAGE, source="https://matricula.example.org")
            place, more = page.position, page.more
            count += len(page.events)
            encode(page.events)
        return count

    rates: dict[str, list[float]] = {}
    for _ in range(rounds):
        for what, read in (
            ("records", lambda: records(digests=False)),
            ("digests", lambda: records(digests=True)),
            ("events", events),
        ):
            begun = time.perf_counter()
            count = read()
            rates.setdefault(f"{what} a second", []).append(count / (time.perf_counter() - begun))
    return {what: statistics.median(values) for what, values in rates.items()}


def beside_followers(chosen: argparse.Namespace, work: Path) -> dict[str, float]:
    """Requests a second of one writer, alone and beside followers."""
    token = make_token()
    _write_names(work / "names")
    # not those into which bench/throughput.py enrolls
    keys = [course_key(n) for n in range(185, 200)]
    place = 0
    rates: dict[bool, list[float]] = {True: [], False: []}
    with our_service() as root:
        for number in range(2 * chosen.rounds + 2):
            followed = bool(number % 2)
            with followers(root, token, chosen.followers if followed else 0) as counted:
                done = _posts(root, token, _script(work, keys, place), chosen.seconds)
            place += done[1]
            # the first of each warms up
            if number > 1:
                rates[followed].append(done[0])
            print(f"{'with' if followed else 'without'} followers: {done[0]:.0f} a second, {counted} answers")
    alone, beside = statistics.median(rates[False]), statistics.median(rates[True])
    return {
        "enrolls a second": alone,
        "enrolls a second beside followers": beside,
        "slower by percent": 100 * (1 - beside / alone),
    }


def _posts(root: str, token: str, script: Path | None, seconds: int) -> tuple[float, int]:
    command = ["wrk", "-t1", "-c1", f"-d{seconds}s", "-H", f"Authorization: Bearer {token}", "-s", str(script), root]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rate = float(said.partition("Requests/sec:")[2].split()[0])
    assert "Non-2xx" not in said, said
    return rate, int(said.partition(" requests in")[0].split()[-1])


@contextmanager
def followers(root: str, token: str, count: int) -> Iterator[list[int]]:
    """So many who follow the feed from now on; how many answers and changes they got."""
    counted, end = [0, 0], threading.Event()

    def follow() -> None:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        cursor = "now"
        while not end.is_set():
            address = f"{root}/api/record/v1/changes"
            answer = session.get(address, params={"after": cursor, "wait": 2, "limit": PAGE}, timeout=60).json()
            cursor = answer["cursor"]
            counted[0] += 1
            counted[1] += len(answer["changes"])

    threads = [threading.Thread(target=follow) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield counted
    end.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
