"""How far a large job is: what its slices say, of which each is written and counted in a transaction of its own."""

import uuid

from django.db import connection

from matricula.jobs import statuses
from matricula.jobs.models import Job

_ADVANCE = """
update matricula_job j set state = 'running', updated = now(), done = s.done, counts = s.counts
from (
    select
        (select coalesce(sum(rows), 0) from matricula_jobslice where job_id = %(job)s and counts is not null) as done,
        (
            select coalesce(jsonb_object_agg(w.word, w.rows), '{}') from (
                select c.key as word, sum(c.value::int) as rows
                from matricula_jobslice, jsonb_each_text(counts) c where job_id = %(job)s group by 1
            ) w
        ) as counts
) s
where j.id = %(job)s and j.state = any(%(unfinished)s::text[]) and j.done <= s.done
    and exists (select from matricula_jobslice where job_id = %(job)s)
"""


def count_slices(job_id: uuid.UUID) -> None:
    """Stores how many rows of an unfinished job its written slices have, and how they ended."""
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE, {"job": job_id, "unfinished": list(statuses.UNFINISHED)})


def count_last_slices(job: Job) -> None:
    """As ``count_slices``, for one who ends the job, and holds its row: no slice can be committed any more."""
    count_slices(job.pk)
    job.refresh_from_db(fields=["state", "done", "counts"])
