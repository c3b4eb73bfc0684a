"""The rows of before obey the constraints of 0018, too. Reads and writes go on while they are looked at."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    # reads the whole journal
    statement_seconds = 0

    dependencies = [
        ('matricula', '0018_a_complete_journal'),
    ]

    operations = [
        ValidateConstraint(model_name='journalentry', name='journal_names_a_person'),
        ValidateConstraint(model_name='journalentry', name='journal_subject_known'),
        ValidateConstraint(model_name='operationrecord', name='operation_kind_known'),
    ]
