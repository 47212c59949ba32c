import uuid

import django.db.models.deletion
from django.db import migrations, models


def forget_what_was_not_sent(apps, schema_editor):
    """Its form is another now; the tickets are called out anew (kitchen.0003)."""
    apps.get_model("events", "EventRecord").objects.filter(position=None).update(release=None)


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_wake_who_waits"),
    ]

    operations = [
        migrations.RunPython(forget_what_was_not_sent, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="eventrecord",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AlterField(
            model_name="heard",
            name="event",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="heard",
                to="events.eventrecord",
            ),
        ),
        migrations.AddIndex(
            model_name="eventrecord",
            index=models.Index(
                condition=models.Q(("release__isnull", False)),
                fields=["id"],
                name="event_with_release",
            ),
        ),
    ]
