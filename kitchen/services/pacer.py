"""The pacer: fires what is due, and keeps the times of what is held and of what is promised."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from django.db import transaction
from django.db.models import F, Prefetch

from kitchen import moves
from kitchen.events import TrayPaced
from kitchen.models import KitchenSettings, Ticket, Tray
from kitchen.services.plans import Plan, is_news, plan
from kitchen.services.queues import Kitchen
from kitchen.services.trays import fire
from restaurant.events.publish import publish

#: A tray is expected at another time if it is by so many seconds in the kitchen, and on the wall.
WORTH_TELLING = 30.0
SHORTEST = 1.0
looking = Lock()


def pace() -> None:
    """Look at all trays that wait, as they stand now; two at once fire once.

    Not if this process still has its last look: on a busy machine looks would pile up.
    """
    if looking.acquire(blocking=False):
        try:
            look()
        finally:
            looking.release()


def look() -> None:
    left = Prefetch("tickets", queryset=Ticket.objects.left())
    trays = {tray.pk: tray for tray in Tray.objects.to_pace().prefetch_related(left)}
    if not trays:
        return
    kitchen = Kitchen.of(KitchenSettings.current())
    tickets = [ticket for tray in trays.values() for ticket in tray.tickets.all()]
    found = plan([*trays.values()], tickets, kitchen)
    grain = timedelta(seconds=max(WORTH_TELLING / kitchen.clock.scale, SHORTEST))
    found.expected = {
        pk: moment
        for pk, moment in found.expected.items()
        if is_news(trays[pk].expected_at or kitchen.clock.now, moment, grain, kitchen.clock)
    }
    if found.due or found.moved or found.expected:
        carry_out(found)


def carry_out(found: Plan) -> None:
    """Write the plan for the trays that are in nobody's hands; the others are looked at again."""
    concerned = {ticket.tray_id for ticket in [*found.due, *found.moved]} | {*found.expected}
    with transaction.atomic():
        trays = {tray.pk: tray for tray in moves.take_free(concerned)}
        # Who is in a hurry since the look stands in front of what was planned then.
        patient = {pk for pk, tray in trays.items() if tray.rushed_at is None}
        moved = [ticket for ticket in found.moved if ticket.tray_id in patient]
        Ticket.objects.bulk_update(moved, ["fire_at"])
        due = Ticket.objects.may_fire().filter(pk__in=[ticket.pk for ticket in found.due])
        fire(due.filter(tray__in=trays).select_related("tray"))
        expect([tray for pk, tray in trays.items() if pk in found.expected], found.expected)


def expect(trays: Iterable[Tray], expected: dict[UUID, datetime]) -> None:
    """These trays, which are taken, come at another time."""
    trays = list(trays)
    if not trays:
        return
    for tray in trays:
        tray.expected_at = expected[tray.pk]
    Tray.objects.bulk_update(trays, ["expected_at"])
    Tray.objects.filter(pk__in=[tray.pk for tray in trays]).update(version=F("version") + 1)
    publish(
        *(
            TrayPaced(
                order_ref=tray.order_ref,
                tray_ref=tray.pk,
                tray=tray.number,
                expected_at=expected[tray.pk],
            )
            for tray in trays
        )
    )
