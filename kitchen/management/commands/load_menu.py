"""`manage.py load_menu [FILE]`: shops, zones, menu, recipes and options from a TOML file."""

import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from kitchen.models import MenuItem, Option, OptionGroup, OptionStep, RecipeStep, Shop, Zone
from kitchen.services import save_shop

DEMO_MENU = Path(__file__).resolve().parent.parent.parent / "demo_menu.toml"


class Command(BaseCommand):
    help = "Loads shops, zones, menu, recipes and options; what is there already stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=DEMO_MENU)

    def handle(self, *args: Any, file: Path, verbosity: int, **options: Any) -> None:
        menu = tomllib.loads(file.read_text())
        with transaction.atomic():
            for place, shop in enumerate(menu.get("shops", [])):
                load_shop(place, shop)
            for place, zone in enumerate(menu["zones"]):
                load_zone(place, zone)
            new = [load_item(place, item) for place, item in enumerate(menu["items"])]
            for place, group in enumerate(menu.get("groups", [])):
                load_group(place, group)
        if verbosity:
            self.stdout.write(f"{len(menu['zones'])} zones, {len(new)} items, {sum(new)} new.")


def load_shop(place: int, entry: dict[str, Any]) -> None:
    """Make the shop with the group of its accounts, unless it is there already."""
    if not Shop.objects.filter(code=entry["code"]).exists():
        save_shop(Shop(**entry, place=place))


def load_zone(place: int, entry: dict[str, Any]) -> None:
    """Make the zone, unless it is there already; `shop` is the code of whose it is."""
    shop, code = entry.pop("shop", None), entry.pop("code")
    Zone.objects.get_or_create(code=code, defaults={**entry, "shop_id": shop, "place": place})


def load_item(place: int, entry: dict[str, Any]) -> bool:
    """Make the item and its recipe; False if the menu has it already."""
    tracks = entry.pop("tracks")
    item, is_new = MenuItem.objects.get_or_create(
        code=entry.pop("code"),
        defaults={"portions_left": entry.pop("portions", None), **entry, "place": place},
    )
    if is_new:
        RecipeStep.objects.bulk_create(
            RecipeStep(
                item=item,
                track=track,
                position=position,
                zone_id=step["zone"],
                prep_seconds=step["seconds"],
            )
            for track, steps in enumerate(tracks, start=1)
            for position, step in enumerate(steps, start=1)
        )
    return is_new


def load_group(place: int, entry: dict[str, Any]) -> None:
    """Make the group with its options, unless the menu has it already."""
    items, options = entry.pop("items"), entry.pop("options")
    group, is_new = OptionGroup.objects.get_or_create(
        code=entry.pop("code"), defaults={**entry, "place": place}
    )
    if is_new:
        group.items.set(items)
        for at, option in enumerate(options):
            steps = option.pop("steps", [])
            made = Option.objects.create(group=group, place=at, **option)
            OptionStep.objects.bulk_create(
                OptionStep(
                    option=made,
                    position=position,
                    zone_id=step["zone"],
                    prep_seconds=step["seconds"],
                )
                for position, step in enumerate(steps, start=1)
            )
