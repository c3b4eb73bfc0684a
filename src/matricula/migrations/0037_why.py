"""The indexes behind the question why: rejected rows by whom they name, and a student's journal entries by key."""

import django.contrib.postgres.indexes
from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads all rows of jobs, and the journal; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0036_keys_of_rejected_rows'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='jobchunk',
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func('keys', 'outcomes', 'codes', 'rejected', function='matricula_rejected_keys'),
                name='job_chunk_rejected',
            ),
        ),
        AddIndexConcurrently(
            model_name='journalentry',
            index=models.Index(
                models.Func('student_key', template='lower(%(expressions)s collate "C")'),
                models.F('program_id'),
                name='journal_by_student_key',
                condition=models.Q(student_key__isnull=False),
            ),
        ),
    ]
