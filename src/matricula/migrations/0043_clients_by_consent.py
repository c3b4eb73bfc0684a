"""Which clients act for people who allow it. Rows of before obey already: all of them act as their account."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0042_stored_answers'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='client',
            constraint=models.CheckConstraint(
                condition=models.Q(('authorization_grant_type__in', ['', 'client-credentials']), ('redirect_uris', ''))
                | models.Q(('authorization_grant_type', 'authorization-code')) & models.Q(('redirect_uris', ''), _negated=True),
                name='client_grant_known',
            ),
        ),
        AddConstraintNotValid(
            model_name='client',
            constraint=models.CheckConstraint(
                condition=models.Q(('client_type__in', ['', 'confidential']))
                | models.Q(('authorization_grant_type', 'authorization-code'), ('client_type', 'public')),
                name='client_public_by_consent',
            ),
        ),
    ]
