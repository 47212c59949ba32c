"""The kitchen at a glance, for who leads it: few queries, however much was cooked before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from kitchen.lifecycle import TrayState
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray, Zone, ZoneLoad

#: A tray that nobody has served for longer is not looked for at the pass.
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ZoneBoard:
    """A zone, its open work, and how long its cooks will need for it."""

    zone: Zone
    load: ZoneLoad
    wait: timedelta


@dataclass(frozen=True)
class PassBoard:
    """Trays that are ready and not served, since when the oldest; trays past their promise."""

    ready: int
    oldest_ready_at: datetime | None
    late: int


@dataclass(frozen=True)
class StockBoard:
    """What nobody can order now, and what few are left of, in the order of the menu."""

    sold_out: list[MenuItem]
    low: list[MenuItem]


def zones() -> list[Zone]:
    """All of them, in the order of their places."""
    return list(Zone.objects.all())


def items() -> list[MenuItem]:
    """The whole menu."""
    return list(MenuItem.objects.all())


def zone_boards(shop: str | None = None) -> list[ZoneBoard]:
    """Every zone, or those of the shop, in the order of their places."""
    loads, scale = Ticket.objects.load(), KitchenSettings.current().time_scale
    return [
        ZoneBoard(zone, load, timedelta(seconds=load.work / zone.cooks / scale))
        for zone in Zone.objects.at(shop)
        for load in [loads.get(zone.pk, ZoneLoad())]
    ]


def pass_board() -> PassBoard:
    now = timezone.now()
    ready = Q(state=TrayState.READY, opened_at__gte=now - A_DAY)
    waiting = Q(state=TrayState.WAITING)
    found = Tray.objects.filter(ready | waiting).aggregate(
        ready=Count("pk", filter=ready),
        oldest=Min("ready_at", filter=ready),
        late=Count("pk", filter=waiting & Q(promised_at__lt=now)),
    )
    return PassBoard(found["ready"], found["oldest"], found["late"])


def count_quarantined() -> int:
    return Ticket.objects.quarantined().count()


def count_unprinted() -> int:
    return Ticket.objects.unprinted().count()


def count_late_trays() -> int:
    return Tray.objects.late().count()


def stock_board() -> StockBoard:
    short = list(MenuItem.objects.short())
    return StockBoard(
        [item for item in short if item.is_sold_out],
        [item for item in short if item.is_low and not item.is_sold_out],
    )
