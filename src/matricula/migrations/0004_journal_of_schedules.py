from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matricula", "0003_programs")]
    operations = [
        migrations.RemoveConstraint(model_name="journalentry", name="journal_source_known"),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ("api", "upload", "console", "command", "sign-up", "schedule"))),
                name="journal_source_known",
            ),
        ),
    ]
