"""`manage.py plan`: how many cooks does each zone need?"""

import argparse
import math
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kitchen.planning.goal import EXAMPLE, parse
from kitchen.planning.guests import Order, evenings_of
from kitchen.planning.house import House
from kitchen.planning.menu import orders_of, orders_still_cooked
from kitchen.planning.mix import from_file, from_history
from kitchen.planning.picture import picture_of
from kitchen.planning.plan import Found, find
from kitchen.planning.refusal import NotPlanned
from kitchen.planning.report import show
from kitchen.planning.staffing import Cooks, Planner

HISTORY = "history"


def amount(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def count(text: str) -> int:
    return int(max(1, amount(text)))


class Command(BaseCommand):
    help = (
        "Plays evenings with the menu, the recipes and the rules of this kitchen, and says how many"
        " cooks each zone needs for a goal. Nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--orders-per-hour", type=amount, required=True, metavar="N")
        add("--mix", default=HISTORY, metavar="FILE", help="what guests order: a file, or history")
        add("--goal", default=EXAMPLE, help="(%(default)s)")
        add("--days", type=count, default=28, help="how far back history goes (%(default)s)")
        add("--seed", type=int, default=1, help="the same seed, the same guests (%(default)s)")
        add("--hours", type=amount, default=3.0, help="how long guests come (%(default)g)")
        add("--evenings", type=count, default=3, help="how many are played (%(default)s)")
        add("--picture", type=Path, metavar="FILE", help="draw it, too: an SVG")

    def handle(self, *args: Any, **given: Any) -> None:
        # All that is asked of a file here.
        console = Console(file=cast("IO[str]", self.stdout))
        try:
            found = plan(given, console)
        except NotPlanned as reason:
            raise CommandError(str(reason)) from reason
        show(found, console)
        if given["picture"]:
            draw(found, given["picture"])


def plan(given: Mapping[str, Any], console: Console) -> Found:
    """Raises NotPlanned."""
    goal = parse(given["goal"])
    evenings = evenings_of(
        mix(given, console),
        given["orders_per_hour"],
        given["hours"],
        seed=given["seed"],
        count=given["evenings"],
    )
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("")

        def told(cooks: Cooks) -> None:
            tried = ", ".join(f"{zone} {count}" for zone, count in cooks.items())
            progress.update(task, description=f"An evening with {tried}")

        return find(Planner(House.current(), evenings, given["hours"], goal, told))


def draw(found: Found, picture: Path) -> None:
    try:
        picture.write_text(picture_of(found))
    except OSError as error:
        raise CommandError(f"{picture} can't be written ({error.strerror}).") from error


def mix(given: Mapping[str, Any], console: Console) -> list[Order]:
    """What guests order. Raises NotPlanned."""
    if given["mix"] != HISTORY:
        return orders_of(from_file(Path(given["mix"])))
    since = timezone.now() - timedelta(days=given["days"])
    orders, gone = orders_still_cooked(from_history(since))
    left_out = f"; {gone} more have something that is not on the menu now" if gone else ""
    console.print(f"{len(orders)} orders of {given['days']} days{left_out}", highlight=False)
    return orders
