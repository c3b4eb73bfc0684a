"""The journal takes every subject. The constraints hold for new rows from here on; 0019 looks at the rows there are."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0017_operations'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='journalentry',
            name='journal_names_a_person',
        ),
        migrations.RemoveConstraint(
            model_name='operationrecord',
            name='operation_kind_known',
        ),
        AddConstraintNotValid(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(('account_id__isnull', False), ('email__isnull', False), ('student_key__isnull', False), ('before__has_any_keys', ('group_id', 'client_id', 'job_id')), ('after__has_any_keys', ('group_id', 'client_id', 'job_id')), ('subject', 'catalog'), _connector='OR'), name='journal_names_a_person'),
        ),
        AddConstraintNotValid(
            model_name='journalentry',
            constraint=models.CheckConstraint(condition=models.Q(('subject__in', ['course_enrollment', 'pre_enrollment', 'program_enrollment', 'program_course_enrollment', 'grade', 'account', 'student_key', 'course_role', 'role', 'feature', 'group', 'membership', 'client', 'job', 'catalog'])), name='journal_subject_known'),
        ),
        AddConstraintNotValid(
            model_name='operationrecord',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['request', 'task', 'upload', 'import', 'roster_change', 'load', 'sign_up', 'nightly', 'upgrade', 'demo'])), name='operation_kind_known'),
        ),
    ]
