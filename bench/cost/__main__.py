"""`python -m bench.cost`: what an order costs, beside bare Celery and a bare DRF view."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench.cost.meter import Watched, redis_pid
from bench.cost.report import Run, show
from bench.cost.stack import Stack, stack
from bench.cost.told import drive
from restaurant.run.brief_server import brief_redis, running
from restaurant.run.place import ROOT
from restaurant.run.processes import python
from restaurant.run.refusal import Refusal

ABOUT = """\
The workload is "one order": two trays, each with a dish of two steps and a drink; six tickets.
Cooks press start and done at once. All is started anew, as ./run starts it, on its own servers.

floor   bare Celery: two chords an order, no database
engine  orders placed and presses made by calling the services
whole   POST and two presses per ticket over HTTP; the web process is counted too
POST    POST orders/ alone
bare    a bare DRF view that inserts the same rows and sends a task
"""

ENGINE = ("relay", "worker1", "worker2")
WARM_UP = 16


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="python -m bench.cost",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = arguments.add_argument
    add("--orders", type=int, default=120, help="orders a run (%(default)s)")
    add("--at-once", type=int, default=16, help="orders in the house at once (%(default)s)")
    add("--rounds", type=int, default=3, help="how often each is run, in turn (%(default)s)")
    add("--database", choices=["postgres", "sqlite"], help="only one of the two")
    add("--only", choices=["floor", "engine", "whole", "POST", "bare"], action="append")
    return arguments


@contextmanager
def floor() -> Iterator[Stack]:
    """A Redis and a worker with Celery's own settings."""
    with (
        tempfile.TemporaryDirectory(prefix="tamsang-cost-") as name,
        brief_redis(Path(name)) as url,
    ):
        env, log = {**os.environ, "REDIS_URL": url}, Path(name) / "worker.log"
        worker = python(
            *("-m", "celery", "-A", "bench.cost.floor", "worker"),
            *("--concurrency", "2", "--loglevel", "INFO"),
        )
        with running(worker, log, lambda: " ready." in log.read_text(), cwd=ROOT, env=env) as pid:
            yield Stack(env, Watched({"redis": redis_pid(url), "worker": pid}, url))


def run_floor(orders: int, at_once: int) -> Run:
    with floor() as up:
        drive("bench.cost.floor", [WARM_UP, at_once], *up)
        return Run("floor", "none", orders, *drive("bench.cost.floor", [orders, at_once], *up))


def run_day(name: str, database: str, orders: int, at_once: int) -> Run:
    by, names = ("http", (*ENGINE, "web")) if name == "whole" else ("services", ENGINE)
    with stack(database, names) as up:
        drive("bench.cost.kitchen_day", [by, WARM_UP, at_once], *up)
        return Run(
            name, database, orders, *drive("bench.cost.kitchen_day", [by, orders, at_once], *up)
        )


def run_posts(name: str, database: str, orders: int, at_once: int) -> Run:
    with stack(database, ["bare" if name == "bare" else "web"]) as up:
        return Run(name, database, orders, *drive("bench.cost.posts", [orders, at_once], *up))


def runs(given: argparse.Namespace) -> list[tuple[str, str]]:
    """What is run in one round: the name and the database."""
    databases = [given.database] if given.database else ["postgres", "sqlite"]
    everything = [
        ("floor", "none"),
        *((name, kind) for name in ("engine", "whole", "POST", "bare") for kind in databases),
    ]
    return [(name, kind) for name, kind in everything if not given.only or name in given.only]


def run(name: str, database: str, given: argparse.Namespace) -> Run:
    if name == "floor":
        return run_floor(given.orders, given.at_once)
    if name in ("POST", "bare"):
        # Short, and the request's cost does not depend on how many wait: more of them.
        return run_posts(name, database, given.orders * 3, given.at_once // 2)
    return run_day(name, database, given.orders, given.at_once)


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    console, done = Console(), []
    try:
        for number in range(given.rounds):
            in_turn = runs(given)[:: -1 if number % 2 else 1]
            for name, database in in_turn:
                console.print(f"round {number + 1}: {name} {database}", highlight=False)
                done.append(run(name, database, given))
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    show(done, console)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
