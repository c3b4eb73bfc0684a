"""The rows of before have operations. In a migration of its own: it reads the journal, and holds no lock on it."""

from django.db import migrations

# What an operation says once for all its entries stands in one row now. Rows of before keep what they say; their
# operations are made from them, the job's kind included where the job is still there.
OPERATIONS_OF_BEFORE = """
insert into matricula_operation (id, kind, source, actor_id, reason, course_id, program_id, job_id, file, started, ended)
select e.operation,
    case
        when j.kind in ('write_program_enrollments', 'write_course_run_enrollments')
            then case when e.source = 'command' then 'import' else 'upload' end
        when j.kind = 'change_roster' then 'roster_change'
        when j.kind like 'import%' then 'import'
        when j.id is not null then 'task'
        when e.source = 'sign-up' then 'sign_up'
        when e.source = 'schedule' then 'nightly'
        else 'request'
    end,
    e.source, e.actor_id, e.reason, j.course_id, j.program_id, j.id, j.options ->> 'file', e.started, e.ended
from (
    select distinct on (operation) operation, source, actor_id, reason,
        min(at) over (partition by operation) as started, max(at) over (partition by operation) as ended
    from matricula_journalentry where source is not null order by operation, id
) e left join matricula_job j on j.id = e.operation
on conflict do nothing
"""


class Migration(migrations.Migration):

    # reads the whole journal
    statement_seconds = 0

    dependencies = [
        ('matricula', '0020_journal_about_access'),
    ]

    operations = [
        migrations.RunSQL(OPERATIONS_OF_BEFORE, migrations.RunSQL.noop),
    ]
