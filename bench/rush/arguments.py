"""What can be said to the rush."""

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path

from bench.rush.guests import BUSY, STEP_SECONDS
from bench.rush.options import COUNTER, ZONES, Options

ABOUT = """\
Puts the running restaurant under load, from outside, over its REST API alone: guests post orders,
cooks press start, wait as long as the dish takes, and press done. It ends when every order that was
placed is ready, and says how well it went. The exit code is 1 if an order did not become ready, or
was refused for another reason than that something is sold out, a zone closed, or the kitchen full.

With --kitchen both, or several numbers of cooks, the same guests come to each kitchen, one after
the other, and all are held beside each other. At a counter each cook takes one order at a time and
does everything: the order, each step of it, serving, the bill, clearing the table.
"""


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="./run rush", description=ABOUT)
    ask_who_comes(arguments)
    ask_who_cooks(arguments)
    ask_for_settings(arguments)
    ask_where(arguments)
    return arguments


def read(words: Sequence[str]) -> argparse.Namespace:
    """Ends the program for what can't be, as argparse does."""
    known = parser()
    given = known.parse_args(words)
    if given.dish_minutes and given.kitchen != COUNTER:
        known.error("--dish-minutes needs --kitchen counter: zones cook by their recipes")
    return given


def ask_who_comes(arguments: argparse.ArgumentParser) -> None:
    add = arguments.add_argument
    add("--orders", type=count, default=30, metavar="N", help="how many orders (%(default)s)")
    add(
        "--rate",
        type=amount,
        metavar="N",
        help="orders per minute of kitchen time; without it as many as keep the cooks of the "
        f"busiest zone at work for {BUSY:.0%}% of their time, a step taken as "
        f"{STEP_SECONDS['dish']} s, of a drink {STEP_SECONDS['drink']} s",
    )
    add(
        "--load",
        type=amount,
        metavar="X",
        help="instead of a rate: the work that comes to the busiest zone, as a share of what its "
        "cooks can do by the demo's recipes; of several numbers of cooks the largest counts",
    )
    add("--seed", type=int, default=1, help="the same seed, the same guests (%(default)s)")


def ask_who_cooks(arguments: argparse.ArgumentParser) -> None:
    add = arguments.add_argument
    add(
        "--kitchen",
        choices=[ZONES, COUNTER, "both"],
        default=ZONES,
        help="cooks at their zones, or as many at a counter (%(default)s)",
    )
    add(
        "--cooks",
        type=counts,
        default=[2],
        metavar="N[,N…]",
        help="cooks per zone; 1,2,4 tries each (2)",
    )
    add(
        "--placed",
        type=by_zone,
        default={},
        metavar="ZONE=N[,…]",
        help="zones with another number of cooks, for instance as manage.py plan says",
    )
    add("--people", type=count, metavar="N", help="at the counter; without it as many as in zones")
    add(
        "--dish-minutes",
        type=amount,
        metavar="M",
        help="at the counter: each guest orders one dish, and it takes so long",
    )


def ask_for_settings(arguments: argparse.ArgumentParser) -> None:
    add = arguments.add_argument
    add(
        "--speed",
        type=amount,
        default=60.0,
        metavar="X",
        help="how much faster than a real kitchen's the time runs, up to 1000 (%(default)g)",
    )
    add(
        "--pace",
        choices=["on", "off"],
        help="hold back what is quick, or fire all at once; without it as the kitchen is set. At a "
        "counter nothing is held back",
    )
    add(
        "--quote-limit",
        type=count,
        metavar="MINUTES",
        help="take no order that would be ready later; minutes of the clock on the wall",
    )


def ask_where(arguments: argparse.ArgumentParser) -> None:
    add = arguments.add_argument
    add(
        "--timeout",
        type=amount,
        default=300.0,
        metavar="SECONDS",
        help="how long to wait for ready orders once the last guest has come (%(default)g)",
    )
    add(
        "--demo",
        type=Path,
        default=Path(os.environ.get("VAR") or "var") / "demo.json",
        metavar="FILE",
        help="the demo.json of the running restaurant ($VAR/demo.json)",
    )
    add(
        "--json",
        type=Path,
        metavar="FILE",
        help="write the figures there too; of several kitchens also a picture, FILE.svg",
    )


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def counts(text: str) -> list[int]:
    return [count(number) for number in text.split(",")]


def by_zone(text: str) -> dict[str, int]:
    try:
        return {zone: count(cooks) for zone, cooks in (p.split("=") for p in text.split(","))}
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not like fry=3,boil=2") from None


def amount(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def options_of(given: argparse.Namespace) -> list[Options]:
    """One for each kitchen that is to be tried, all with the same guests."""
    kitchens = [COUNTER, ZONES] if given.kitchen == "both" else [given.kitchen]
    return [
        Options(
            given.orders,
            cooks,
            given.speed,
            given.rate,
            given.seed,
            given.timeout,
            load=given.load,
            pace=given.pace and given.pace == "on",
            quote_limit=given.quote_limit,
            kitchen=kitchen,
            placed=given.placed,
            people=given.people,
            dish_minutes=given.dish_minutes,
            crowd=max(given.cooks),
        )
        for cooks in given.cooks
        for kitchen in kitchens
    ]
