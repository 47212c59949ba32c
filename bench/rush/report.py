"""The figures of a rush, and how they are shown. Pure: a record comes in, nothing goes out."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table

from bench.rush.api import Json
from bench.rush.options import COUNTER
from bench.rush.record import PROMISE, Record

#: Refusals that a busy restaurant may give. Any other means that something is broken.
BUSINESS = frozenset({"sold_out", "zone_closed", "kitchen_full"})
#: So much of the promised wait later than promised is still as promised.
TOLERANCE = 0.1


@dataclass(frozen=True)
class Percentiles:
    """None where nothing was measured."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True)
class Figures:
    """What `--json` writes; seconds are those of the clock on the wall."""

    speed: float
    wanted: int
    placed: int
    ready: int
    refused: dict[str, int]
    refused_presses: dict[str, int]
    posts_repeated: int
    post_milliseconds: Percentiles
    placed_to_ready_seconds: Percentiles
    tray_spread_seconds: Percentiles
    tickets_done: int
    on_time_share: float | None
    late: int
    promise_error_seconds: Percentiles
    kept_share: float | None
    repairs: int | None
    not_ready: list[Json]
    #: Cooks by zone, or people at the counter, and the share of the time in which they worked.
    staff: dict[str, int]
    utilisation: dict[str, float]
    #: From the end of the line to ready.
    wait_seconds: Percentiles
    #: What was on a line, per hour of the kitchen; from the first order to the last one ready.
    dishes_per_hour: float | None
    unserved: int


def percentile(values: Iterable[float], share: float) -> float | None:
    """The nearest-rank percentile: always one of the values; None of nothing."""
    ranked = sorted(values)
    return ranked[max(1, math.ceil(share * len(ranked))) - 1] if ranked else None


def percentiles(values: Sequence[float]) -> Percentiles:
    return Percentiles(percentile(values, 0.5), percentile(values, 0.95))


def seconds_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def tray_spreads(tickets: Iterable[Json]) -> list[float]:
    """For each tray of two parts or more, seconds from the first part done to the last.

    A part is done with the last ticket of its track: a dish that is still to be fried lies nowhere
    and grows cold.
    """
    parts: dict[tuple[str, int], list[str]] = defaultdict(list)
    for ticket in tickets:
        if ticket["next_zone"] is None:
            parts[ticket["order_ref"], ticket["tray"]].append(ticket["done_at"])
    return [
        seconds_between(
            min(done, key=datetime.fromisoformat), max(done, key=datetime.fromisoformat)
        )
        for done in parts.values()
        if len(done) > 1
    ]


def share_of(orders: Sequence[Json], is_so: Callable[[Json], bool]) -> float | None:
    """Of all that were placed: an order that never came is not on time."""
    if not orders:
        return None
    return sum(1 for order in orders if order["ready_at"] and is_so(order)) / len(orders)


def promise_error(order: Json) -> float:
    """Seconds by which it was ready after the promise of the 201 answer; before it: negative."""
    return seconds_between(order[PROMISE], order["ready_at"])


def is_on_time(order: Json) -> bool:
    return promise_error(order) <= 0


def is_kept(order: Json) -> bool:
    """Ready no later than `TOLERANCE` of the promised wait after it."""
    promised = seconds_between(order["placed_at"], order[PROMISE])
    return promise_error(order) <= TOLERANCE * promised


def figures_of(record: Record, speed: float) -> Figures:
    tickets, ready = record.done_tickets(), record.ready_orders()
    orders, open_seconds = list(record.orders.values()), seconds_open(ready)
    return Figures(
        speed=speed,
        wanted=record.wanted,
        placed=len(record.orders),
        ready=len(ready),
        refused=dict(record.refused),
        refused_presses=dict(record.refused_presses),
        posts_repeated=record.posts_repeated,
        post_milliseconds=percentiles(record.post_milliseconds),
        placed_to_ready_seconds=percentiles(
            [seconds_between(order["placed_at"], order["ready_at"]) for order in ready]
        ),
        tray_spread_seconds=percentiles(tray_spreads(tickets)),
        tickets_done=len(tickets),
        on_time_share=share_of(orders, is_on_time),
        late=len([order for order in ready if not is_on_time(order)]),
        promise_error_seconds=percentiles([promise_error(order) for order in ready]),
        kept_share=share_of(orders, is_kept),
        repairs=record.repairs,
        not_ready=[
            {"number": order["number"], "state": order["state"]} for order in record.not_ready()
        ],
        staff=dict(record.staff),
        utilisation=utilisation(record, open_seconds),
        wait_seconds=percentiles([wait_of(order, record.in_line) for order in ready]),
        dishes_per_hour=per_hour(len(lines_of(ready)), open_seconds * speed),
        unserved=record.unserved,
    )


