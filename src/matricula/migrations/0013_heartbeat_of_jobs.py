from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0012_jobs_in_turn'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='heartbeat',
            field=models.DateTimeField(null=True),
        ),
    ]
