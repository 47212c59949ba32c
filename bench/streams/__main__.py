"""`python -m bench.streams`: what a hundred screens cost, and what others notice of them."""

import argparse
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.cost.stack import stack
from bench.streams.house import IN_HAND, SETTLED, House, Round
from bench.streams.screens import Heard
from restaurant.run.refusal import Refusal

ABOUT = """\
The restaurant is started anew, as ./run starts it, on its own servers, with one web process.

deliveries  presses at a steady rate while half of the screens listen to the pass and half to a
            zone, so that all of them hear everything; from when an event says it happened, before
            its commit, to its arrival
orders      POST orders/ at a steady rate, in turns without anybody beside it and with the screens,
            now on all zones, and as many long polls
"""
GOAL_DELIVERY = 300.0
GOAL_RATIO = 1.2
PROCESSES = ("web", "relay", "postgres")


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="python -m bench.streams",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = arguments.add_argument
    add("--screens", type=int, default=100, help="live streams (%(default)s)")
    add("--presses", type=float, default=10, help="presses a second (%(default)g)")
    add("--orders", type=float, default=10, help="orders a second (%(default)g)")
    add("--seconds", type=float, default=20, help="how long each round lasts (%(default)g)")
    add("--rounds", type=int, default=3, help="of orders, each without and with (%(default)s)")
    add("--database", choices=["postgres", "sqlite"], help="only one of the two")
    add("--only", choices=["deliveries", "orders"], help="only one of the two")
    return arguments


def deliveries(house: House, given: argparse.Namespace, console: Console) -> None:
    """Presses without a screen, to know what they cost themselves, and with all."""
    presses = int(given.presses * given.seconds)
    house.order_teas(presses + 2 * IN_HAND)
    alone = house.press(presses, given.presses)
    halves = {"trays/": given.screens // 2, "zones/drinks/": -(-given.screens // 2)}
    with house.screens(halves) as heard:
        among = house.press(presses, given.presses)
    show_deliveries(given.screens, (alone, among), heard, console)


def show_deliveries(
    screens: int, rounds: tuple[Round, Round], heard: Heard, console: Console
) -> None:
    alone, among = rounds
    count = len(heard.milliseconds)
    missed = sum(screens - times for times in heard.times.values())
    console.print(
        f"{screens} screens, {len(among.milliseconds)} presses at {among.rate:.1f}/s,"
        f" {len(heard.times)} events, {count} deliveries, {missed} missed, {heard.lost} lost",
    )
    for share in (0.5, 0.99):
        console.print(
            f"p{share * 100:.0f} {heard.percentile(share):.0f} ms", highlight=False, soft_wrap=True
        )
    more = {name: among.cpu.get(name, 0) - alone.cpu.get(name, 0) for name in PROCESSES}
    said = ", ".join(f"{name} {cpu / max(count, 1) * 1e6:.0f}" for name, cpu in more.items())
    console.print(
        f"CPU µs per delivery beyond that of the presses: {said}", highlight=False, soft_wrap=True
    )
    met = "reached" if heard.percentile(0.99) < GOAL_DELIVERY else "not reached"
    console.print(f"goal: p99 below {GOAL_DELIVERY:.0f} ms: {met}")


def orders(house: House, given: argparse.Namespace, console: Console) -> None:
    """In turns, so that what the machine does beside it falls on both alike."""
    posts = int(given.orders * given.seconds)
    without, among, heard = Round(), Round(), Heard()
    waited_for = house.order_teas(given.screens)
    # The first ones find everything cold.
    house.post(posts // 4, given.orders)
    for number in range(2 * given.rounds):
        # Without, with, with, without: what slowly changes falls on both alike.
        if number % 4 in (0, 3):
            # The screens of the round before leave all at once.
            time.sleep(SETTLED)
            without += house.post(posts, given.orders)
            continue
        with house.screens(house.all_zones(given.screens), waited_for) as heard_now:
            among += house.post(posts, given.orders)
        heard.add(heard_now)
    show_orders(given.screens, (without, among), heard, console)


def show_orders(screens: int, rounds: tuple[Round, Round], heard: Heard, console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for head in ("", "orders/s", "p50 ms", "p99 ms", "web CPU ms/order"):
        table.add_column(head, justify="right" if head else "left")
    names = ("nobody beside it", f"{screens} screens, {screens} long polls")
    for name, one in zip(names, rounds, strict=True):
        figures = (one.rate, one.percentile(0.5), one.percentile(0.99))
        cpu = one.cpu.get("web", 0) / len(one.milliseconds) * 1000
        table.add_row(name, *(f"{figure:.1f}" for figure in (*figures, cpu)))
    console.print(table)
    without, among = (one.percentile(0.99) for one in rounds)
    console.print(
        f"p99 is {among / without:.2f} times as long (goal: at most {GOAL_RATIO:g});"
        f" {len(heard.milliseconds)} deliveries, {heard.lost} clients lost",
    )


PARTS = {"deliveries": deliveries, "orders": orders}


def main(arguments: Sequence[str]) -> int:
    given, console = parser().parse_args(arguments), Console(highlight=False, soft_wrap=True)
    try:
        for database in [given.database] if given.database else ["postgres", "sqlite"]:
            with stack(database, ["web", "relay", "worker1"]) as up, House(up) as house:
                for name in [given.only] if given.only else PARTS:
                    console.rule(f"{name}, {database}", align="left")
                    PARTS[name](house, given, console)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