def lines_of(orders: Iterable[Json]) -> list[Json]:
    return [line for order in orders for tray in order["trays"] for line in tray["lines"]]


def seconds_open(ready: Sequence[Json]) -> float:
    """From the first order to the last one ready."""
    if not ready:
        return 0.0
    first = min((order["placed_at"] for order in ready), key=datetime.fromisoformat)
    return max(seconds_between(first, order["ready_at"]) for order in ready)


def per_hour(dishes: int, seconds: float) -> float | None:
    return dishes / seconds * 3600 if seconds else None


def wait_of(order: Json, in_line: Mapping[str, float]) -> float:
    placed_to_ready = seconds_between(order["placed_at"], order["ready_at"])
    return in_line.get(order["id"], 0.0) + placed_to_ready


def utilisation(record: Record, seconds: float) -> dict[str, float]:
    """Of cooks at their zones while they cook; of people at a counter while they serve a guest."""
    if not seconds:
        return {}
    work = defaultdict(float, {COUNTER: record.at_work})
    for ticket in record.done_tickets():
        work[ticket["zone"]] += seconds_between(ticket["started_at"], ticket["done_at"])
    # The last one at the counter is still seen off when the last order was ready.
    return {
        place: min(1.0, work[place] / (seconds * people)) for place, people in record.staff.items()
    }


def table_of(figures: Figures) -> Table:
    table = Table(title=f"The rush, {figures.speed:g} times as fast as a kitchen")
    for column in ("", "p50", "p95"):
        table.add_column(column, justify="right" if column else "left")
    table.add_row("Orders placed", f"{figures.placed} of {figures.wanted}")
    table.add_row("Orders ready", str(figures.ready))
    table.add_row("Orders refused", counted(figures.refused))
    table.add_row("Tickets done", str(figures.tickets_done))
    table.add_row("Presses refused", counted(figures.refused_presses))
    table.add_row("POSTs sent again", str(figures.posts_repeated))
    post, placed = figures.post_milliseconds, figures.placed_to_ready_seconds
    spread, speed = figures.tray_spread_seconds, figures.speed
    table.add_row("POST orders/, ms", shown(post.p50), shown(post.p95))
    table.add_row("Placed to ready, s", shown(placed.p50), shown(placed.p95))
    table.add_row("  in the kitchen's minutes", *in_minutes(placed, speed))
    table.add_row("Tray spread, s", shown(spread.p50), shown(spread.p95))
    table.add_row("  in the kitchen's minutes", *in_minutes(spread, speed))
    error = figures.promise_error_seconds
    table.add_row("Ready after the promise, s", shown(error.p50), shown(error.p95))
    table.add_row("  in the kitchen's minutes", *in_minutes(error, speed))
    table.add_row("Late", str(figures.late))
    table.add_row("On time", percent(figures.on_time_share))
    table.add_row(f"On time, or at most {TOLERANCE:.0%} later", percent(figures.kept_share))
    table.add_row("Repairs", "unknown" if figures.repairs is None else str(figures.repairs))
    return table


def counted(reasons: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())) or "0"


def percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def in_minutes(wall: Percentiles, speed: float) -> list[str]:
    return [shown(None if value is None else value * speed / 60) for value in (wall.p50, wall.p95)]


def complaints(figures: Figures) -> list[str]:
    """Why the rush has failed; empty when it has not."""
    found = []
    if figures.not_ready:
        orders = ", ".join(f"#{order['number']} ({order['state']})" for order in figures.not_ready)
        found.append(f"Not ready: {orders}")
    broken = {reason: n for reason, n in figures.refused.items() if reason not in BUSINESS}
    if broken:
        found.append(f"Not placed, and not for want of food: {counted(broken)}")
    if figures.unserved:
        found.append(f"Guests who were not served before the time was up: {figures.unserved}")
    if not figures.placed:
        found.append("No order was placed at all.")
    return found
