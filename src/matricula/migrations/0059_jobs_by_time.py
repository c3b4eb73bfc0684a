"""The index by which everyone's jobs are listed, the latest first."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the jobs; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0058_invitations_by_course'),
    ]

    operations = [
        AddIndexConcurrently(model_name='job', index=models.Index(fields=['-created', 'id'], name='job_by_time')),
    ]
