"""Webhooks, their deliveries, and the mail about one that was switched off: for the old mails, see the next one."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0032_feed_order'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('state', models.TextField()),
                ('created', models.DateTimeField()),
                ('due', models.DateTimeField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('after_xact', models.BigIntegerField(null=True)),
                ('after_entry', models.BigIntegerField(null=True)),
                ('upto_xact', models.BigIntegerField(null=True)),
                ('upto_entry', models.BigIntegerField(null=True)),
                ('changes', models.PositiveIntegerField(default=0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('tries', models.JSONField(default=list)),
            ],
            options={
                'db_table': 'matricula_webhookdelivery',
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('url', models.TextField()),
                ('subjects', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None)),
                ('created', models.DateTimeField()),
                ('off_since', models.DateTimeField(null=True)),
                ('off_reason', models.TextField(null=True)),
                ('failing_since', models.DateTimeField(null=True)),
                ('secret', models.TextField()),
                ('old_secret', models.TextField(null=True)),
                ('old_secret_until', models.DateTimeField(null=True)),
                ('xact', models.BigIntegerField()),
                ('entry', models.BigIntegerField()),
                ('resting_until', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='outgoingmail',
            name='mail_kind_known',
        ),
        AddConstraintNotValid(
            model_name='outgoingmail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('enrolled_enroll', 'allowed_enroll', 'enrolled_unenroll', 'allowed_unenroll', 'account_activate', 'account_off', 'account_unknown', 'password_reset', 'password_changed', 'address_asked', 'address_confirm', 'address_taken', 'address_changed', 'plan_held', 'webhook_off'))), name='mail_kind_known'),
        ),
        migrations.AddField(
            model_name='webhook',
            name='course',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matricula.course'),
        ),
        migrations.AddField(
            model_name='webhook',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='webhook',
            name='program',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matricula.program'),
        ),
        migrations.AddField(
            model_name='delivery',
            name='webhook',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.webhook'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('off_reason__isnull', True), ('off_since__isnull', True)), models.Q(('off_reason__in', ['switched_off', 'failing']), ('off_since__isnull', False)), _connector='OR'), name='webhook_off_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.CheckConstraint(condition=models.Q(('old_secret__isnull', True), ('old_secret_until__isnull', False), _connector='OR'), name='webhook_old_secret_expires'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('due__isnull', False)), fields=['due'], name='delivery_due'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['webhook', '-created', '-id'], name='delivery_by_webhook'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['created'], name='delivery_by_age'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['changes', 'test'])), name='delivery_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'delivered', 'failed', 'empty'])), name='delivery_state_known'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'changes'), ('state', 'waiting')), fields=('webhook',), name='delivery_one_waits'),
        ),
    ]
