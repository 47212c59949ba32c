"""Lines become work for the zones, by the house's own recipes."""

from collections.abc import Sequence
from difflib import get_close_matches

from kitchen.models import MenuItem
from kitchen.pacing import Step
from kitchen.planning.guests import Order, TrayWork
from kitchen.planning.mix import Line, Written
from kitchen.planning.refusal import NotPlanned
from kitchen.services.options import choose, groups_of, options_called
from kitchen.services.recipes import tracks_of
from kitchen.services.reservations import recipes_of
from restaurant.errors import DomainError


class Menu:
    """The recipes of these orders' items, and the steps of their options."""

    def __init__(self, mix: Sequence[Written]) -> None:
        lines = [line for written in mix for line in written.lines]
        self.items = {line.item for line in lines}
        self.recipes = recipes_of(self.items)
        self.groups = groups_of(self.items)
        self.options = options_called({code for line in lines for code in line.options})

    def order(self, written: Written) -> Order:
        """Raises NotPlanned for what is not on the menu."""
        trays: dict[int, TrayWork] = {}
        for line in written.lines:
            trays[line.tray] = trays.get(line.tray, ()) + self.tracks(line, written.where)
        return Order(tuple(trays.values()), written.weight)

    def tracks(self, line: Line, where: str) -> TrayWork:
        """Raises NotPlanned."""
        if line.item not in self.recipes:
            raise NotPlanned(f"{where}: {self.unknown(line.item)}")
        try:
            options = choose(self.groups.get(line.item, {}), self.options, line.options, where)
        except DomainError as error:
            raise NotPlanned(f"{where}, {line.item} with {list(line.options)}: {error}") from error
        return tuple(
            tuple(Step(step.zone_id, step.prep_seconds) for step in track.steps)
            for track in tracks_of(self.recipes[line.item], options)
        )

    def unknown(self, item: str) -> str:
        known = MenuItem.objects.filter(steps__isnull=False).values_list("code", flat=True)
        near = get_close_matches(item, sorted(set(known)), n=3, cutoff=0.5)
        hint = f"Is it {' or '.join(near)}?" if near else "GET /api/v1/menu/ lists them."
        return f"the menu has no {item!r} with a recipe. {hint}"


def orders_of(mix: Sequence[Written]) -> list[Order]:
    """Raises NotPlanned for what is not on the menu."""
    menu = Menu(mix)
    return [menu.order(written) for written in mix]


def orders_still_cooked(mix: Sequence[Written]) -> tuple[list[Order], int]:
    """Those of which everything is on the menu still, and how many others there are.

    Raises NotPlanned if none is.
    """
    menu = Menu(mix)
    orders = []
    for written in mix:
        try:
            orders.append(menu.order(written))
        except NotPlanned as reason:
            last = reason
    if not orders:
        raise NotPlanned(f"Of what was cooked nothing is on the menu any more: {last}") from last
    return orders, len(mix) - len(orders)
