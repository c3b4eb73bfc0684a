from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("matricula", "0014_usernames_that_look_alike")]

    operations = [
        migrations.RemoveIndex(model_name="journalentry", name="journal_by_course"),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                condition=Q(course_id__isnull=False, program_id__isnull=True),
                fields=["course_id", "id"],
                name="journal_by_course_alone",
            ),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                condition=Q(course_id__isnull=False, program_id__isnull=False),
                fields=["course_id", "id"],
                name="journal_by_course_in_program",
            ),
        ),
    ]
