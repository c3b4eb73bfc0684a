"""The index that finds the accounts which were merged into one."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the accounts; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0046_merged_accounts'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='account',
            index=models.Index(
                fields=['merged_into'],
                name='account_merged_into',
                condition=models.Q(merged_into__isnull=False),
            ),
        ),
    ]
