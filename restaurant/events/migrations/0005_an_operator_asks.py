from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0004_who_dies_of_an_event"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="eventrecord",
            index=models.Index(
                condition=models.Q(("name", "tray.repaired")),
                fields=["happened_at"],
                name="event_repair",
            ),
        ),
        migrations.AddIndex(
            model_name="death",
            index=models.Index(
                condition=models.Q(("times__gte", 5)), fields=["last_at"], name="death_left_alone"
            ),
        ),
    ]
