"""Mail about plans that wait for an approval. The constraint holds for new rows from here on; 0028 looks at the others."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0026_operations_are_listed'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='outgoingmail',
            name='mail_kind_known',
        ),
        AddConstraintNotValid(
            model_name='outgoingmail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('enrolled_enroll', 'allowed_enroll', 'enrolled_unenroll', 'allowed_unenroll', 'account_activate', 'account_off', 'account_unknown', 'password_reset', 'password_changed', 'address_asked', 'address_confirm', 'address_taken', 'address_changed', 'plan_held'))), name='mail_kind_known'),
        ),
    ]
