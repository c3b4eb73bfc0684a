"""Plans: what is looked at, held and approved before it is written."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0023_rows_of_jobs_as_arrays'),
    ]

    operations = [
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='matricula.job')),
                ('name', models.TextField()),
                ('scope', models.TextField()),
                ('expires', models.DateTimeField()),
                ('effects', models.JSONField(null=True)),
                ('words', models.JSONField(null=True)),
                ('limits', models.JSONField(null=True)),
                ('fingerprint', models.TextField(null=True)),
                ('is_held', models.BooleanField(default=False)),
                ('approvals', models.PositiveSmallIntegerField(default=1)),
                ('canceled', models.DateTimeField(null=True)),
                ('undo_of', models.UUIDField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PlanReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('decision', models.TextField()),
                ('note', models.TextField(null=True)),
                ('fingerprint', models.TextField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='job',
            name='job_one_unfinished_write_for_program',
        ),
        migrations.RemoveConstraint(
            model_name='operationrecord',
            name='operation_kind_known',
        ),
        migrations.AddField(
            model_name='account',
            name='wants_plan_mail',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name='course',
            name='limits',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='jobchunk',
            name='effects',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='jobchunk',
            name='excluded',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BooleanField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name='jobchunk',
            name='people',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), null=True, size=None),
        ),
        migrations.AddField(
            model_name='jobslice',
            name='lines',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None),
        ),
        migrations.AddField(
            model_name='jobslice',
            name='people',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(null=True), null=True, size=None),
        ),
        migrations.AddField(
            model_name='organization',
            name='limits',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='program',
            name='hold_uploads',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='program',
            name='limits',
            field=models.JSONField(null=True),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ('write_program_enrollments', 'write_course_run_enrollments', 'undo_operation')), ('program__isnull', False), ('state__in', ('pending', 'running'))), fields=('program',), name='job_one_unfinished_write_for_program'),
        ),
        AddConstraintNotValid(
            model_name='operationrecord',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['request', 'task', 'upload', 'import', 'roster_change', 'plan', 'undo', 'load', 'sign_up', 'nightly', 'upgrade', 'demo'])), name='operation_kind_known'),
        ),
        migrations.AddField(
            model_name='plan',
            name='applied_by',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.job'),
        ),
        migrations.AddField(
            model_name='planreview',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='planreview',
            name='plan',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='matricula.plan'),
        ),
        migrations.AddIndex(
            model_name='plan',
            index=models.Index(condition=models.Q(('undo_of__isnull', False)), fields=['undo_of'], name='plan_of_undo'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ['rows', 'all'])), name='plan_scope_known'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('applied_by__isnull', True), ('fingerprint__isnull', False), _connector='OR'), name='plan_applied_as_seen'),
        ),
        migrations.AddConstraint(
            model_name='planreview',
            constraint=models.UniqueConstraint(fields=('plan', 'fingerprint', 'account'), name='plan_review_once'),
        ),
        migrations.AddConstraint(
            model_name='planreview',
            constraint=models.CheckConstraint(condition=models.Q(('decision__in', ['approved', 'rejected'])), name='plan_review_decision_known'),
        ),
    ]
