"""The figures of a run as the table of docs/benchmarks.md, with the pictures above it."""

import argparse
import os
import platform
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pictures

Figures = dict[str, Any]


class Row(NamedTuple):
    """One thing measured, beside its floor, its peer or itself."""

    what: str
    measured: str
    beside: str
    ratio: float
    target: float | None
    # a ratio that must not be higher, as for pages
    at_most: bool = False
    unit: str = " ×"

    @property
    def met(self) -> bool:
        return self.target is None or (self.ratio <= self.target if self.at_most else self.ratio >= self.target)

    def cells(self) -> tuple[str, ...]:
        digits = 0 if self.unit == " MB" else 1 if self.ratio >= 10 else 2
        sign = "≤" if self.at_most else "≥"
        target = "" if self.target is None else f"{sign} {self.target:g}{self.unit}"
        met = "" if self.target is None else "yes" if self.met else "**no**"
        return (self.what, self.measured, self.beside, f"{self.ratio:.{digits}f}{self.unit}", target, met)


def table(rows: list[Row]) -> str:
    head = "| What | Measured | Floor or peer beside | Ratio | Target | Met |\n|---|---|---|---|---|---|\n"
    return head + "\n".join("| " + " | ".join(row.cells()) + " |" for row in rows) + "\n"


def rows_of(figures: Figures, chosen: argparse.Namespace) -> list[Row]:
    return [
        *_bulk(figures[f"bulk-{chosen.rows}"]["rates"], chosen),
        *_pages(figures["pages"]),
        _screens(figures["screens"]),
        *_requests(figures["throughput"]),
        *_feed(figures["feed"]),
        *_webhooks(figures["webhooks"]),
        *_tokens(figures["tokens"]),
        *_dashboard(figures["dashboard"]),
        *_start(figures["start"]),
        *_exports(figures["exports"], chosen.roster),
        *_memory(figures, chosen.rows),
        *_peers(figures["peers"]),
    ]


def _rate(what: str, ours: float, beside: float, name: str, target: float | None, unit: str = "rows/s") -> Row:
    return Row(what, f"{ours:,.0f} {unit}", f"{name}: {beside:,.0f} {unit}", ours / beside, target)


def _bulk(rates: dict[str, float], chosen: argparse.Namespace) -> list[Row]:
    course, program = rates["course floor"], rates["program floor"]
    count = f"{chosen.rows:,}"
    seconds = chosen.users / rates["users import"]
    return [
        _rate(f"course enrollments, {count}, `matricula import`", rates["course import"], course, "COPY", 0.7),
        _rate(f"course enrollments, {count}, task over HTTP", rates["course task"], course, "COPY", 0.7),
        _rate("the same file again", rates["course import again"], rates["course import"], "first time", None),
        _rate("the same task again", rates["course task again"], rates["course task"], "first time", None),
        _rate(f"program upload, {count}", rates["program upload"], program, "COPY", 0.55),
        _rate("the same upload again", rates["program upload again"], rates["program upload"], "first time", None),
        _rate(f"`import users`, {chosen.users:,}", rates["users import"], rates["users floor"], "COPY", 0.5),
        Row("minutes for that", f"{seconds:.0f} s", "", seconds / 60, 10, at_most=True, unit=" min"),
    ]


def _pages(pages: dict[str, dict[str, float]]) -> list[Row]:
    rows = []
    for what, by_count in pages.items():
        largest, *_, small = by_count
        ours, base = by_count[largest], by_count[small]
        of = f"of {int(small):,}: {base:.2f} ms"
        rows.append(Row(f"page of {int(largest):,}: {what}", f"{ours:.2f} ms", of, ours / base, 3, at_most=True))
    return rows


def _screens(figures: Figures) -> Row:
    """The slowest page of the console, in the processor's time: the machine need not be quiet."""
    slowest = max(figures["pages"], key=lambda one: one["process"] + one["backend"])
    taken, name = slowest["process"] + slowest["backend"], slowest["screen"]
    what = f"slowest of {len(figures['pages'])} pages of the console, {figures['people']:,} people"
    beside = f"{name['name']} {name['what']}".strip()
    return Row(what, f"{taken:.0f} ms", beside, taken, 100, at_most=True, unit=" ms")


