"""What managers and cooks set: the menu's availability, the zones, the kitchen's settings."""

from typing import Any

from django.conf import settings
from django.db import transaction

from kitchen.models import KitchenSettings, MenuItem, Option, Zone
from restaurant.errors import Forbidden


def change_item(item: MenuItem, **changes: Any) -> MenuItem:
    """86 an item, bring it back, or count its portions (None: unlimited)."""
    for name, value in changes.items():
        setattr(item, name, value)
    item.save(update_fields=list(changes))
    return item


def change_option(option: Option, **changes: Any) -> Option:
    """86 an option, or bring it back (`available`), for all items that have its group."""
    for name, value in changes.items():
        setattr(option, name, value)
    option.save(update_fields=list(changes))
    return option


def change_zone(zone: Zone, **changes: Any) -> Zone:
    """Open or close a zone (`is_open`), or say how many `cooks` work there."""
    for name, value in changes.items():
        setattr(zone, name, value)
    zone.save(update_fields=list(changes))
    return zone


def change_settings(**changes: Any) -> KitchenSettings:
    """Change the kitchen's settings. Raises Forbidden for the demo's clock outside of the demo."""
    if "time_scale" in changes and not settings.DEMO:
        raise Forbidden("Only the demo may run its clock faster.")
    with transaction.atomic():
        kitchen, _ = KitchenSettings.objects.get_or_create(pk=1)
        for name, value in changes.items():
            setattr(kitchen, name, value)
        kitchen.save()
    return kitchen
