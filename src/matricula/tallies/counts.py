"""Adding to the tallies, and reading them.

A row that everyone adds to would be a queue of writers. So a tally is added to where one process works alone anyway: by
the one that seals the journal, and the one that delivers mail.
"""

from collections.abc import Mapping

from matricula.foundation.database import execute
from matricula.tallies.models import Tally

# (subject, outcome) → how often
Counts = Mapping[tuple[str, str], int]
CHANGES, MAILS = "change", "mail"
# in one order, so that two who add wait for each other at most
_ADD = """
insert into matricula_tally as t (kind, subject, outcome, total)
select %s, n.subject, n.outcome, n.total from unnest(%s::text[], %s::text[], %s::bigint[]) n (subject, outcome, total)
order by n.subject, n.outcome
on conflict on constraint tally_once do update set total = t.total + excluded.total
"""


def add_counts(kind: str, counts: Counts) -> None:
    """Adds the numbers with one statement, in the caller's transaction; nothing for those that are 0."""
    added = {name: number for name, number in counts.items() if number}
    if added:
        subjects, outcomes = zip(*added, strict=True)
        execute(_ADD, [kind, [*subjects], [*outcomes], [*added.values()]])


def list_counts(kind: str) -> dict[tuple[str, str], int]:
    """(subject, outcome) → how often, since tallies are kept."""
    rows = Tally.objects.filter(kind=kind).values_list("subject", "outcome", "total")
    return {(subject, outcome): total for subject, outcome, total in rows}
