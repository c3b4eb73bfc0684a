"""The index behind the history of permissions, without entries that only record. The one of before serves until it is
built."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently, RemoveIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # waits for transactions that are older, and holds nobody up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0019_a_complete_journal_validated'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='journalentry',
            index=models.Index(condition=models.Q(('subject__in', ['course_role', 'role', 'feature', 'membership', 'group', 'client', 'account']), models.Q(('transition__in', ('registered', 'recorded')), _negated=True)), fields=['id'], name='journal_about_access'),
        ),
        RemoveIndexConcurrently(
            model_name='journalentry',
            name='journal_of_access',
        ),
    ]
