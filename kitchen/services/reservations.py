"""Taking an order in: is there enough, what does it cost, when will it be ready?"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from kitchen.exceptions import KitchenFull, SoldOut, UnknownItem, ZoneClosed
from kitchen.models import KitchenSettings, MenuItem, RecipeStep, Ticket, Zone, ZoneLoad
from kitchen.pacing import Queue, Step, promises


@dataclass(frozen=True)
class Wanted:
    """One line of an order: so many of this menu item, on this tray."""

    line: UUID
    item: str
    quantity: int
    tray: int
    #: Portions were counted when it was ordered: they come back if nobody begins with it.
    counted: bool = False


@dataclass(frozen=True)
class Reservation:
    """The answer: the menu items in the order of the lines, and the promise for each tray."""

    items: list[MenuItem]
    promised_at: dict[int, datetime]


def reserve(wanted: Sequence[Wanted]) -> Reservation:
    """Take the portions, and say what it costs and when it will be ready.

    Call it in the transaction of the order. Raises `WHY_NOT_RESERVED`.
    """
    menu = MenuItem.objects.prefetch_related("steps").in_bulk({line.item for line in wanted})
    for index, line in enumerate(wanted):
        if line.item not in menu:
            raise UnknownItem(pointer=f"/lines/{index}/item", item=line.item)
    zones = {zone.code: zone for zone in Zone.objects.all()}
    for item in menu.values():
        if not item.steps.all():
            raise SoldOut(f"{item.name} has no recipe yet.", item=item.code, left=0)
        for step in item.steps.all():
            if not zones[step.zone_id].is_open:
                raise ZoneClosed(
                    f"{item.name} needs {zones[step.zone_id].name}, which is closed.",
                    item=item.code,
                    zone=step.zone_id,
                )
    take_portions(menu, wanted)
    return Reservation([menu[line.item] for line in wanted], promise(menu, wanted, zones))


def take_portions(menu: Mapping[str, MenuItem], wanted: Iterable[Wanted]) -> None:
    """One guarded UPDATE for each counted item, always in the order of their codes.

    The guard means that nothing is sold twice, the order that two baskets never wait for each
    other's rows in a circle.
    """
    quantities: Counter[str] = Counter()
    for line in wanted:
        quantities[line.item] += line.quantity
    for code, quantity in sorted(quantities.items()):
        item = menu[code]
        if item.available and item.portions_left is None:
            continue
        enough = Q(portions_left__gte=quantity) | Q(portions_left=None)
        if not MenuItem.objects.filter(enough, pk=code, available=True).update(
            portions_left=F("portions_left") - quantity
        ):
            item.refresh_from_db(fields=["available", "portions_left"])
            left = (item.portions_left or 0) if item.available else 0
            raise SoldOut(f"Of {item.name} {left} are left.", item=code, left=left)


def give_back(lines: Iterable[Wanted]) -> None:
    """Return the portions of cancelled lines, in the order in which they are taken."""
    for line in sorted(lines, key=lambda line: line.item):
        MenuItem.objects.filter(pk=line.item, portions_left__isnull=False).update(
            portions_left=F("portions_left") + line.quantity
        )


def promise(
    menu: Mapping[str, MenuItem], wanted: Iterable[Wanted], zones: Mapping[str, Zone]
) -> dict[int, datetime]:
    """When each tray will be ready, as the kitchen stands now; raises KitchenFull."""
    loads = Ticket.objects.load()
    queues = {
        code: Queue(loads.get(code, ZoneLoad()).work, zone.cooks) for code, zone in zones.items()
    }
    trays: dict[int, list[list[Step]]] = {}
    for line in sorted(wanted, key=lambda line: line.tray):
        trays.setdefault(line.tray, []).extend(tracks_of(menu[line.item]))
    now = timezone.now()
    house = KitchenSettings.current()
    seconds = [s / house.time_scale for s in promises(list(trays.values()), queues)]
    refuse_beyond(house.quote_limit_minutes, max(seconds))
    return {
        number: now + timedelta(seconds=wait) for number, wait in zip(trays, seconds, strict=True)
    }


def refuse_beyond(limit_minutes: int | None, seconds: float) -> None:
    """Raise KitchenFull for a promise that is further away than the house wants."""
    if limit_minutes is not None and seconds > limit_minutes * 60:
        raise KitchenFull(
            f"It would take {ceil(seconds / 60)} minutes.",
            quote_minutes=ceil(seconds / 60),
            retry_after=ceil(seconds - limit_minutes * 60),
        )


def tracks_of(item: MenuItem) -> list[list[Step]]:
    """The item's recipe as the pacing rules see it."""
    return [[Step(s.zone_id, s.prep_seconds) for s in steps] for steps in recipe_tracks(item)]


def recipe_tracks(item: MenuItem) -> list[list[RecipeStep]]:
    """The item's recipe: tracks side by side, the steps of each in their order."""
    steps = sorted(item.steps.all(), key=lambda step: (step.track, step.position))
    return [list(track) for _, track in groupby(steps, key=lambda step: step.track)]
