"""Messages are parked while the tickets are made.

Trays that wait are called out anew by the reconciler: what was parked before has another form.
"""

import django.utils.timezone
from django.db import migrations, models


def begin_new_canvases(apps, schema_editor):
    waiting = apps.get_model("kitchen", "Tray").objects.filter(state="waiting")
    waiting.update(canvas=models.F("canvas") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0002_quote_limit_minutes"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="finished_version",
            field=models.PositiveIntegerField(
                help_text="The tray's version when it finished: which finished last?", null=True
            ),
        ),
        migrations.AlterField(
            model_name="tray",
            name="driven_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunPython(begin_new_canvases, migrations.RunPython.noop),
    ]
