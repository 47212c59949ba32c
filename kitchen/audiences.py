"""Which screens an event concerns, beside those who follow its order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from kitchen.models import Ticket
from restaurant.events.models import EventRecord

ALL_TRAYS = "trays"


def audience_of_zone(code: str) -> str:
    return f"zone:{code}"


def audiences_of(events: Sequence[EventRecord]) -> list[set[str]]:
    """For each event its zones, and the pass; one query for all of them.

    A zone shows of a tray how its other parts stand: news of a tray concern all zones that have
    tickets of it, and news of no single tray those of all its order's trays.
    """
    zones: defaultdict[UUID | str, set[str]] = defaultdict(set)
    orders = {event.subject for event in events if changes_screens(event)}
    tickets = Ticket.objects.filter(tray__order_ref__in=orders) if orders else Ticket.objects.none()
    for tray, order, zone in tickets.values_list("tray", "tray__order_ref", "zone").distinct():
        zones[str(tray)].add(zone)
        zones[order].add(zone)
    return [concerned(event, zones) if changes_screens(event) else set() for event in events]


def changes_screens(event: EventRecord) -> bool:
    """What is said of a whole order leads to news of its trays, or follows from them."""
    return not event.name.startswith(("order.", "trays."))


def concerned(event: EventRecord, zones: Mapping[UUID | str, set[str]]) -> set[str]:
    of_tray = zones.get(event.data.get("tray_ref", event.subject), set())
    own = {event.data["zone"]} if "zone" in event.data else set()
    return {ALL_TRAYS, *map(audience_of_zone, of_tray | own)}
