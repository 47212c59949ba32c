"""`./run rush`: guests order, cooks cook, and at the end stands how well it went."""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console

from bench.rush.arguments import options_of, read
from bench.rush.demo import Demo, Stopped, read_demo
from bench.rush.kitchens import picture_of, table_of_kitchens
from bench.rush.options import COUNTER, Options
from bench.rush.record import Record
from bench.rush.report import Figures, complaints, figures_of, table_of
from bench.rush.rush import rush

NOT_ALL_READY, CAN_NOT_RUN = 1, 2
#: As a shell counts what ends by SIGINT or SIGTERM.
INTERRUPTED, TERMINATED = 130, 143


async def interruptible(demo: Demo, options: Options, console: Console) -> Record:
    """The rush; SIGTERM ends it as tidily as Ctrl-C."""
    loop, me = asyncio.get_running_loop(), asyncio.current_task()
    if me:
        loop.add_signal_handler(signal.SIGTERM, me.cancel)
    return await rush(demo, options, console)


def carry_out(demo: Demo, options: Options, console: Console) -> Record:
    """Raises Stopped, also out of the groups in which everybody acts at the same time."""
    reasons: list[Stopped] = []
    try:
        return asyncio.run(interruptible(demo, options, console))
    except* Stopped as group:
        reasons += leaves(group)
    raise reasons[0]


def leaves(group: BaseExceptionGroup[Stopped]) -> list[Stopped]:
    """What is in the group, at whatever depth."""
    found: list[Stopped] = []
    for error in group.exceptions:
        found += leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def all_of(given: argparse.Namespace, console: Console) -> list[Figures]:
    """One kitchen after the other. Raises Stopped."""
    demo = read_demo(given.demo)
    return [
        figures_of(carry_out(demo, options, console), options.speed)
        for options in options_of(given)
    ]


def show(found: Sequence[Figures], given: argparse.Namespace, console: Console) -> None:
    """A rush in one kitchen has a table of its own; of several one says how they compare."""
    alone = len(found) == 1
    if alone:
        console.print(table_of(found[0]))
    if not alone or given.kitchen == COUNTER:
        console.print(table_of_kitchens(found))
    if given.json:
        shown = asdict(found[0]) if alone else [asdict(figures) for figures in found]
        given.json.write_text(json.dumps(shown, indent=2) + "\n")
        if not alone:
            given.json.with_suffix(".svg").write_text(picture_of(found))


def main(arguments: Sequence[str]) -> int:
    given = read(arguments)
    console = Console()
    try:
        found = all_of(given, console)
    except Stopped as reason:
        sys.stderr.write(f"{reason}\n")
        return CAN_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    except asyncio.CancelledError:
        return TERMINATED
    show(found, given, console)
    wrong = [complaint for figures in found for complaint in complaints(figures)]
    for complaint in wrong:
        sys.stderr.write(f"{complaint}\n")
    return NOT_ALL_READY if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
