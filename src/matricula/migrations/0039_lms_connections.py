"""Connections to learning platforms, and what is to be true there."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0038_mail_about_webhooks_validated'),
    ]

    operations = [
        migrations.CreateModel(
            name='LmsConnection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.TextField()),
                ('url', models.TextField()),
                ('client_id', models.TextField()),
                ('client_secret_env', models.TextField()),
                ('api_key_env', models.TextField(null=True)),
                ('push', models.BooleanField(default=True)),
                ('grades', models.BooleanField(default=True)),
                ('owner', models.TextField(default='report')),
                ('pause_between_calls', models.FloatField(default=0.0)),
            ],
        ),
        migrations.CreateModel(
            name='LmsCoverage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='LmsDifference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.TextField()),
                ('kind', models.TextField()),
                ('here', models.TextField(null=True)),
                ('there', models.TextField(null=True)),
                ('is_sent', models.BooleanField(default=False)),
                ('found', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='LmsMissingGrade',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.UUIDField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.lmsconnection')),
                ('course', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.course')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('course', 'account'), name='lms_missing_grade_once')],
            },
        ),
        migrations.CreateModel(
            name='LmsRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email_key', models.TextField(db_collation='C', default='')),
                ('email', models.TextField()),
                ('wanted', models.TextField()),
                ('mode', models.TextField(null=True)),
                ('invite_email', models.TextField(null=True)),
                ('invite_auto', models.BooleanField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('operation', models.UUIDField(null=True)),
                ('state', models.TextField()),
                ('words', models.TextField(null=True)),
                ('next_try', models.FloatField(default=0.0)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('is_claimed', models.BooleanField(default=False)),
                ('is_unsure', models.BooleanField(default=False)),
                ('confirmed_mode', models.TextField(null=True)),
                ('confirmed_active', models.BooleanField(null=True)),
                ('sent_email', models.TextField(null=True)),
                ('sent_auto', models.BooleanField(null=True)),
                ('sent', models.DateTimeField(null=True)),
                ('updated', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='LmsUsername',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='LmsState',
            fields=[
                ('connection', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='matricula.lmsconnection')),
                ('followed_xact', models.BigIntegerField(null=True)),
                ('followed_id', models.BigIntegerField(null=True)),
                ('courses', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('next_call', models.FloatField(default=0.0)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('problem', models.TextField(null=True)),
                ('paused_until', models.FloatField(null=True)),
                ('last_good', models.DateTimeField(null=True)),
                ('compared', models.DateTimeField(null=True)),
                ('graded', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddConstraint(
            model_name='lmsconnection',
            constraint=models.UniqueConstraint(fields=('name',), name='lms_connection_name_unique'),
        ),
        migrations.AddConstraint(
            model_name='lmsconnection',
            constraint=models.CheckConstraint(condition=models.Q(('owner__in', ('matricula', 'report'))), name='lms_connection_owner_known'),
        ),
        migrations.AddConstraint(
            model_name='lmsconnection',
            constraint=models.CheckConstraint(condition=models.Q(('pause_between_calls__gte', 0)), name='lms_connection_pause_not_negative'),
        ),
        migrations.AddField(
            model_name='lmscoverage',
            name='connection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.lmsconnection'),
        ),
        migrations.AddField(
            model_name='lmscoverage',
            name='course',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matricula.course'),
        ),
        migrations.AddField(
            model_name='lmscoverage',
            name='organization',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matricula.organization'),
        ),
        migrations.AddField(
            model_name='lmsdifference',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.lmsconnection'),
        ),
        migrations.AddField(
            model_name='lmsdifference',
            name='course',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.course'),
        ),
        migrations.AddField(
            model_name='lmsrow',
            name='account',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lmsrow',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.lmsconnection'),
        ),
        migrations.AddField(
            model_name='lmsrow',
            name='course',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matricula.course'),
        ),
        migrations.AddField(
            model_name='lmsdifference',
            name='row',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.lmsrow'),
        ),
        migrations.AddField(
            model_name='lmsusername',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='lmsusername',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.lmsconnection'),
        ),
        migrations.AddConstraint(
            model_name='lmscoverage',
            constraint=models.UniqueConstraint(fields=('organization',), name='lms_organization_once'),
        ),
        migrations.AddConstraint(
            model_name='lmscoverage',
            constraint=models.UniqueConstraint(fields=('course',), name='lms_course_once'),
        ),
        migrations.AddConstraint(
            model_name='lmscoverage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('course__isnull', True), ('organization__isnull', False)), models.Q(('course__isnull', False), ('organization__isnull', True)), _connector='OR'), name='lms_coverage_of_one'),
        ),
        migrations.AddIndex(
            model_name='lmsrow',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['connection', 'next_try', 'id'], name='lms_row_waiting'),
        ),
        migrations.AddIndex(
            model_name='lmsrow',
            index=models.Index(condition=models.Q(('state', 'confirmed'), _negated=True), fields=['connection', 'state', 'id'], name='lms_row_not_confirmed'),
        ),
        migrations.AddIndex(
            model_name='lmsrow',
            index=models.Index(condition=models.Q(('account__isnull', False)), fields=['account'], name='lms_row_by_account'),
        ),
        migrations.AddConstraint(
            model_name='lmsrow',
            constraint=models.UniqueConstraint(fields=('course', 'account', 'email_key'), name='lms_row_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='lmsrow',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'absent', 'confirmed', 'rejected'))), name='lms_row_state_known'),
        ),
        migrations.AddConstraint(
            model_name='lmsrow',
            constraint=models.CheckConstraint(condition=models.Q(('wanted__in', ['none', 'enrolled', 'ended'])), name='lms_row_wanted_known'),
        ),
        migrations.AddConstraint(
            model_name='lmsrow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('account__isnull', False), ('email_key', '')), models.Q(('account__isnull', True), models.Q(('email_key', ''), _negated=True)), _connector='OR'), name='lms_row_names_a_person'),
        ),
        migrations.AddConstraint(
            model_name='lmsdifference',
            constraint=models.UniqueConstraint(fields=('connection', 'course', 'username'), name='lms_difference_once'),
        ),
        migrations.AddConstraint(
            model_name='lmsdifference',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('differs', 'only_there'))), name='lms_difference_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='lmsusername',
            constraint=models.UniqueConstraint(fields=('connection', 'account'), name='lms_username_once'),
        ),
        migrations.AddConstraint(
            model_name='lmsusername',
            constraint=models.CheckConstraint(condition=models.Q(('username', ''), _negated=True), name='lms_username_not_empty'),
        ),
    ]
