"""Which job a worker takes up next: writes before downloads, and callers in turn.

A task of the queue names a job, but does the one whose turn it is: the two jobs change their tasks. So a task that is
taken over after a kill still names the job that it was doing.
"""

import uuid
from typing import Any

from django.db import connection
from django.utils import timezone

from matricula.foundation.transactions import one_transaction
from matricula.jobs.models import Job
from matricula.jobs.statuses import DOWNLOAD_KINDS, UNFINISHED
from matricula.jobs.writes import RUN_JOB

_LOCK = 7311
# A job that is running already and waits, since its worker was stopped or killed, goes before new ones. Among those,
# the caller whose latest job was taken up longest ago is next.
_NEXT = """
select j.id, q.id
from procrastinate_jobs q join matricula_job j on j.id::text = q.args ->> 'job_id'
where q.task_name = %(task_name)s and j.state = any(%(unfinished)s) and (
    q.id = %(task)s or (q.status = 'todo' and (q.scheduled_at is null or q.scheduled_at <= now()))
)
order by j.kind = any(%(reads)s), j.state = 'pending',
    (select max(l.started) from matricula_job l where l.actor_id = j.actor_id and l.started is not null) nulls first,
    j.created, j.id
limit 1 for update of q skip locked
"""
_CHANGE_TASKS = """
update procrastinate_jobs q set args = q.args || jsonb_build_object('job_id', change.job)
from unnest(%s::bigint[], %s::text[]) change(task, job) where q.id = change.task
"""


def take_turn(task: int, job_id: uuid.UUID) -> uuid.UUID:
    """Return the job that the queue's task is to do now, instead of the one that it names."""
    with one_transaction(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, 0)", [_LOCK])
        lists: dict[str, Any] = {"unfinished": list(UNFINISHED), "reads": list(DOWNLOAD_KINDS)}
        cursor.execute(_NEXT, {"task_name": RUN_JOB, "task": task, **lists})
        found = cursor.fetchone()
        if found is None:
            return job_id
        chosen, its_task = found
        if chosen != job_id:
            cursor.execute(_CHANGE_TASKS, [[task, its_task], [str(chosen), str(job_id)]])
        Job.objects.filter(pk=chosen).update(started=timezone.now())
    return uuid.UUID(str(chosen))
