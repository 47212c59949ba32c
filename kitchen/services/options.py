"""What guests choose about an item: whether the choice fits, and what it costs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from django.db.models import F, Prefetch

from kitchen.exceptions import (
    DuplicateOption,
    OptionRequired,
    SoldOut,
    TooManyOptions,
    UnknownOption,
)
from kitchen.models import MenuItem, Option, OptionGroup, OptionStep

#: An item's groups, by their codes.
Groups = Mapping[str, OptionGroup]


def groups_of(items: Collection[str]) -> dict[str, dict[str, OptionGroup]]:
    """For each of the items that have any its option groups, by code."""
    groups: dict[str, dict[str, OptionGroup]] = {}
    for group in OptionGroup.objects.filter(items__in=items).annotate(item=F("items")):
        groups.setdefault(group.item, {})[group.code] = group
    return groups


def options_called(codes: Collection[str]) -> dict[str, Option]:
    """The options that have these codes, with their steps and the steps' zones."""
    if not codes:
        return {}
    steps = Prefetch("steps", queryset=OptionStep.objects.select_related("zone"))
    known = Option.objects.filter(code__in=codes).prefetch_related(steps)
    return {option.code: option for option in known}


def choose(
    groups: Groups, known: Mapping[str, Option], codes: Sequence[str], pointer: str
) -> list[Option]:
    """The options of these codes, in their order, if that is a choice which the groups leave.

    Raises UnknownOption, DuplicateOption, TooManyOptions or OptionRequired. `pointer` says where
    the codes stand.
    """
    chosen: dict[str, Option] = {}
    taken: set[str] = set()
    for index, code in enumerate(codes):
        option, at = known.get(code), f"{pointer}/{index}"
        if option is None or option.group_id not in groups:
            raise UnknownOption(pointer=at, option=code)
        if code in chosen:
            raise DuplicateOption(pointer=at, option=code)
        group = groups[option.group_id]
        if group.code in taken and not group.many:
            raise TooManyOptions(f"{group.name}: only one.", pointer=at, group=group.code)
        chosen[code] = option
        taken.add(group.code)
    for group in groups.values():
        if group.required and group.code not in taken:
            raise OptionRequired(f"{group.name}: choose.", pointer=pointer, group=group.code)
    return list(chosen.values())


def refuse_sold_out(item: MenuItem, options: Iterable[Option]) -> None:
    """Raise SoldOut for an option that is off the menu."""
    for option in options:
        if not option.available:
            raise SoldOut(
                f"{item.name}: {option.name} is sold out.",
                item=item.code,
                left=0,
                option=option.code,
            )


def as_chosen(options: Iterable[Option]) -> list[dict[str, str]]:
    """How lines and tickets keep what was chosen, whatever the menu says later."""
    return [{"code": o.code, "name": o.name, "name_th": o.name_th} for o in options]


def price_of(item: MenuItem, options: Iterable[Option]) -> Decimal:
    """What one of it costs, made to order: never less than nothing."""
    return max(item.price + sum(option.price for option in options), Decimal("0.00"))
