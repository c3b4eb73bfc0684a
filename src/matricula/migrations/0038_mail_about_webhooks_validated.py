"""The kinds of mail there are obey the constraint of 0033, too. Reads and writes go on meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    # reads all mail
    statement_seconds = 0

    dependencies = [
        ('matricula', '0037_why'),
    ]

    operations = [
        ValidateConstraint(model_name='outgoingmail', name='mail_kind_known'),
    ]
