"""Taking an order in: is there enough, what does it cost, when will it be ready?"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil
from typing import Any, NoReturn
from uuid import UUID

from django.db.models import F, Q

from kitchen.exceptions import KitchenFull, SoldOut, UnknownItem, ZoneClosed
from kitchen.models import PACED_BY, KitchenSettings, MenuItem, RecipeStep, Ticket
from kitchen.pacing import Track, promises
from kitchen.services.queues import Clock, Kitchen, tracks_left


@dataclass(frozen=True)
class Wanted:
    """One line of an order: so many of this menu item, on this tray."""

    line: UUID
    item: str
    quantity: int
    tray: int
    #: Portions were counted when it was ordered: they come back if nobody begins with it.
    counted: bool = False
    #: What is of a later course waits until the waiter calls for it.
    course: int = 1


@dataclass(frozen=True)
class Reservation:
    """The answer: the menu items in the order of the lines, and the promise for each tray.

    None is promised for a tray of a later course: nobody knows when the guests are ready for it.
    """

    items: list[MenuItem]
    promised_at: dict[int, datetime | None]


def reserve(wanted: Sequence[Wanted]) -> Reservation:
    """Take the portions, and say what it costs and when it will be ready.

    Call it in the transaction of the order. Raises `WHY_NOT_RESERVED`.
    """
    recipes = recipes_of({line.item for line in wanted})
    for index, line in enumerate(wanted):
        if line.item not in recipes:
            refuse_without_recipe(line.item, pointer=f"/lines/{index}/item")
    for steps in recipes.values():
        for step in steps:
            if not step.zone.is_open:
                raise ZoneClosed(
                    f"{step.item.name} needs {step.zone.name}, which is closed.",
                    item=step.item_id,
                    zone=step.zone_id,
                )
    menu = {code: steps[0].item for code, steps in recipes.items()}
    take_portions(menu, wanted)
    return Reservation([menu[line.item] for line in wanted], promise(recipes, wanted))


def recipes_of(items: Collection[str]) -> dict[str, list[RecipeStep]]:
    """For each of the menu items that has a recipe its steps, with their item and their zone."""
    steps = RecipeStep.objects.filter(item__in=items).select_related("item", "zone")
    recipes: dict[str, list[RecipeStep]] = {}
    for step in steps.order_by("track", "position"):
        recipes.setdefault(step.item_id, []).append(step)
    return recipes


def refuse_without_recipe(code: str, pointer: str) -> NoReturn:
    item = MenuItem.objects.filter(pk=code).first()
    if item is None:
        raise UnknownItem(pointer=pointer, item=code)
    raise SoldOut(f"{item.name} has no recipe yet.", item=code, left=0)


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
    recipes: Mapping[str, list[RecipeStep]], wanted: Sequence[Wanted]
) -> dict[int, datetime | None]:
    """When each tray of the first course will be ready, as the kitchen stands now.

    Raises KitchenFull.
    """
    house = KitchenSettings.current()
    kitchen = Kitchen.of(house)
    trays: dict[int, list[Track]] = {}
    first = min(line.course for line in wanted)
    for line in sorted(wanted, key=lambda line: line.tray):
        if line.course > first:
            continue
        trays.setdefault(line.tray, []).extend(tracks_of(recipes[line.item], kitchen.clock))
    # Nothing of them is changed here, and rows alone are read in a third of the time.
    waiting: Any = Ticket.objects.to_do().values_list(*PACED_BY, named=True)
    before = [kitchen.clock.track(track) for track in tracks_left(waiting)]
    found = promises(list(trays.values()), before, kitchen.cooks)
    promised_at = {
        number: kitchen.clock.at(seconds + kitchen.clock.handover)
        for number, seconds in zip(trays, found, strict=True)
    }
    refuse_beyond(house.quote_limit_minutes, max(promised_at.values()) - kitchen.clock.now)
    return {line.tray: promised_at.get(line.tray) for line in wanted}


def refuse_beyond(limit_minutes: int | None, wait: timedelta) -> None:
    """Raise KitchenFull for a promise that is further away than the house wants."""
    seconds = int(wait.total_seconds())
    if limit_minutes is not None and seconds > limit_minutes * 60:
        raise KitchenFull(
            f"It would take {ceil(seconds / 60)} minutes.",
            quote_minutes=ceil(seconds / 60),
            retry_after=seconds - limit_minutes * 60,
        )


def tracks_of(steps: Iterable[RecipeStep], clock: Clock) -> list[Track]:
    """A recipe as the pacing rules see it."""
    return [
        Track(tuple(clock.step(step.zone_id, step.prep_seconds) for step in track))
        for track in recipe_tracks(steps)
    ]


def recipe_tracks(steps: Iterable[RecipeStep]) -> list[list[RecipeStep]]:
    """A recipe's tracks, which run side by side; the steps of each in their order."""
    steps = sorted(steps, key=lambda step: (step.track, step.position))
    return [list(track) for _, track in groupby(steps, key=lambda step: step.track)]
