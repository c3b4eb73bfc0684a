"""The kinds of operations there are obey the constraint of 0024, too. Reads and writes go on meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    # reads all operations
    statement_seconds = 0

    dependencies = [
        ('matricula', '0024_plans'),
    ]

    operations = [
        ValidateConstraint(model_name='operationrecord', name='operation_kind_known'),
    ]
