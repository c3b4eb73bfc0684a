"""The latest operations of an account: whether a replica has them."""

from django.db import migrations, models

from matricula.foundation.postgresql.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False
    # waits for older transactions, and holds no one up meanwhile
    lock_seconds = 0
    statement_seconds = 0

    dependencies = [
        ('matricula', '0047_index_of_merged_accounts'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='operationrecord',
            index=models.Index(
                fields=['actor_id', 'started'],
                name='operation_by_actor',
                condition=models.Q(actor_id__isnull=False),
            ),
        ),
    ]
