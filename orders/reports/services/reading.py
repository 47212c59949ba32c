"""The reports: each a query or a few over the rows of one projection, whatever is in them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from orders.reports.models import (
    CookedTicket,
    Projection,
    Refusal,
    SoldLine,
    TakenOrder,
    Waste,
)

#: By what sales, kitchen times, lateness and waste may be asked for; the first if nothing is said.
SALES_BY = ("day", "hour", "item", "zone", "channel", "shop")
KITCHEN_BY = ("zone", "item")
LATENESS_BY = ("day", "hour", "channel")
WASTE_BY = ("item", "zone", "day")
MEASURES = ("waited", "cooked", "at_pass")
#: Why an order may be refused for the house's sake.
REFUSALS = ("sold_out", "zone_closed", "kitchen_full")

MICROSECOND = timedelta(microseconds=1)

Row = dict[str, Any]


@dataclass(frozen=True)
class Days:
    """From one day of the house to another, both included."""

    first: date
    last: date

    @property
    def both(self) -> tuple[date, date]:
        return self.first, self.last


@dataclass(frozen=True)
class Percentiles:
    """Seconds; always those of one that was measured; None of nothing."""

    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True)
class Report:
    """Rows by `by`, and how far the events were heard that they are made of, at least."""

    by: str
    days: Days
    position: int
    as_of: datetime | None
    rows: list[Row]
    total: Row


def today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def ever() -> Days:
    """All days of which anything is known."""
    return Days(date.min, date.max)


def current() -> Projection:
    """What is read; before the first event an empty one."""
    return Projection.objects.filter(current=True).first() or Projection(pk=0)


def report(read: Projection, by: str, days: Days, rows: list[Row], total: Row) -> Report:
    return Report(by, days, read.position, read.as_of, rows, total)


def sales(days: Days, by: str = SALES_BY[0]) -> Report:
    """What was ordered and not cancelled: `orders`, `quantity` and `amount`."""
    read = current()
    sold = SoldLine.objects.of_days(read.pk, *days.both).filter(gone=False)
    sums = {
        "orders": Count("order_ref", distinct=True),
        "pieces": Sum("quantity"),
        "cost": Sum(F("quantity") * F("cents")),
    }
    rows = [as_sold(row[by], row) for row in sold.values(by).annotate(**sums).order_by(by)]
    return report(read, by, days, rows, as_sold(None, sold.aggregate(**sums)))


def as_sold(key: Any, sums: Row) -> Row:
    return {
        "key": key,
        "orders": sums["orders"],
        "quantity": sums["pieces"] or 0,
        "amount": money(sums["cost"]),
    }


def money(cents: int | None) -> Decimal:
    return Decimal(cents or 0).scaleb(-2).quantize(Decimal("0.01"))


def kitchen_times(days: Days, by: str = KITCHEN_BY[0]) -> Report:
    """Of the tickets that a cook began on these days: how many, and each of `MEASURES`."""
    read = current()
    begun = CookedTicket.objects.of_days(read.pk, *days.both)
    counted = dict(begun.values_list(by).annotate(Count("pk")).order_by(by))
    measured = {measure: percentiles(begun, by, measure) for measure in MEASURES}
    rows = [
        {
            "key": key,
            "tickets": tickets,
            **{measure: measured[measure].get(key, Percentiles()) for measure in MEASURES},
        }
        for key, tickets in counted.items()
    ]
    return report(read, by, days, rows, {"tickets": sum(counted.values())})


def ticket_times() -> dict[UUID, tuple[timedelta, timedelta | None]]:
    """For each ticket that was begun how long it waited, and how long it cooked, if it is done."""
    begun = CookedTicket.objects.filter(projection=current().pk, waited__isnull=False)
    return {
        ticket: (waited * MICROSECOND, None if cooked is None else cooked * MICROSECOND)
        for ticket, waited, cooked in begun.values_list("ticket", "waited", "cooked")
    }


def percentiles(rows: QuerySet[Any], by: str, measure: str) -> dict[Any, Percentiles]:
    """By group the nearest-rank percentiles, which the database counts off.

    Of n values the one at n · p / 100, rounded up.
    """
    group = [F(by)]
    ranked = rows.filter(**{f"{measure}__isnull": False}).annotate(
        among=Window(Count("pk"), partition_by=group),
        place=Window(RowNumber(), partition_by=group, order_by=[measure]),
    )
    half, nearly_all = ((F("among") * percent + 99) / 100 for percent in (50, 95))
    chosen = ranked.filter(Q(place=half) | Q(place=nearly_all)).order_by("place")
    found: dict[Any, list[float]] = {}
    for key, microseconds in chosen.values_list(by, measure):
        found.setdefault(key, []).append(microseconds / 1_000_000)
    # Of few values one may be both.
    return {key: Percentiles(values[0], values[-1]) for key, values in found.items()}


def lateness(days: Days, by: str = LATENESS_BY[0]) -> Report:
    """Of the orders placed on these days how many were ready, how late; and those refused."""
    read = current()
    taken = TakenOrder.objects.of_days(read.pk, *days.both)
    counts = {
        "orders": Count("pk"),
        "ready": Count("pk", filter=Q(ready_at__isnull=False)),
        "late": Count("pk", filter=Q(late_by__gt=0)),
        "cancelled": Count("pk", filter=Q(cancelled_at__isnull=False)),
    }
    counted = {row[by]: row for row in taken.values(by).annotate(**counts).order_by(by)}
    late_by = percentiles(taken.filter(late_by__gt=0), by, "late_by")
    refused = refusals(days, by)
    rows = [
        {
            "key": key,
            **{name: counted[key][name] if key in counted else 0 for name in counts},
            "late_by": late_by.get(key, Percentiles()),
            "refused": {code: refused[key, code] for code in REFUSALS},
        }
        for key in sorted({*counted, *(key for key, _code in refused)})
    ]
    total: Row = {name: sum(row[name] for row in rows) for name in counts}
    total["refused"] = {code: sum(row["refused"][code] for row in rows) for code in REFUSALS}
    return report(read, by, days, rows, total)


def refusals(days: Days, by: str) -> Counter[tuple[Any, str]]:
    found = Refusal.objects.filter(day__range=days.both).values_list(by, "code")
    return Counter({(key, code): times for key, code, times in found.annotate(Count("pk"))})


def waste(days: Days, by: str = WASTE_BY[0]) -> Report:
    """What was begun and thrown away on these days, and why; `amount` is what it was sold for."""
    read = current()
    groups = (by, "kind", "reason")
    wasted = Waste.objects.of_days(read.pk, *days.both).values(*groups)
    sums = {"times": Count("pk"), "pieces": Sum("quantity"), "cost": Sum("cents")}
    rows = [
        {
            "key": row[by],
            "kind": row["kind"],
            "reason": row["reason"],
            "times": row["times"],
            "quantity": row["pieces"],
            "amount": money(row["cost"]),
        }
        for row in wasted.annotate(**sums).order_by(*groups)
    ]
    return report(read, by, days, rows, summed(rows, ("times", "quantity", "amount")))


def summed(rows: Sequence[Row], names: Iterable[str]) -> Row:
    total = {name: sum(row[name] for row in rows) for name in names}
    return {**total, "amount": Decimal(total["amount"]).quantize(Decimal("0.01"))}
