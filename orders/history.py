"""The history of an order, in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kitchen import services as kitchen
from orders.models import Order, Payment
from restaurant.events.models import EventRecord
from restaurant.events.serializers import ToldJson, events_as_json
from restaurant.wording import own_name

#: More than any order has, recalls and repairs included; so that a page stays a page.
MOST = 500

WORDS: dict[str, str | Promise] = {
    "order.placed": _("Order taken"),
    "order.changed": _("The order was changed"),
    "order.rushed": _("%(by)s: this is urgent"),
    "course.fired": _("Course %(course)s is called for"),
    "order.preparing": _("The kitchen has begun"),
    "order.ready": _("Order ready"),
    "order.reopened": _("Order is being prepared again"),
    "order.served": _("Order served"),
    "order.cancelled": _("Order cancelled: %(reason)s"),
    "order.payment_taken": _("%(amount)s paid, %(method)s; %(due)s are left to pay (%(by)s)"),
    "order.paid": _("Paid: %(total)s"),
    "order.refund_due": _("%(amount)s to be paid back: %(reason)s"),
    "order.refunded": _("%(amount)s paid back (%(by)s)"),
    "order.closed": _("Order closed"),
    "trays.started": _("First dish begun"),
    "tray.ready": _("Tray %(tray)s at the pass"),
    "trays.ready": _("All trays at the pass"),
    "part.waited": _("%(item)s waits at the pass for longer than %(limit_seconds)s s"),
    "tray.waited": _("Tray %(tray)s waits at the pass for longer than %(limit_seconds)s s"),
    "tray.reopened": _("Tray %(tray)s back from the pass"),
    "tray.served": _("Tray %(tray)s served"),
    "tray.voided": _("Tray %(tray)s void: %(reason)s"),
    "tray.extended": _("Tray %(tray)s: more was ordered"),
    "line.refired": _("Tray %(tray)s: %(quantity)s × %(item)s again, because: %(reason)s (%(by)s)"),
    "line.refused": _("Tray %(tray)s: the kitchen can't make %(item)s"),
    "tray.repaired": _("Tray %(tray)s called out again: %(why)s"),
    "tray.paced": _("Tray %(tray)s comes at another time"),
    "tray.changed": _("Tray %(tray)s: the cooks are shown the change"),
    "ticket.fired": _("%(zone)s may begin: %(item)s"),
    "ticket.started": _("%(zone)s begins: %(item)s"),
    "ticket.done": _("%(zone)s is done: %(item)s"),
    "ticket.recalled": _("%(zone)s cooks again: %(item)s"),
    "ticket.voided": _("%(zone)s leaves it out: %(item)s"),
    "ticket.stop_asked": _("%(zone)s is asked to stop: %(item)s"),
    "ticket.stopped": _("%(zone)s has stopped: %(item)s, %(quantity)s thrown away"),
    "ticket.quarantined": _("%(zone)s was not reached: %(item)s is in quarantine"),
    "ticket.retried": _("%(zone)s is tried again: %(item)s"),
    "chit.failed": _("%(zone)s has no chit: %(item)s is not printed"),
    "chit.printed": _("%(zone)s has its chit after all: %(item)s"),
}


@dataclass(frozen=True)
class Moment:
    """What happened, how long after the order was placed, and who was told of it."""

    at: datetime
    after: timedelta
    name: str
    words: str
    told: list[ToldJson]


def timeline(order: Order, trays: Iterable[Any]) -> list[Moment]:
    """The order's events, oldest first; its trays say how their tickets are called."""
    events = events_as_json(list(EventRecord.objects.about(order.ref)[:MOST]))
    names = {str(t.pk): own_name(t) for tray in trays for t in tray.tickets.all()}
    zones = {zone.code: own_name(zone) for zone in kitchen.zones()}
    return [
        Moment(
            event["happened_at"],
            event["happened_at"] - order.placed_at,
            event["name"],
            in_words(event["name"], event["data"], names, zones),
            event["told"],
        )
        for event in events
    ]


def in_words(
    name: str, data: Mapping[str, Any], tickets: Mapping[str, str], zones: Mapping[str, str]
) -> str:
    """The event as a sentence; its bare name if there are no words for it."""
    item, zone = data.get("item", ""), data.get("zone", "")
    what = tickets.get(data.get("ticket_ref", ""), item)
    known = {**data, "item": what, "zone": zones.get(zone, zone)}
    if "method" in data:
        known["method"] = dict(Payment.Method.choices).get(data["method"], data["method"])
    # An event of another release may lack a word.
    told = defaultdict(str, known)
    return str(WORDS[name]) % told if name in WORDS else name
