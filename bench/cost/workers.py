"""`python -m bench.cost.workers`: orders per second with 1, 2, 4 worker processes."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.cost.__main__ import WARM_UP
from bench.cost.report import Run
from bench.cost.stack import stack
from bench.cost.told import drive
from bench.rush.arguments import count, counts
from bench.rush.report import percentile
from restaurant.charts import lines, page
from restaurant.run.refusal import Refusal

ABOUT = """\
The workload is that of bench.cost: orders of six tickets each, pressed as soon as they are fired,
by calling the services. All is started anew for each number of workers, which have four threads
each. The busiest process is told with the share of one core that it takes.
"""


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m bench.cost.workers", description=ABOUT)
    add = arguments.add_argument
    add("--workers", type=counts, default=[1, 2, 4], metavar="N[,N…]", help="(1,2,4)")
    add("--orders", type=count, default=120, help="orders a run (%(default)s)")
    add("--at-once", type=count, default=16, help="orders in the house at once (%(default)s)")
    add("--database", choices=["postgres", "sqlite"], default="postgres", help="(%(default)s)")
    add("--picture", type=Path, metavar="FILE", help="draw it, too: an SVG")
    return arguments


def run(workers: int, given: argparse.Namespace) -> Run:
    names = ["relay", *(f"worker{number}" for number in range(1, workers + 1))]
    with stack(given.database, names) as up:
        drive("bench.cost.kitchen_day", ["services", WARM_UP, given.at_once], *up)
        day = drive("bench.cost.kitchen_day", ["services", given.orders, given.at_once], *up)
    return Run(str(workers), given.database, given.orders, *day)


def per_second(run: Run) -> float:
    return run.orders / run.told.seconds


def shares(run: Run) -> dict[str, float]:
    """Of one core, by process; the driver is who orders and presses."""
    cpu = {"driver": run.told.cpu, **run.usage.cpu}
    return {name: seconds / run.told.seconds for name, seconds in cpu.items()}


def table_of(runs: Sequence[Run]) -> Table:
    table = Table(title=f"Worker processes on {os.cpu_count()} cores, {runs[0].database}")
    for head in ("workers", "orders/s", "p50 ms", "p95 ms", "CPU ms/order", "cores", "busiest"):
        table.add_column(head, justify="left" if head == "busiest" else "right")
    for run in runs:
        share = shares(run)
        busiest = max(share, key=share.__getitem__)
        table.add_row(
            run.name,
            f"{per_second(run):.1f}",
            *(f"{percentile(run.told.milliseconds, part) or 0:.0f}" for part in (0.5, 0.95)),
            *(f"{run.all_cpu:.0f}", f"{sum(share.values()):.2f}"),
            f"{busiest} {share[busiest]:.0%}",
        )
    return table


def picture_of(runs: Sequence[Run]) -> str:
    """SVG."""
    points = [(float(run.name), per_second(run)) for run in runs]
    panel = lines("Orders per second", {"measured": points}, across="worker processes", up="")
    return page("Worker processes", [panel])


def main(arguments: Sequence[str]) -> int:
    given, console = parser().parse_args(arguments), Console()
    runs: list[Run] = []
    try:
        for workers in given.workers:
            console.print(f"{workers} workers", highlight=False)
            runs.append(run(workers, given))
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    console.print(table_of(runs))
    if given.picture:
        given.picture.write_text(picture_of(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
