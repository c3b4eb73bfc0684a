"""The index of accounts that may everything."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the accounts; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0062_index_of_names'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='account',
            index=models.Index(
                fields=['id'], name='account_superusers', condition=models.Q(('is_superuser', True))
            ),
        ),
    ]
