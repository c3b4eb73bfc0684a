"""Logins at identity providers (single sign-on). The table is new: nothing waits."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0039_lms_connections'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExternalLogin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.TextField()),
                ('subject', models.TextField()),
                ('groups', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), db_default=[], default=list, size=None)),
                ('linked', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('provider', 'subject'), name='external_login_once'), models.UniqueConstraint(fields=('provider', 'account'), name='external_login_one_for_account'), models.CheckConstraint(condition=models.Q(('subject', ''), _negated=True), name='external_login_has_a_subject')],
            },
        ),
    ]
