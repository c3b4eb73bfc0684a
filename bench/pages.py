"""Pages of a huge roster beside the same pages of smaller ones, the last of a thousand, over HTTP, with exact counts.

python bench/generate.py load --data FOLDER --accounts 1000000 --sizes 1000000,100000,10000,1000
python bench/pages.py --data FOLDER --courses 4 [--times 100] [--json FILE]
"""

import argparse
import http.client
import json
import statistics
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generate import course_key
from matricula.cli.ownership import migrate_tables
from matricula.cli.service import database
from throughput import make_token, our_service

# a slow page is asked for less often
SECONDS = 15


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
    parser.add_argument("--courses", type=int, default=4, help="so many course runs, the largest first")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    with database(chosen.data):
        migrate_tables()
        token = make_token()
        with our_service() as root:
            measure(Client(root, token), chosen)


def measure(client: Client, chosen: argparse.Namespace) -> None:
    keys = [course_key(number) for number in range(chosen.courses)]
    counts = [client.ask(f"/api/enrollment/v2/courses/{key}/enrollments?is_active=any")["count"] for key in keys]
    figures: dict[str, dict[int, float]] = {}
    print("| milliseconds a page of 25 |", *(f"{count:,} |" for count in counts), "largest : smallest |")
    print("|---" * (len(keys) + 2) + "|")
    for same in zip(*(paths(client, key) for key in keys), strict=True):
        seconds: dict[str, list[float]] = defaultdict(list)
        begun = time.perf_counter()
        for number in range(chosen.times + 10):
            if number > 12 and time.perf_counter() - begun > SECONDS:
                break
            for _, path in same:
                started = time.perf_counter()
                client.ask(path)
                # the first ones fill caches and plans
                if number >= 10:
                    seconds[path].append(time.perf_counter() - started)
        middle = [statistics.median(seconds[path]) * 1000 for _, path in same]
        what = same[0][0]
        figures[what] = dict(zip(counts, middle, strict=True))
        print(f"| {what} |", *(f"{value:.2f} |" for value in middle), f"{middle[0] / middle[-1]:.2f} |", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures))


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
    yield "search: a common name", f"{roster}?search={username.split('.')[0]}"
    yield "any state, middle", f"{middle}&is_active=any"
    yield "one mode, first", f"{roster}?mode=verified"
    yield "one mode, its middle", f"{roster}?mode=verified&page={last // 8}"


if __name__ == "__main__":
    main()