def _requests(rates: dict[str, float]) -> list[Row]:
    def row(what: str, name: str) -> Row:
        beside = "bare ASGI + asyncpg"
        return _rate(what, rates[f"{name}, matricula"], rates[f"{name}, floor"], beside, 0.5, "requests/s")

    one, many = rates["POST into one course, matricula"], rates["POST into many, matricula"]
    return [
        row("GET list", "GET list"),
        row("POST enroll one, into one course", "POST into one course"),
        row("POST enroll one, into many courses", "POST into many"),
        _rate("many clients, one course", one, many, "many courses", 0.8, "requests/s"),
    ]


def _feed(figures: dict[str, float]) -> list[Row]:
    records, events = figures["records a second"], figures["events a second"]
    alone, beside = figures["enrolls a second"], figures["enrolls a second beside followers"]
    return [
        Row("feed, catching up", f"{records:,.0f} changes/s", "", records / 1000, 50, unit=" k/s"),
        _rate("the same as events, with names", events, records, "records", None, "changes/s"),
        _rate("single enrolls beside 20 followers", beside, alone, "without", 0.97, "requests/s"),
    ]


def _webhooks(figures: dict[str, float]) -> list[Row]:
    usual, longest = figures["seconds until sent, median"], figures["seconds until sent, longest"]
    rate = f"at {figures['changes a second']:.0f} changes/s, to 5 webhooks beside 2 that never answer"
    return [
        Row(f"webhooks {rate}", f"{longest:.2f} s", f"median: {usual:.2f} s", longest, 2, at_most=True, unit=" s"),
    ]


def _tokens(tokens: dict[str, dict[str, float]]) -> list[Row]:
    return [
        Row(
            f"{what}, {kind}",
            f"{ms:.2f} ms",
            f"own token: {taken['own token']:.2f} ms",
            ms / taken["own token"],
            1.2,
            at_most=True,
        )
        for what, taken in tokens.items()
        for kind, ms in taken.items()
        if kind != "own token"
    ]


def _dashboard(seconds: dict[str, float]) -> list[Row]:
    def row(what: str, beside: str) -> Row:
        ours, base = seconds[what], seconds[beside]
        return Row(what, f"{1000 * ours:.1f} ms", f"{beside}: {1000 * base:.1f} ms", base / ours, 0.9)

    return [row("modify with 1", "enroll one"), row("modify with 1,000", "task of 1,000")]


def _start(taken: dict[str, float]) -> list[Row]:
    floor = taken["python -c pass"]
    # as far as it is known how long that takes on an idle core: 150 ms for the first two, 0.45 s
    targets = {"matricula --version": 20, "matricula --help": 20, "import of 1,000 rows": 60}
    return [
        Row(
            f"`{what}`",
            f"{ms:.0f} ms",
            f"`python -c pass`: {floor:.0f} ms",
            ms / floor,
            targets.get(what),
            at_most=True,
        )
        for what, ms in taken.items()
        if what != "python -c pass"
    ]


def _exports(export: dict[str, float], roster: int) -> list[Row]:
    growth = export["after"] - export["before"]
    memory = f"{export['after']} MB", f"before: {export['before']} MB"
    return [
        _rate(f"export over HTTP, {roster:,}", export["http"], export["psql"], "`psql \\copy`", 0.7),
        _rate("export over HTTP, gzip", export["gzip"], export["psql"], "`psql \\copy`", None),
        Row("web memory after the exports", *memory, growth, 100, at_most=True, unit=" MB"),
    ]


def _memory(figures: Figures, largest: int) -> list[Row]:
    small, large = (figures[f"bulk-{size}"]["memory"] for size in (10_000, largest))
    return [
        Row(
            f"highest memory of {name}, {largest:,} rows",
            f"{large[name]:.0f} MB",
            f"10,000 rows: {small[name]:.0f} MB",
            large[name] - small[name],
            50,
            at_most=True,
            unit=" MB",
        )
        for name in small
    ]


def _peers(peers: dict[str, tuple[float, float]]) -> list[Row]:
    (import_ours, import_theirs), (list_ours, list_theirs) = peers.values()
    name = "Django REST framework"
    return [
        _rate("enroll in bulk, the usual way beside", import_ours, import_theirs, name, None),
        _rate("GET list, the usual way beside", list_ours, list_theirs, name, None, "requests/s"),
    ]


