"""The machine's part of a rush: what news and presses took, which no recipe says."""

from collections.abc import Sequence
from statistics import fmean

from bench.rush.api import Json
from bench.rush.cooks import GLANCE
from bench.rush.record import Record
from bench.rush.report import seconds_between


def ways_of(record: Record, speed: float) -> dict[str, float]:
    """Seconds on the wall, by the names of the planner's Ways.

    A press counts halfway: so one of a ticket's two lies between its start and its done, and
    one between it and the cook's next.
    """
    tickets = record.done_tickets()
    press = mean([cooked(ticket) - ticket["prep_seconds"] / speed for ticket in tickets])
    ready = [(order, of_order(order, tickets)) for order in record.ready_orders()]
    return {
        "opened": mean([opened(order, its) for order, its in ready if its]),
        # A cook looks every so often, sees the list, and presses.
        "seen": GLANCE / 2 + 1.5 * press,
        "pressed": press,
        "turned": press,
        "plated": mean([plated(order, its) for order, its in ready if its]),
    }


def mean(seconds: Sequence[float]) -> float:
    return max(0.0, fmean(seconds)) if seconds else 0.0


def of_order(order: Json, tickets: Sequence[Json]) -> list[Json]:
    return [ticket for ticket in tickets if ticket["order_ref"] == order["id"]]


def cooked(ticket: Json) -> float:
    return seconds_between(ticket["started_at"], ticket["done_at"])


def opened(order: Json, tickets: Sequence[Json]) -> float:
    """From the order to the first ticket that was fired: of each tray one is fired at once."""
    return min(seconds_between(order["placed_at"], ticket["fired_at"]) for ticket in tickets)


def plated(order: Json, tickets: Sequence[Json]) -> float:
    """From the last ticket to the order that is ready."""
    return min(seconds_between(ticket["done_at"], order["ready_at"]) for ticket in tickets)
