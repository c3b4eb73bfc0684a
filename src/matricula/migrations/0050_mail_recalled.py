"""Outgoing mail: what it is about, and its recall. The rows of before: see 0052; the constraint holds for them since 0051."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0049_clients_validated'),
    ]

    operations = [
        migrations.AddField('outgoingmail', 'course_id', models.BigIntegerField(null=True)),
        migrations.AddField('outgoingmail', 'program_id', models.BigIntegerField(null=True)),
        migrations.AddField('outgoingmail', 'recalled', models.DateTimeField(null=True)),
        migrations.AddField('outgoingmail', 'recall', models.UUIDField(null=True)),
        migrations.AddField('outgoingmail', 'copy_of', models.BigIntegerField(null=True)),
        AddConstraintNotValid(
            'outgoingmail',
            models.CheckConstraint(
                condition=models.Q(('recalled__isnull', True), models.Q(('due__isnull', True), ('sent__isnull', True)), _connector='OR'),
                name='mail_recalled_never_left',
            ),
        ),
    ]
