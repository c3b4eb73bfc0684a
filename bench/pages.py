"""Pages of a huge roster beside the same pages of one of a thousand, over HTTP, exact counts included.

python bench/generate.py load --data FOLDER --accounts 1000000 --sizes 1000000,1000
python bench/pages.py --data FOLDER [--times 100]
"""

import argparse
import http.client
import json
import statistics
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generate import course_key
from matricula.cli.service import database, migrate_tables
from throughput import make_token, our_service

HUGE, SMALL = course_key(0), course_key(1)


class Client:
    """One kept connection."""

    def __init__(self, root: str, token: str) -> None:
        address = urllib.parse.urlsplit(root)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port)
        self._headers = {"Authorization": f"Bearer {token}"}

    def ask(self, path: str) -> dict[str, Any]:
        self._connection.request("GET", path, headers=self._headers)
        answer: dict[str, Any] = json.load(self._connection.getresponse())
        assert "results" in answer, answer
        return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--times", type=int, default=100)
    chosen = parser.parse_args()
    with database(chosen.data):
        migrate_tables()
        token = make_token()
        with our_service() as root:
            measure(Client(root, token), chosen.times)


def measure(client: Client, times: int) -> None:
    print("| milliseconds a page of 25 | 1,000,000 | 1,000 | ratio |\n|---|---|---|---|")
    for (what, huge), (_, small) in zip(paths(client, HUGE), paths(client, SMALL), strict=True):
        seconds: dict[str, list[float]] = {huge: [], small: []}
        for number in range(times + 10):
            for path in (huge, small):
                started = time.perf_counter()
                client.ask(path)
                # the first ones fill caches and plans
                if number >= 10:
                    seconds[path].append(time.perf_counter() - started)
        ours, base = (statistics.median(seconds[path]) * 1000 for path in (huge, small))
        print(f"| {what} | {ours:.2f} | {base:.2f} | {ours / base:.2f} |", flush=True)


def paths(client: Client, key: str) -> Iterator[tuple[str, str]]:
    roster = f"/api/enrollment/v2/courses/{key}/enrollments"
    last = client.ask(roster)["num_pages"]
    middle = f"{roster}?page={last // 2}"
    following = urllib.parse.urlsplit(client.ask(middle)["next"])
    username = client.ask(middle)["results"][0]["username"]
    yield "first", roster
    yield "middle", middle
    yield "last", f"{roster}?page={last}"
    yield "by next", f"{following.path}?{following.query}"
    yield "search: one username", f"{roster}?search={username}"
    yield "any state, middle", f"{middle}&is_active=any"
    yield "one mode, first", f"{roster}?mode=verified"
    yield "one mode, its middle", f"{roster}?mode=verified&page={last // 8}"


if __name__ == "__main__":
    main()
