"""No mail of before was recalled. Reads and writes go on meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    # reads all mail
    statement_seconds = 0

    dependencies = [
        ('matricula', '0050_mail_recalled'),
    ]

    operations = [
        ValidateConstraint(model_name='outgoingmail', name='mail_recalled_never_left'),
    ]
