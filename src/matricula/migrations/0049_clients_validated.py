"""The clients there are obey the constraints of 0043, too. Reads and writes go on meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0048_operations_by_actor'),
    ]

    operations = [
        ValidateConstraint(model_name='client', name='client_grant_known'),
        ValidateConstraint(model_name='client', name='client_public_by_consent'),
    ]
