"""`python -m bench.frozen_redis`: guests order while Redis hangs; what do they notice of it?"""

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx2
from rich.console import Console

from bench.rush.__main__ import leaves
from bench.rush.api import REQUEST_TIMEOUT, Api, Json, Unanswered
from bench.rush.arguments import amount
from bench.rush.demo import Demo, Stopped, read_demo
from bench.rush.guests import plan_orders
from bench.rush.report import percentile

CLIENTS = 8
#: Seconds in which a client thinks about its next order.
PAUSE = 0.5
GLANCE = 0.5
#: In this time all that was ordered must have come to the zones.
PATIENCE = 120.0
#: Above this a guest notices that something hangs.
LIMIT_MILLISECONDS = 500.0
TOO_SLOW_OR_LOST, CAN_NOT_RUN = 1, 2

ABOUT = f"""\
Stops the Redis of the running restaurant for a while, as a machine that hangs (SIGSTOP), while
{CLIENTS} clients post orders, lets it go on, and waits until every order has come to the zones. The
exit code is 1 if an order was not taken or did not come through, or if the p99 of POST is
{LIMIT_MILLISECONDS:.0f} ms or more. The orders are cancelled at the end.
"""


@dataclass
class Record:
    """What the clients saw; an order is the JSON of its 201."""

    orders: list[Json] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    #: Seconds from the thaw until the last order was in the zones; None: not all came.
    through: float | None = None


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m bench.frozen_redis", description=ABOUT)
    arguments.add_argument(
        "--seconds", type=amount, default=20.0, help="how long Redis hangs (%(default)g)"
    )
    arguments.add_argument(
        "--demo",
        type=Path,
        default=Path(os.environ.get("VAR") or "var") / "demo.json",
        metavar="FILE",
        help="the demo.json of the running restaurant ($VAR/demo.json)",
    )
    return arguments


def redis_of(demo_file: Path) -> int:
    """The pid of the restaurant's own Redis; raises Stopped."""
    file = demo_file.parent / "run" / "redis.pid"
    try:
        return int(file.read_text())
    except (OSError, ValueError) as unknown:
        raise Stopped(
            f"There is no {file}: only a Redis that ./run has started can be frozen, not one of "
            "REDIS_URL."
        ) from unknown


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def measure(demo: Demo, redis: int, seconds: float) -> Record:
    """Raises Stopped."""
    loop, me = asyncio.get_running_loop(), asyncio.current_task()
    if me:
        loop.add_signal_handler(signal.SIGTERM, me.cancel)
    record = Record()
    async with httpx2.AsyncClient(
        base_url=f"{demo.url.rstrip('/')}/api/v1/", timeout=REQUEST_TIMEOUT, trust_env=False
    ) as client:
        guest, cook = Api(client, demo.guest), Api(client, demo.cook)
        menu = [item for item in await guest.get("menu/") if item["portions_left"] is None]
        try:
            with frozen(redis):
                async with asyncio.timeout(seconds + REQUEST_TIMEOUT), asyncio.TaskGroup() as group:
                    for number in range(CLIENTS):
                        group.create_task(order_on(guest, menu, number, seconds, record))
            record.through = await wait_for_zones(cook, record.orders)
        finally:
            await cancel_all(guest, record.orders)
    return record


async def order_on(
    guest: Api, menu: Sequence[Json], number: int, seconds: float, record: Record
) -> None:
    """One client: orders, thinks, and orders again."""
    rng = random.Random(number)  # noqa: S311
    run, until = uuid4().hex[:8], time.monotonic() + seconds
    await asyncio.sleep(PAUSE * number / CLIENTS)
    while time.monotonic() < until:
        (order,) = plan_orders(menu, 1, rng)
        body = {**order, "client_ref": f"frozen-{run}-{len(record.milliseconds):06}"}
        try:
            answer = await guest.post("orders/", body, patience=0)
        except Unanswered:
            record.failures["no answer"] += 1
            continue
        record.milliseconds.append(answer.milliseconds)
        if answer.status == 201:
            record.orders.append(answer.body)
        else:
            record.failures[answer.code] += 1
        await asyncio.sleep(PAUSE)


async def wait_for_zones(cook: Api, orders: Sequence[Json]) -> float | None:
    """Seconds until each order's every tray has been called out to its zones."""
    thawed = time.monotonic()
    while (waited := time.monotonic() - thawed) < PATIENCE:
        called = await called_out(cook)
        if all(called[order["id"]] >= len(order["trays"]) for order in orders):
            return waited
        await asyncio.sleep(GLANCE)
    return None


async def called_out(cook: Api) -> dict[str, int]:
    """For each order how many of its trays have a first ticket of every track before a cook."""
    called: dict[str, int] = defaultdict(int)
    async for tray in cook.pages("trays/", state="waiting"):
        first = [ticket for ticket in tray["tickets"] if ticket["position"] == 1]
        called[tray["order_ref"]] += all(ticket["state"] != "held" for ticket in first)
    return called


async def cancel_all(guest: Api, orders: Sequence[Json]) -> None:
    """Leave the kitchen as it was found."""
    for order in orders:
        await guest.post(f"orders/{order['id']}/cancel/", {"reason": "benchmark"}, patience=10)


def report(record: Record, console: Console) -> int:
    p50, p99, longest = (percentile(record.milliseconds, share) or 0 for share in (0.5, 0.99, 1))
    through = "not all" if record.through is None else f"{record.through:.1f} s after the thaw"
    for name, value in {
        "Orders taken while Redis hung": len(record.orders),
        "Not taken": ", ".join(f"{n} {why}" for why, n in record.failures.items()) or 0,
        "POST orders/, ms": f"p50 {p50:.1f}, p99 {p99:.1f}, max {longest:.1f}",
        "All before the cooks": through,
    }.items():
        console.print(f"{name:<31}{value}", highlight=False, soft_wrap=True)
    good = record.orders and not record.failures and record.through is not None
    return 0 if good and p99 < LIMIT_MILLISECONDS else TOO_SLOW_OR_LOST


def main(arguments: Sequence[str]) -> int:
    given = parser().parse_args(arguments)
    reasons: list[Stopped] = []
    try:
        demo, redis = read_demo(given.demo), redis_of(given.demo)
        record = asyncio.run(measure(demo, redis, given.seconds))
    except* Stopped as group:
        reasons += leaves(group)
    if reasons:
        sys.stderr.write(f"{reasons[0]}\n")
        return CAN_NOT_RUN
    return report(record, Console())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
