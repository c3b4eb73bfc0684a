"""Whether workers live, and what waits for them."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from matricula.foundation.database import fetch_all
from matricula.jobs.reads import count_unfinished
from matricula.jobs.writes import RUN_JOB
from matricula.notices.reads import count_due

# a worker that is just connecting again has not ended
_MISSING_SECONDS = 60
WRITE_REPORTS = "matricula.write_reports"
# what is scheduled for later isn't due; else a task has waited since it was queued, or queued again
_QUEUES = """
select queue_name, status::text, count(*), extract(epoch from now() - min(
    case when status <> 'todo' then null
        when scheduled_at is null
        then (select max(e.at) from procrastinate_events e where e.job_id = j.id and e.type <> 'started')
        when scheduled_at <= now() then scheduled_at end))
from procrastinate_jobs j where status in ('todo', 'doing', 'failed') group by 1, 2 order by 1, 2
"""


class Queue(NamedTuple):
    """A queue: state → how many tasks, and for how long the oldest that is due has waited."""

    name: str
    tasks: dict[str, int]
    oldest_seconds: float


def list_queues() -> list[Queue]:
    """Return the queues of tasks, by their names; one in which there is nothing isn't listed."""
    tasks: dict[str, dict[str, int]] = defaultdict(lambda: {"todo": 0, "doing": 0, "failed": 0})
    oldest: dict[str, float] = {}
    for name, state, count, seconds in fetch_all(_QUEUES, []):
        tasks[name][state] = count
        oldest[name] = max(oldest.get(name, 0.0), float(seconds or 0))
    return [Queue(name, tasks[name], oldest[name]) for name in tasks]


def count_workers() -> int:
    """How many workers have given a sign of life within the last minute."""
    limit = timezone.now() - timedelta(seconds=_MISSING_SECONDS)
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=limit).count()


def count_waiting() -> int:
    """How many jobs, mails and reports workers have yet to do; what the schedule asks for comes again by itself."""
    queued = ProcrastinateJob.objects.filter(status__in=["todo", "doing"])
    jobs = max(count_unfinished(), queued.filter(task_name=RUN_JOB).count())
    return jobs + count_due() + queued.filter(task_name=WRITE_REPORTS).count()
