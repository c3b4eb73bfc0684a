"""The index by which the invitations of a course run are listed and counted."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the invitations; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0057_days_of_programs'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='preenrollment',
            index=models.Index(
                fields=['course', 'email_key', 'id'], include=['account'], name='pre_enrollment_by_course'
            ),
        ),
    ]
