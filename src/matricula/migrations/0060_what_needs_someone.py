"""The index that counts what needs someone: jobs that failed, or of which rows were rejected."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the jobs; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0059_jobs_by_time'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='job',
            index=models.Index(
                fields=['created'],
                name='job_troubled',
                condition=models.Q(
                    ('state', 'failed'),
                    models.Q(
                        ('state', 'completed'),
                        models.Q(('text__in', ('207', '422')), ('counts__has_key', 'error'), _connector='OR'),
                    ),
                    _connector='OR',
                ),
            ),
        ),
    ]
