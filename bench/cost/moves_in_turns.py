"""Lives through orders with the hot moves in one form, then the other: see `forms`."""

import json
import time
from collections import defaultdict
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402

from bench.cost.workload import LINES  # noqa: E402
from kitchen import moves  # noqa: E402
from kitchen.models import Ticket, Tray  # noqa: E402
from kitchen.services import change_settings  # noqa: E402
from kitchen.tasks import open_order  # noqa: E402
from orders.services import NewLine, NewOrder, place_order  # noqa: E402
from restaurant.events.models import EventRecord  # noqa: E402

ORDERS = 60
FORMS = ("step_by_step", "in_one_statement")


def cook_in(form: str, spent: dict[str, list[float]]) -> None:
    """Place, open and cook one order; add the milliseconds of CPU time of each move."""

    def move(verb: str, *arguments: Any) -> None:
        before = time.process_time()
        if not getattr(moves, f"_{verb}_{form}")(*arguments):
            raise RuntimeError(f"{verb} moved nothing")
        spent[f"{verb} {form}"].append((time.process_time() - before) * 1000)

    new = NewOrder("takeaway", uuid4().hex, [NewLine(**line) for line in LINES])
    order, _ = place_order(new, principal=User.objects.get(username="demo-app"))
    placed = EventRecord.objects.get(name="order.placed", subject=order.ref)
    open_order(event_id=placed.pk, **placed.data)
    for tray in Tray.objects.of_order(order.ref):
        for ticket in Ticket.objects.filter(tray=tray).order_by("track", "position"):
            move("start", ticket.pk)
            move("done", ticket.pk)
        move("plate", tray, 1)


if __name__ == "__main__":
    spent: dict[str, list[float]] = defaultdict(list)
    change_settings(pacing=False)
    for number in range(ORDERS):
        cook_in(FORMS[number % len(FORMS)], spent)
    print(json.dumps(spent))
