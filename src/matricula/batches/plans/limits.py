"""What holds a plan until someone else approves it (record-api: Plans). Values in, values out: no tables."""

from collections.abc import Mapping

from msgspec import Struct, convert

from matricula.batches.values import Effect

# fewer rejected rows than these hold no plan, whatever their share
REJECTED_ROWS = 10


class Limits(Struct, frozen=True, kw_only=True):
    """A plan is held where more rows than ``…_rows`` and more than ``…_percent`` are removed, changed or rejected.

    Percents of those who are active now; of rejected rows, of all rows. ``approvals``: how many people beside the one
    who made the plan; 0: that one may approve it, too.
    """

    removals_percent: int = 20
    removals_rows: int = 10
    changes_percent: int = 50
    changes_rows: int = 100
    refused_percent: int = 20
    approvals: int = 1


class Limit(Struct, frozen=True):
    """One limit, and how far a plan is from it."""

    name: str
    limit: "Measure"
    value: "Measure"
    exceeded: bool


class Measure(Struct, frozen=True):
    """So many rows, and which share that is."""

    percent: float
    rows: int


def merged(*levels: Mapping[str, int]) -> Limits:
    """Return the limits where several levels say something, the last one with the last word."""
    return convert({name: value for level in levels for name, value in level.items()}, Limits)


def measure(limits: Limits, effects: Mapping[str, int], active: int) -> list[Limit]:
    """Return each limit beside what the rows of a plan would do to so many who are active now."""
    rows = sum(effects.values())
    return [
        _limit("removals", limits.removals_percent, limits.removals_rows, effects.get(Effect.REMOVE, 0), active),
        _limit("changes", limits.changes_percent, limits.changes_rows, effects.get(Effect.CHANGE, 0), active),
        _limit("refused", limits.refused_percent, REJECTED_ROWS, effects.get(Effect.REJECTED, 0), rows),
    ]


def _limit(name: str, percent: int, rows: int, found: int, of: int) -> Limit:
    exceeded = found > rows and 100 * found > percent * of
    share = 100 * found / of if of else 100.0 * bool(found)
    return Limit(name, Measure(percent, rows), Measure(round(share, 1), found), exceeded)
