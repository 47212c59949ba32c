"""`python -m bench.many_orders`: is the house as fast with 100,000 orders as with 1,000?"""

import argparse
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import psycopg
from rich.console import Console
from rich.progress import track

from bench.many_orders.clerk import Clerk, HouseFailed, clerk_of
from bench.many_orders.databases import SIZES, two_databases
from bench.many_orders.report import LIMIT, Answered, complaints, table_of
from bench.rush.arguments import count

TOO_SLOW, CAN_NOT_RUN = 1, 2
#: As a shell counts what ends by SIGINT or SIGTERM.
INTERRUPTED, TERMINATED = 130, 143

ABOUT = f"""\
Makes two databases of its own, one with few past orders and one with many, with the same open
orders in both, asks both the same questions in turns, and takes them away again. The exit code is 1
if the order list, one order, the tickets of a zone, a list of the admin or its dashboard takes more
than {LIMIT} times as long with many. Nothing of a running restaurant is touched.
"""


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m bench.many_orders", description=ABOUT)
    add = arguments.add_argument
    add("--few", type=count, default=1_000, metavar="N", help="past orders (%(default)s)")
    add("--many", type=count, default=100_000, metavar="N", help="past orders (%(default)s)")
    add("--open", type=count, default=30, metavar="N", help="open orders, in both (%(default)s)")
    add("--rounds", type=count, default=20, metavar="N", help="turns of each house (%(default)s)")
    add("--only", default="", metavar="REGEX", help="only the questions whose name has this")
    add(
        "--database",
        default="sqlite",
        metavar="URL",
        help="sqlite (the default), or a PostgreSQL server where databases may be made: "
        "postgres://user:password@host/postgres",
    )
    return arguments


#: Times that each house is asked in a row, in each of its turns.
IN_A_ROW = 3


def measure(given: argparse.Namespace, console: Console) -> list[Answered]:
    """Raises HouseFailed."""
    with ExitStack() as stack:
        databases = stack.enter_context(two_databases(given.database))
        clerks = {size: stack.enter_context(clerk_of(databases[size])) for size in SIZES}
        for size in SIZES:
            clerks[size].send("fill", getattr(given, size), given.open)
        for size in SIZES:
            console.print(f"{size}: {clerks[size].receive()}", highlight=False)
        show_sizes(clerks["many"].call("sizes"), given.many, console)
        names = [
            (name, promised)
            for name, promised in clerks["few"].call("names")
            if re.search(given.only, name)
        ]
        shown = track(names, "Asking", console=console, disable=not console.is_terminal)
        return [ask(clerks, name, promised, given.rounds) for name, promised in shown]


def ask(clerks: dict[str, Clerk], name: str, promised: bool, rounds: int) -> Answered:
    """What looks slow is asked again, three times as often: it may have been the machine."""
    statements = clerks["many"].call("count", name)
    times: dict[str, list[float]] = {size: [] for size in SIZES}
    for more in (rounds, 3 * rounds):
        take_turns(clerks, name, more, times)
        answered = Answered(name, promised, times["few"], times["many"], statements)
        if not answered.too_slow:
            break
    return answered


def take_turns(
    clerks: dict[str, Clerk], name: str, rounds: int, times: dict[str, list[float]]
) -> None:
    """In turns, so that whatever else the machine does is shared by both."""
    for size in SIZES:
        clerks[size].call("ask", name, 1)
    for turn in range(rounds):
        for size in SIZES if turn % 2 else reversed(SIZES):
            times[size] += clerks[size].call("ask", name, IN_A_ROW)


def show_sizes(sizes: dict[str, int], orders: int, console: Console) -> None:
    for table, size in sizes.items():
        console.print(f"{table:<30}{size / orders:>8.0f} bytes an order", highlight=False)


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    console = Console()
    try:
        answers = measure(given, console)
    except HouseFailed:
        return CAN_NOT_RUN
    except psycopg.Error as error:
        sys.stderr.write(f"{error}\n")
        return CAN_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    console.print(table_of(answers, given.few, given.many))
    found = complaints(answers)
    for complaint in found:
        sys.stderr.write(f"{complaint}\n")
    return TOO_SLOW if found else 0


if __name__ == "__main__":
    # So that the databases are taken away then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    sys.exit(main(sys.argv[1:]))
