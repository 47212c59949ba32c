"""Which screens an event concerns, beside those who follow its order."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from kitchen.models import Ticket
from restaurant.events.models import EventRecord

ALL_TRAYS = "trays"


def audience_of_zone(code: str) -> str:
    return f"zone:{code}"


def audiences_of(events: Sequence[EventRecord]) -> list[set[str]]:
    """For each event its zones, and the pass; one query for all of them.

    A zone shows of a tray how its other parts stand: news of a tray concern all zones that have
    tickets of it, and news of an order those of all its trays.
    """
    zones: defaultdict[UUID | str, set[str]] = defaultdict(set)
    tickets = Ticket.objects.filter(tray__order_ref__in={event.subject for event in events})
    for tray, order, zone in tickets.values_list("tray", "tray__order_ref", "zone").distinct():
        zones[str(tray)].add(zone)
        zones[order].add(zone)
    return [concerned(event, zones) for event in events]


def concerned(event: EventRecord, zones: dict[UUID | str, set[str]]) -> set[str]:
    of_tray = zones.get(event.data.get("tray_ref", event.subject), set())
    own = {event.data["zone"]} if "zone" in event.data else set()
    audiences = {audience_of_zone(zone) for zone in of_tray | own}
    return audiences | {ALL_TRAYS} if audiences or "tray" in event.data else audiences
