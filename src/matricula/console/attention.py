"""What needs the reader: each thing once, with how many there are and the list that has exactly these.

No number grows with what is stored: nothing is counted beyond ``MOST``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matricula.access.permissions import WRITE_ENROLLMENTS
from matricula.access.reads import Caller, ProgramAccess, Reach
from matricula.batches.kinds import CHECKS
from matricula.batches.plans.reads import PlanStatus, list_plans
from matricula.batches.plans.statuses import OPEN, PlanState
from matricula.connectors.open_edx.reads import ConnectionTroubles, list_troubles
from matricula.console.jobs.pages import TROUBLED, troubled_since
from matricula.console.plans.shown import expiring_until, list_waiting
from matricula.console.words import MOST
from matricula.enrollments.program.counts import StudentNumbers
from matricula.feed.webhooks.reads import count_failing
from matricula.jobs.reads import count_troubled

# of programs with waiting students, those with most
_PROGRAMS = 3


@dataclass(frozen=True, slots=True)
class Need:
    """So many things (``MOST`` + 1: more than ``MOST``), in words that follow the number, and where they are listed.

    ``tone``: a class of badges, ``bad`` where something went wrong.
    """

    count: int
    words: str
    address: str
    tone: str = "info"
    about: str = ""


def list_needs(
    caller: Caller,
    reach: Reach,
    writable: Reach,
    programs: Sequence[ProgramAccess],
    numbers: Mapping[int, StudentNumbers],
) -> list[Need]:
    """What needs the reader, the most urgent first.

    ``reach``: what the reader may see; ``writable``: what they may write; ``programs``: those of which they may see
    anything, and the ``numbers`` of their students.
    """
    needs = [
        *_approvals(list_waiting(caller, writable)),
        *_jobs(caller),
        *_plans(caller, reach),
        *_webhooks(caller),
        *(_connections(list_troubles(most=MOST + 1)) if caller.is_superuser else ()),
        *_students(programs, numbers),
    ]
    return [need for need in needs if need.count]


def _approvals(waiting: Sequence[PlanStatus]) -> Iterator[Need]:
    words = ngettext("plan is waiting for your approval", "plans are waiting for your approval", len(waiting))
    yield Need(len(waiting), words, f"{reverse('plans')}?waiting=on", "warn")


def _jobs(caller: Caller) -> Iterator[Need]:
    everyone = caller.reads_all_jobs
    actor = None if everyone else caller.account_id
    count = count_troubled(actor_id=actor, left_out=CHECKS, since=troubled_since(), most=MOST + 1)
    words = ngettext("job failed or has rejected rows", "jobs failed or have rejected rows", count)
    yield Need(count, words, f"{reverse('jobs')}?{'of=all&' if everyone else ''}state={TROUBLED}", "bad")


def _plans(caller: Caller, reach: Reach) -> Iterator[Need]:
    mine = partial(
        list_plans, limit=MOST + 1, actor_id=caller.account_id, courses=reach.courses, programs=reach.programs
    )
    soon = mine(states=OPEN, expires_before=expiring_until())
    words = ngettext("plan of yours expires soon", "plans of yours expire soon", len(soon))
    yield Need(len(soon), words, f"{reverse('plans')}?mine=on&expiring=on", "warn")
    approved = mine(states=[PlanState.APPROVED])
    words = ngettext("plan of yours was approved", "plans of yours were approved", len(approved))
    yield Need(len(approved), words, f"{reverse('plans')}?mine=on&state=approved", "good")


def _webhooks(caller: Caller) -> Iterator[Need]:
    count = count_failing(caller, most=MOST + 1)
    words = ngettext("webhook is failing", "webhooks are failing", count)
    yield Need(count, words, f"{reverse('webhooks')}?failing=on", "bad")


def _connections(troubles: Sequence[ConnectionTroubles]) -> Iterator[Need]:
    for one in troubles:
        page = reverse("lms_connection", args=[one.id])
        if one.has_problem:
            yield Need(1, _("LMS isn't answering as it should"), page, "bad", one.name)
        words = ngettext("difference with the LMS", "differences with the LMS", one.differences)
        yield Need(one.differences, words, f"{page}#differences", "warn", one.name)
        words = ngettext("row rejected by the LMS", "rows rejected by the LMS", one.rejected)
        yield Need(one.rejected, words, f"{page}#rejected", "warn", one.name)


def _students(programs: Sequence[ProgramAccess], numbers: Mapping[int, StudentNumbers]) -> Iterator[Need]:
    mine = [one.program for one in programs if WRITE_ENROLLMENTS in one.permissions and one.program.id in numbers]
    for program in sorted(mine, key=lambda program: -numbers[program.id].waiting)[:_PROGRAMS]:
        waiting = numbers[program.id].waiting
        words = ngettext("student is waiting for an account", "students are waiting for an account", waiting)
        yield Need(waiting, words, f"{reverse('program', args=[program.key])}?account=waiting", "info", program.title)
