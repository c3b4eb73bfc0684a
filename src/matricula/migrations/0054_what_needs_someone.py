"""The indexes that count what needs someone: students who wait for an account, and jobs that didn't do all."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the students and the jobs; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0053_indexes_of_mail'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='programenrollment',
            index=models.Index(
                fields=['program'],
                name='program_enrollment_waiting',
                condition=models.Q(account__isnull=True),
            ),
        ),
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
