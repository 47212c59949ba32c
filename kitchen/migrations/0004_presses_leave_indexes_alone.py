import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0003_parked_at_birth"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_done_lately",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="ticket_of_line",
        ),
        migrations.RemoveIndex(
            model_name="tray",
            name="tray_waiting",
        ),
        migrations.AlterField(
            model_name="ticket",
            name="tray",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tickets",
                to="kitchen.tray",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="zone",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="kitchen.zone"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("done_at", None), ("finished_at__isnull", False)),
                fields=["zone", "fire_at"],
                name="ticket_void",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("done_at__isnull", False)),
                fields=["zone", "fire_at"],
                name="ticket_done",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("done_at__isnull", False)),
                fields=["zone", "done_at"],
                name="ticket_done_when",
            ),
        ),
    ]
