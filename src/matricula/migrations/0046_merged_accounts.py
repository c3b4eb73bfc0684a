"""An account knows the one that it was merged into."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matricula', '0045_retirement'),
    ]

    operations = [
        # the version before knows nothing of it, and leaves it empty
        migrations.AddField(
            model_name='account',
            name='merged_into',
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name='+',
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
