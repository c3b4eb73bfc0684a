"""The index by which a roster is sorted by date."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the course enrollments; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0055_students_counted'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='courseenrollment',
            index=models.Index(fields=['course', 'is_active', 'created', 'id'], name='enrollment_by_date'),
        ),
    ]
