import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_wake_who_waits"),
    ]

    operations = [
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
