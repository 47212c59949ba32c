"""Orders that were placed before their events said by whom."""

from django.db import migrations
from django.db.models import Max


def note_owners(apps, schema_editor):
    owner = apps.get_model("notifications", "OrderOwner")
    orders = apps.get_model("orders", "Order").objects.values_list("ref", "placed_by_id")
    owner.objects.bulk_create(
        (owner(order_ref=ref, principal_id=placed_by) for ref, placed_by in orders.iterator()),
        batch_size=2000,
    )


def begin_now(apps, schema_editor):
    """What happened before is told to nobody."""
    newest = apps.get_model("events", "EventRecord").objects.aggregate(at=Max("position"))["at"]
    if newest:
        apps.get_model("notifications", "FeedReader").objects.create(
            name="webhooks", position=newest
        )


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_initial"),
        ("orders", "0003_each_filter_has_its_index"),
        ("events", "0003_messages_are_forgotten"),
    ]

    operations = [
        migrations.RunPython(note_owners, migrations.RunPython.noop),
        migrations.RunPython(begin_now, migrations.RunPython.noop),
    ]
