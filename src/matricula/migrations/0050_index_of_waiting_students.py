"""The index that counts the students of a program who wait for an account."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the students; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0049_clients_validated'),
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
    ]
