"""`python -m bench.receivers`: what a bad receiver costs the good ones, and what a kill costs."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from tempfile import NamedTemporaryFile

from rich.console import Console

from bench.cost.stack import Stack, stack
from bench.receivers.house import Receivers, Told
from bench.streams.house import House, Round
from restaurant.run import ports
from restaurant.run.brief_server import running
from restaurant.run.place import ROOT
from restaurant.run.processes import manage, python
from restaurant.run.refusal import Refusal

ABOUT = """\
Starts the restaurant anew, as ./run does, with a webhook for each receiver. Orders are placed, and
cancelled at the end of a round; each delivery is verified by the standardwebhooks library.

beside  in turns without and with a receiver that answers nobody: how long from an event to its
        arrival at the good ones
kills   the process that delivers is killed (-9) again and again: what was lost, and what came twice
"""
GOAL = 1.1


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="python -m bench.receivers",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = arguments.add_argument
    add("--receivers", type=int, default=20, help="good ones (%(default)s)")
    add("--orders", type=int, default=500, help="in all (%(default)s)")
    add("--rate", type=float, default=5, help="orders a second (%(default)g)")
    add("--rounds", type=int, default=2, help="each without and with (%(default)s)")
    add("--bad", choices=["hang", "faulty"], default="hang", help="how it answers (%(default)s)")
    add("--seed", type=int, default=1, help="of the moments of the kills (%(default)s)")
    add("--database", choices=["postgres", "sqlite"], default="postgres", help="(%(default)s)")
    add("--only", choices=sorted(PARTS), help="only one of the two")
    return arguments


@contextmanager
def house_of(given: argparse.Namespace, *processes: str) -> Iterator[tuple[Stack, Receivers]]:
    """The restaurant, all of it or without who delivers, and its receivers in one process."""
    port = ports.choose_free()
    listen = python("-m", "uvicorn", "bench.receivers.app:app", "--port", str(port))
    with (
        stack(given.database, ["web", "relay", *processes], WEBHOOK_ALLOW="127.0.0.0/8") as up,
        logged(listen, lambda _: ports.answers_http(port, "/", {200}), up.env),
        House(up) as house,
    ):
        yield up, Receivers(house, port, given.receivers)


@contextmanager
def logged(
    command: Sequence[str], is_ready: Callable[[str], bool], env: Mapping[str, str]
) -> Iterator[int]:
    """A process from when it is ready, by what it has said; its pid."""
    with NamedTemporaryFile() as file:
        log = Path(file.name)
        with running(command, log, lambda: is_ready(log.read_text()), cwd=ROOT, env=env) as pid:
            yield pid


def beside(given: argparse.Namespace, console: Console) -> None:
    """In turns, so that what the machine does beside it falls on both alike."""
    orders = given.orders // (2 * given.rounds)
    without, among = Told(), Told()
    with house_of(given, "webhooks") as (_, receivers):
        for number in range(2 * given.rounds):
            if number % 4 in (0, 3):
                without += a_round(receivers, orders, given.rate)
                continue
            with receivers.beside(given.bad):
                among += a_round(receivers, orders, given.rate)
    for name, told in (("alone", without), (f"beside one: {given.bad}", among)):
        console.print(
            f"{given.receivers} receivers {name}: {len(told.milliseconds)} deliveries,"
            f" p50 {told.percentile(0.5):.0f} ms, p95 {told.percentile(0.95):.0f} ms"
        )
    ratio = among.percentile(0.95) / without.percentile(0.95)
    console.print(f"p95 is {ratio:.2f} times as long (goal: at most {GOAL:g})")


def a_round(receivers: Receivers, orders: int, rate: float) -> Told:
    """Each order is placed and cancelled: two events."""
    receivers.house.post(orders, rate)
    return receivers.told(2 * orders)


def kills(given: argparse.Namespace, console: Console) -> None:
    dice, count = Random(given.seed), 0  # noqa: S311  no secret
    with house_of(given) as (up, receivers), ThreadPoolExecutor(1) as pool:
        posting: Future[Round] = pool.submit(receivers.house.post, given.orders, given.rate)
        while not posting.done():
            with sender(up) as pid:
                time.sleep(dice.uniform(0.5, 3))
                os.kill(pid, signal.SIGKILL)
                count += 1
        posting.result()
        with sender(up):
            told = receivers.told(2 * given.orders)
    heard = {len(set(ids)) for ids in told.ids.values()}
    console.print(
        f"{given.orders} orders, {given.receivers} receivers, {count} kills: each heard"
        f" {heard} of {2 * given.orders} events; {told.repeated} came twice; {told.gaps} gaps"
    )


def sender(up: Stack) -> AbstractContextManager[int]:
    """A process that delivers."""
    return logged(manage("webhooks"), lambda said: " ready." in said, up.env)


PARTS = {"beside": beside, "kills": kills}


def main(arguments: Sequence[str]) -> int:
    given, console = parser().parse_args(arguments), Console(highlight=False, soft_wrap=True)
    try:
        for name in [given.only] if given.only else PARTS:
            console.rule(f"{name}, {given.database}", align="left")
            PARTS[name](given, console)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
