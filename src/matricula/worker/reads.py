"""Whether workers live, and what waits for them."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from matricula.jobs.reads import count_unfinished
from matricula.jobs.writes import RUN_JOB
from matricula.notices.reads import count_due

# a worker that is just connecting again has not ended
_MISSING_SECONDS = 60
WRITE_REPORTS = "matricula.write_reports"


def count_workers() -> int:
    """How many workers have given a sign of life within the last minute."""
    limit = timezone.now() - timedelta(seconds=_MISSING_SECONDS)
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=limit).count()


def count_waiting() -> int:
    """How many jobs, mails and reports workers have yet to do; what the schedule asks for comes again by itself."""
    queued = ProcrastinateJob.objects.filter(status__in=["todo", "doing"])
    jobs = max(count_unfinished(), queued.filter(task_name=RUN_JOB).count())
    return jobs + count_due() + queued.filter(task_name=WRITE_REPORTS).count()
