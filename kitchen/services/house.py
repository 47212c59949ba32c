"""What managers and cooks set: the menu's availability, the zones, the kitchen's settings."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from kitchen.models import KitchenSettings, MenuItem, Option, Zone
from restaurant.errors import Forbidden


def change_item(item: MenuItem, **changes: Any) -> MenuItem:
    """86 an item, bring it back, count its portions (None: unlimited), or what else it has."""
    if {"available", "portions_left"} & changes.keys():
        changes["stock_said_at"] = timezone.now()
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
    """Open or close a zone (`is_open`), say how many `cooks` work there, or name its `printer`."""
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
        # Only these: the day may start meanwhile.
        kitchen.save(update_fields=list(changes))
    return kitchen


def begin_day(now: datetime) -> bool:
    """Bring back what is to be back each morning; True for the one call that did it today.

    Called late, it leaves alone what somebody has said since the day started.
    """
    kitchen = KitchenSettings.current()
    start = day_start(now, kitchen.day_starts_at)
    today = start.date()
    if kitchen.restocked_on is not None and kitchen.restocked_on >= today:
        return False
    with transaction.atomic():
        if not claim_day(today):
            return False
        MenuItem.objects.to_come_back(since=start).update(
            available=True, portions_left=F("portions_each_day")
        )
    return True


def claim_day(today: date) -> bool:
    """One of several that want to begin it."""
    KitchenSettings.objects.get_or_create(pk=1)
    not_yet = Q(restocked_on=None) | Q(restocked_on__lt=today)
    return bool(KitchenSettings.objects.filter(not_yet, pk=1).update(restocked_on=today))


def day_start(now: datetime, starts_at: time) -> datetime:
    """When the house's present day started: today, or yesterday if it is that early."""
    local = timezone.localtime(now)
    start = timezone.make_aware(datetime.combine(local.date(), starts_at))
    if start > local:
        start = timezone.make_aware(datetime.combine(local.date() - timedelta(days=1), starts_at))
    return start
