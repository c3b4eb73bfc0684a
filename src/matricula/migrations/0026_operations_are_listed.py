"""Operations are listed: the latest, of a course run, of a program, and those that take others back."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # waits for transactions that are older, and holds nobody up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0025_plans_validated'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='operationrecord',
            index=models.Index(fields=['started', 'id'], name='operation_by_start'),
        ),
        AddIndexConcurrently(
            model_name='operationrecord',
            index=models.Index(condition=models.Q(('course_id__isnull', False)), fields=['course_id', 'started'], name='operation_by_course'),
        ),
        AddIndexConcurrently(
            model_name='operationrecord',
            index=models.Index(condition=models.Q(('program_id__isnull', False)), fields=['program_id', 'started'], name='operation_by_program'),
        ),
        AddIndexConcurrently(
            model_name='operationrecord',
            index=models.Index(condition=models.Q(('reverts__isnull', False)), fields=['reverts'], name='operation_taken_back'),
        ),
    ]
