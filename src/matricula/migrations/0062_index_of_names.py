"""The index that finds people by words of their names, in any order and without accents."""

import django.contrib.postgres.indexes
from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # reads the accounts; waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0061_names_without_accents'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='account',
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func('username', 'email', 'first_name', 'last_name', function='matricula_names'),
                name='account_names',
            ),
        ),
    ]
