"""`./run rush`: guests order, cooks cook, and at the end stands how well it went."""

import argparse
import asyncio
import json
import math
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from bench.rush.demo import Demo, Stopped, read_demo
from bench.rush.guests import BUSY, STEP_SECONDS
from bench.rush.record import Record
from bench.rush.report import Figures, complaints, figures_of, table_of
from bench.rush.rush import Options, rush

NOT_ALL_READY, CAN_NOT_RUN = 1, 2
#: As a shell counts what ends by SIGINT or SIGTERM.
INTERRUPTED, TERMINATED = 130, 143

ABOUT = """\
Puts the running restaurant under load, from outside, over its REST API alone: guests post orders,
cooks press start, wait as long as the dish takes, and press done. It ends when every order that was
placed is ready, and says how well it went. The exit code is 1 if an order did not become ready, or
was refused for another reason than that something is sold out, a zone closed, or the kitchen full.
"""


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="./run rush", description=ABOUT)
    add = arguments.add_argument
    add("--orders", type=count, default=30, metavar="N", help="how many orders (%(default)s)")
    add("--cooks", type=count, default=2, metavar="N", help="cooks per zone (%(default)s)")
    add(
        "--speed",
        type=amount,
        default=60.0,
        metavar="X",
        help="how much faster than a real kitchen's the time runs, up to 1000 (%(default)g)",
    )
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
        "cooks can do by the demo's recipes",
    )
    add(
        "--pace",
        choices=["on", "off"],
        help="hold back what is quick, or fire all at once; without it as the kitchen is set",
    )
    add(
        "--quote-limit",
        type=count,
        metavar="MINUTES",
        help="take no order that would be ready later; minutes of the clock on the wall",
    )
    add("--seed", type=int, default=1, help="the same seed, the same guests (%(default)s)")
    add(
        "--timeout",
        type=amount,
        default=300.0,
        metavar="SECONDS",
        help="how long to wait for ready orders once the last is placed (%(default)g)",
    )
    add(
        "--demo",
        type=Path,
        default=Path(os.environ.get("VAR") or "var") / "demo.json",
        metavar="FILE",
        help="the demo.json of the running restaurant ($VAR/demo.json)",
    )
    add("--json", type=Path, metavar="FILE", help="write the figures there too")
    return arguments


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def amount(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


async def interruptible(demo: Demo, options: Options, console: Console) -> Record:
    """The rush; SIGTERM ends it as tidily as Ctrl-C."""
    loop, me = asyncio.get_running_loop(), asyncio.current_task()
    if me:
        loop.add_signal_handler(signal.SIGTERM, me.cancel)
    return await rush(demo, options, console)


def carry_out(given: argparse.Namespace, console: Console) -> Figures:
    """Raises Stopped, also out of the groups in which everybody acts at the same time."""
    options = Options(
        given.orders,
        given.cooks,
        given.speed,
        given.rate,
        given.seed,
        given.timeout,
        load=given.load,
        pace=given.pace and given.pace == "on",
        quote_limit=given.quote_limit,
    )
    reasons: list[Stopped] = []
    try:
        record = asyncio.run(interruptible(read_demo(given.demo), options, console))
    except* Stopped as group:
        reasons += leaves(group)
    if reasons:
        raise reasons[0]
    figures = figures_of(record, given.speed)
    if given.json:
        given.json.write_text(json.dumps(asdict(figures), indent=2) + "\n")
    return figures


def leaves(group: BaseExceptionGroup[Stopped]) -> list[Stopped]:
    """What is in the group, at whatever depth."""
    found: list[Stopped] = []
    for error in group.exceptions:
        found += leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    console = Console()
    try:
        figures = carry_out(given, console)
    except Stopped as reason:
        sys.stderr.write(f"{reason}\n")
        return CAN_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    except asyncio.CancelledError:
        return TERMINATED
    console.print(table_of(figures))
    found = complaints(figures)
    for complaint in found:
        sys.stderr.write(f"{complaint}\n")
    return NOT_ALL_READY if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
