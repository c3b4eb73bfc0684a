from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matricula", "0010_journal_of_access")]

    operations = [
        migrations.CreateModel(
            name="FailureCount",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("zero_at", models.DateTimeField()),
                ("wait_until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="KnownAddress",
            fields=[
                ("key", models.BinaryField(primary_key=True, serialize=False)),
                ("seen", models.DateTimeField()),
            ],
        ),
        # Counts are written with every failure and are worth nothing after a crash: no write-ahead log for them. Half of
        # each page is left free, so that a changed count stays on its page and the index need not change.
        migrations.RunSQL(
            "alter table matricula_failurecount set unlogged; alter table matricula_failurecount set (fillfactor = 50)",
            "alter table matricula_failurecount set logged",
        ),
    ]
