"""What of an order's news a shop hears: those of its own tickets and lines, and of them nothing
that is another's.

What is not in `HEARD` no shop hears: what an order costs and was paid, and what goes on between the
parts of the house.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kitchen import services as kitchen
from orders.models import OrderLine
from restaurant.events.models import EventRecord
from restaurant.events.shares import Shares, with_data

Data = dict[str, Any]


@dataclass
class Share:
    """What of an order is of one shop."""

    zones: set[str]
    lines: set[str] = field(default_factory=set)
    courses: set[int] = field(default_factory=set)
    #: The trays that its lines are on, or that it cooks something for.
    trays: set[int] = field(default_factory=set)


#: What of an event's data the shop is told; None: nothing at all.
Cut = Callable[[Data, Share], Data | None]


# An event of another release may lack a field: then nobody is told of it by that.


def of_order(data: Data, share: Share) -> Data | None:
    return data if share.lines else None


def of_course(data: Data, share: Share) -> Data | None:
    return data if data.get("course") in share.courses else None


def of_tray(data: Data, share: Share) -> Data | None:
    return data if data.get("tray") in share.trays else None


def of_line(data: Data, share: Share) -> Data | None:
    return data if data.get("line") in share.lines else None


def of_ticket(data: Data, share: Share) -> Data | None:
    """Cooked in a zone of the shop, or of a line that it sells."""
    return data if data.get("zone") in share.zones else of_line(data, share)


def placed(data: Data, share: Share) -> Data | None:
    """Who places orders, and where they want to be called back, is between them and the house."""
    lines, promised_at = own(data.get("lines", []), share), data.get("promised_at", {})
    cut = {
        "lines": lines,
        "promised_at": {
            tray: promised_at[tray] for tray in promised_at if int(tray) in share.trays
        },
        "placed_by": "",
        "callback_url": "",
    }
    return {**data, **cut} if lines else None


def changed(data: Data, share: Share) -> Data | None:
    notes = data.get("notes", {})
    cut = {
        "notes": {line: notes[line] for line in notes if line in share.lines},
        "added": own(data.get("added", []), share),
        "cancelled": [line for line in data.get("cancelled", []) if line in share.lines],
    }
    return of_order({**data, **cut}, share)


def rushed(data: Data, share: Share) -> Data | None:
    trays = [tray for tray in data.get("trays", []) if tray in share.trays]
    return of_order({**data, "trays": trays}, share)


def voided(data: Data, share: Share) -> Data | None:
    lines = [line for line in data.get("lines", []) if line in share.lines]
    return of_tray({**data, "lines": lines}, share)


def extended(data: Data, share: Share) -> Data | None:
    return of_tray({**data, "lines": own(data.get("lines", []), share)}, share)


def own(lines: Iterable[Data], share: Share) -> list[Data]:
    return [line for line in lines if line.get("line") in share.lines]


HEARD: dict[str, Cut] = {
    "order.placed": placed,
    "order.changed": changed,
    "order.rushed": rushed,
    "course.fired": of_course,
    "order.preparing": of_order,
    "order.ready": of_order,
    "order.reopened": of_order,
    "order.served": of_order,
    "order.cancelled": of_order,
    "order.closed": of_order,
    "tray.ready": of_tray,
    "tray.reopened": of_tray,
    "tray.paced": of_tray,
    "tray.changed": of_tray,
    "tray.served": of_tray,
    "tray.waited": of_tray,
    "tray.voided": voided,
    "tray.extended": extended,
    "line.refired": of_line,
    "line.refused": of_line,
    "ticket.fired": of_ticket,
    "ticket.started": of_ticket,
    "ticket.done": of_ticket,
    "ticket.recalled": of_ticket,
    "ticket.voided": of_ticket,
    "ticket.stop_asked": of_ticket,
    "ticket.stopped": of_ticket,
    "ticket.quarantined": of_ticket,
    "ticket.retried": of_ticket,
    "part.waited": of_ticket,
    "chit.failed": of_ticket,
    "chit.printed": of_ticket,
}


def shares_of(events: Sequence[EventRecord]) -> list[Shares]:
    """For each event what every shop hears of it; the same few queries for all of them."""
    zones = kitchen.zones_of_shops()
    if not zones:
        return [{} for _ in events]
    shares = shares_by_order({event.subject for event in events}, zones)
    return [
        {
            shop: with_data(event, told)
            for shop, share in shares.get(event.subject, {}).items()
            if (told := HEARD[event.name](event.data, share)) is not None
        }
        if event.name in HEARD
        else {}
        for event in events
    ]


def shares_by_order(orders: set[UUID], zones: dict[str, set[str]]) -> dict[UUID, dict[str, Share]]:
    """For each order the shops that have something to do with it, and what that is."""
    found: dict[UUID, dict[str, Share]] = {}

    def of(order: UUID, shop: str) -> Share:
        return found.setdefault(order, {}).setdefault(shop, Share(zones.get(shop, set())))

    sold = OrderLine.objects.filter(order__ref__in=orders).exclude(shop="")
    for order, shop, line, tray, course in sold.values_list(
        "order__ref", "shop", "pk", "tray", "course"
    ):
        share = of(order, shop)
        share.lines.add(str(line))
        share.trays.add(tray)
        share.courses.add(course)
    for order, tray, shop in kitchen.trays_at_shops(orders):
        of(order, shop).trays.add(tray)
    return found
