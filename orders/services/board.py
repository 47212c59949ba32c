"""Orders at a glance, for who leads the house: what is open, what is late, how busy it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Max, Q, Value
from django.utils import timezone

from orders.lifecycle import OPEN
from orders.models import Order

HOUR = timedelta(hours=1)
#: How many of the late orders are named at once.
NAMED = 8


@dataclass(frozen=True)
class Hour:
    """How many orders were placed in the hour that begins at `start`."""

    start: datetime
    placed: int


@dataclass(frozen=True)
class OrdersBoard:
    """Counts of what the kitchen still owes, and the orders that miss their promise the most."""

    open: int
    late: int
    most_late: list[Order]


def orders_board() -> OrdersBoard:
    late = Q(promised_at__lt=timezone.now(), between_courses=False)
    found = Order.objects.open().aggregate(open=Count("pk"), late=Count("pk", filter=late))
    return OrdersBoard(
        found["open"], found["late"], list(Order.objects.late().order_by("promised_at")[:NAMED])
    )


def count_late() -> int:
    return Order.objects.late().count()


def count_open() -> dict[str, int]:
    """Open orders by state."""
    found = Order.objects.open().order_by().values("state").annotate(many=Count("pk"))
    counted = {row["state"]: row["many"] for row in found}
    return {state.value: counted.get(state, 0) for state in OPEN}


def newest_number() -> int:
    """How many orders there were, about: numbers may be left out."""
    return Order.objects.aggregate(newest=Max("number"))["newest"] or 0


def placed_by_hour(hours: int = 24) -> list[Hour]:
    """The last hours of the house's clock, the present one last; one query over one index."""
    this_hour = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    starts = [this_hour.astimezone(UTC) - HOUR * back for back in reversed(range(hours))]
    first, *others = [
        Order.objects.filter(placed_at__gte=start, placed_at__lt=start + HOUR)
        .order_by()
        .annotate(place=Value(place))
        .values("place")
        .annotate(placed=Count("pk"))
        for place, start in enumerate(starts)
    ]
    counted = {row["place"]: row["placed"] for row in first.union(*others, all=True)}
    return [Hour(start, counted.get(place, 0)) for place, start in enumerate(starts)]
