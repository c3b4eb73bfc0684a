"""Mail of before is about what its operation is about; where that doesn't say, global staff alone see it."""

from django.db import migrations

WHAT_MAIL_IS_ABOUT = """
update matricula_outgoingmail m set course_id = o.course_id from matricula_operation o
where o.id = m.operation and o.course_id is not null and m.course_id is null
    and m.kind in ('enrolled_enroll', 'allowed_enroll', 'enrolled_unenroll', 'allowed_unenroll')
"""


class Migration(migrations.Migration):

    # writes all mail about enrollments
    statement_seconds = 0

    dependencies = [
        ('matricula', '0051_mail_recalled_validated'),
    ]

    operations = [
        migrations.RunSQL(WHAT_MAIL_IS_ABOUT, migrations.RunSQL.noop),
    ]
