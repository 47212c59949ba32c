"""Taking an order in: is there enough, what does it cost, when will it be ready?"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any, NoReturn
from uuid import UUID

from django.db.models import F, Q

from kitchen.exceptions import KitchenFull, SoldOut, UnknownItem, ZoneClosed
from kitchen.models import (
    PACED_BY,
    KitchenSettings,
    MenuItem,
    Option,
    RecipeStep,
    Ticket,
    seller,
)
from kitchen.pacing import Track, promises
from kitchen.services.options import (
    as_chosen,
    choose,
    groups_of,
    options_called,
    price_of,
    refuse_sold_out,
)
from kitchen.services.queues import Clock, Kitchen, tracks_left
from kitchen.services.recipes import LineTrack, main_zone, tracks_of


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
    #: The codes of what the guest chose about it.
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Reservation:
    """The answer: for each line its item, options, unit price, the zone with the most work of it
    and the shop that sells it (empty: the house), and each tray's promise.

    None is promised for a tray of a later course: nobody knows when the guests are ready for it.
    """

    items: list[MenuItem]
    options: list[list[dict[str, str]]]
    prices: list[Decimal]
    zones: list[str]
    shops: list[str]
    promised_at: dict[int, datetime | None]


@dataclass(frozen=True)
class MadeToOrder:
    """A line as the kitchen makes it: on which tray, what of which item, on which tracks."""

    tray: int
    course: int
    item: MenuItem
    options: list[Option]
    tracks: list[LineTrack]


def reserve(wanted: Sequence[Wanted], courses: Collection[int] = ()) -> Reservation:
    """Take the portions, and say what it costs and when it will be ready.

    What is of another course than those of `courses`, or than the first of all, is not promised
    yet. Call it in the transaction of the order. Raises `WHY_NOT_RESERVED`.
    """
    recipes = recipes_of({line.item for line in wanted})
    for index, line in enumerate(wanted):
        if line.item not in recipes:
            refuse_without_recipe(line.item, pointer=f"/lines/{index}/item")
    menu = {code: steps[0].item for code, steps in recipes.items()}
    lines = [
        MadeToOrder(
            line.tray,
            line.course,
            menu[line.item],
            chosen,
            tracks_of(recipes[line.item], chosen),
        )
        for line, chosen in zip(wanted, choices(wanted), strict=True)
    ]
    for made in lines:
        refuse_sold_out(made.item, made.options)
        refuse_closed(made)
    take_portions(menu, wanted)
    return Reservation(
        [made.item for made in lines],
        [as_chosen(made.options) for made in lines],
        [price_of(made.item, made.options) for made in lines],
        [main_zone(made.tracks) for made in lines],
        [seller(recipes[line.item]) or "" for line in wanted],
        promise(lines, courses or {min(line.course for line in wanted)}),
    )


def choices(wanted: Sequence[Wanted]) -> list[list[Option]]:
    """For each line the options that its guest chose; raises what `choose` raises."""
    groups = groups_of({line.item for line in wanted})
    known = options_called({code for line in wanted for code in line.options})
    return [
        choose(groups.get(line.item, {}), known, line.options, f"/lines/{index}/options")
        for index, line in enumerate(wanted)
    ]


def refuse_closed(made: MadeToOrder) -> None:
    """Raise ZoneClosed if a zone that the line needs is closed."""
    for track in made.tracks:
        for step in track.steps:
            if not step.zone.is_open:
                raise ZoneClosed(
                    f"{track.option or made.item} needs {step.zone.name}, which is closed.",
                    item=made.item.code,
                    zone=step.zone_id,
                )


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


def promise(lines: Sequence[MadeToOrder], courses: Collection[int]) -> dict[int, datetime | None]:
    """When each tray of these courses will be ready, as the kitchen stands now.

    Raises KitchenFull.
    """
    house = KitchenSettings.current()
    kitchen = Kitchen.of(house)
    trays: dict[int, list[Track]] = {}
    for line in sorted(lines, key=lambda line: line.tray):
        if line.course in courses:
            tracks = (paced(track, kitchen.clock) for track in line.tracks)
            trays.setdefault(line.tray, []).extend(tracks)
    # Nothing of them is changed here, and rows alone are read in a third of the time.
    waiting: Any = Ticket.objects.to_do().values_list(*PACED_BY, named=True)
    before = [kitchen.clock.track(track) for track in tracks_left(waiting)]
    found = promises(list(trays.values()), before, kitchen.cooks)
    promised_at = {
        number: kitchen.clock.at(seconds + kitchen.clock.handover)
        for number, seconds in zip(trays, found, strict=True)
    }
    if promised_at:
        refuse_beyond(house.quote_limit_minutes, max(promised_at.values()) - kitchen.clock.now)
    return {line.tray: promised_at.get(line.tray) for line in lines}


def refuse_beyond(limit_minutes: int | None, wait: timedelta) -> None:
    """Raise KitchenFull for a promise that is further away than the house wants."""
    seconds = int(wait.total_seconds())
    if limit_minutes is not None and seconds > limit_minutes * 60:
        raise KitchenFull(
            f"It would take {ceil(seconds / 60)} minutes.",
            quote_minutes=ceil(seconds / 60),
            retry_after=seconds - limit_minutes * 60,
        )


def paced(track: LineTrack, clock: Clock) -> Track:
    """A track of a line as the pacing rules see it."""
    return Track(tuple(clock.step(step.zone_id, step.prep_seconds) for step in track.steps))
