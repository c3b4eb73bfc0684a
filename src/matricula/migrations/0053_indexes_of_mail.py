"""The indexes behind the list of outgoing mail."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently, RemoveIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads all mail, nine times; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0052_what_mail_is_about'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['operation', 'queued', 'id'], name='mail_of_operation'),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['queued', 'id'], name='mail_in_order'),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['kind', 'queued', 'id'], name='mail_of_kind'),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['course_id', 'queued', 'id'], name='mail_of_course', condition=models.Q(('course_id__isnull', False))),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['program_id', 'queued', 'id'], name='mail_of_program', condition=models.Q(('program_id__isnull', False))),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['queued', 'id'], name='mail_waiting', condition=models.Q(('due__isnull', False))),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['queued', 'id'], name='mail_failed', condition=models.Q(('due__isnull', True), ('recalled__isnull', True), ('sent__isnull', True))),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['queued', 'id'], name='mail_recalled', condition=models.Q(('recalled__isnull', False))),
        ),
        AddIndexConcurrently(
            model_name='outgoingmail',
            index=models.Index(fields=['copy_of'], name='mail_copies', condition=models.Q(('copy_of__isnull', False))),
        ),
        # mail_of_operation finds the same
        RemoveIndexConcurrently(model_name='outgoingmail', name='mail_by_operation'),
    ]