def write(figures: Figures, chosen: argparse.Namespace, docs: Path) -> None:
    rows = rows_of(figures, chosen)
    (docs / "pictures").mkdir(exist_ok=True)
    bars = [
        (row.what.replace("`", ""), row.ratio, row.target or 0, row.met)
        for row in rows
        if row.unit == " ×" and row.target and not row.at_most and row.target < 1
    ]
    (docs / "pictures" / "ratios.svg").write_text(pictures.bars("Speed beside the floor (1 = as fast)", bars))
    curves = _curves(figures)
    seconds = {name: [(size, size / rate) for size, rate in points] for name, points in curves.items()}
    (docs / "pictures" / "bulk.svg").write_text(pictures.curves("Seconds over rows", seconds))
    pages = {
        what: sorted((int(count), value) for count, value in by_count.items())
        for what, by_count in figures["pages"].items()
    }
    (docs / "pictures" / "pages.svg").write_text(pictures.curves("Milliseconds a page over size of the roster", pages))
    text = _TEXT.format(
        when=datetime.now(UTC).date(),
        machine=machine(),
        chosen=chosen,
        ratios=table(rows),
        bulk=_size_table("rows", {name: dict(points) for name, points in curves.items()}, "{:,.0f}"),
        pages=_size_table("ms", {what: dict(points) for what, points in pages.items()}, "{:.2f}"),
        why=(Path(__file__).parent / "misses.md").read_text(),
    )
    (docs / "benchmarks.md").write_text(text)
    print(text)


def _curves(figures: Figures) -> dict[str, list[tuple[int, float]]]:
    """Rows a second of each bulk write by size."""
    runs = sorted((int(name.split("-")[1]), found["rates"]) for name, found in figures.items() if "bulk-" in name)
    names = ("course floor", "course import", "course task", "program floor", "program upload")
    return {name: [(size, rates[name]) for size, rates in runs] for name in names}


def _size_table(unit: str, values: dict[str, dict[int, float]], form: str) -> str:
    sizes = sorted({size for by_size in values.values() for size in by_size})
    head = f"| {unit} | " + " | ".join(f"{size:,}" for size in sizes) + " |\n|---" + "|---" * len(sizes) + "|\n"
    lines = (
        f"| {name} | " + " | ".join(form.format(by[size]) if size in by else "" for size in sizes) + " |\n"
        for name, by in values.items()
    )
    return head + "".join(lines)


def machine() -> str:
    """Cores, processor, memory, Python, PostgreSQL."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    gigabytes = int(memory[1]) / 1024**2 if memory else 0
    python = sys.version.split()[0]
    return (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {gigabytes:.0f} GB RAM, Python {python}, "
        f"{_postgresql()}"
    )


def _postgresql() -> str:
    import tempfile

    import psycopg

    from matricula.cli.service import database

    with (
        tempfile.TemporaryDirectory() as folder,
        database(Path(folder) / "data"),
        psycopg.connect(os.environ["DATABASE_URL"]) as connection,
    ):
        [version] = connection.execute("show server_version").fetchone()
    return f"PostgreSQL {version.split()[0]}"


_TEXT = """# Benchmarks

Measured on {when}:
{machine}; database, service, clients and
floors all on it. Written by `make bench`; `make bench-quick` prints the table for small sizes in a few minutes.

Sizes: up to {chosen.rows:,} rows and a roster of {chosen.roster:,}; {chosen.users:,} new accounts. Medians of
{chosen.rounds} rounds; bulk writes at {chosen.rows:,} rows: of {chosen.rounds_largest}. Requests: 16 connections,
{chosen.seconds} s a round. Only the ratios of one run mean anything.

{chosen.note}

## The targets

![Ratios](pictures/ratios.svg)

{ratios}
Floors and peers:

- **COPY**: finished rows into the same indexed table; no parsing, no rules, no journal, no progress.
- **bare ASGI + asyncpg**: `bench/floor_asgi.py` runs our statements and answers with bytes made beforehand.
- **Django REST framework**: `bench/peers/`, the usual way: `ModelSerializer`, ORM, a save and an audit row for each
  row, 1000 rows in a transaction; token and permission checked, a page of 25 with its count.
- Rows a second of an import count the start of the command.

{why}## Bulk writes over size

Rows a second; the picture shows the seconds.

![Seconds over rows](pictures/bulk.svg)

{bulk}
## Pages over size

A page of 25, exact count included, in rosters of growing size. `search: one username` finds one person,
`search: a common name` everyone with the first name of the person in the middle, and counts them. Each roster has
another person there, so these two lines are less even than the others.

![Milliseconds over roster size](pictures/pages.svg)

{pages}"""
