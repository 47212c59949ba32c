"""`python -m bench.plan`: what the planner predicts, beside what a rush of the same guests is."""

import argparse
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.plan.machine import ways_of
from bench.plan.report import Compared, Seen, table_of
from bench.rush.__main__ import CAN_NOT_RUN, INTERRUPTED, carry_out
from bench.rush.arguments import amount, count
from bench.rush.demo import Stopped, read_demo
from bench.rush.options import Options
from bench.rush.record import Record
from bench.rush.report import figures_of
from restaurant.run.place import ROOT
from restaurant.run.processes import python

ABOUT = """\
For each setting a rush on the running restaurant (./run), and an evening of the planner with the
guests of the same seed and the recipes of that house: waits and how busy the zones were, side by
side.
"""
#: Cooks per zone, load of the busiest zone, pacing.
SETTINGS = ("2:0.8:on", "2:0.8:off", "3:1:on")


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m bench.plan", description=ABOUT)
    add = arguments.add_argument
    add("--orders", type=count, default=60, help="(%(default)s)")
    add("--speed", type=amount, default=60.0, help="as in ./run rush (%(default)g)")
    add("--seed", type=int, default=1, help="(%(default)s)")
    add("--timeout", type=amount, default=900.0, help="as in ./run rush (%(default)g)")
    add(
        "--setting",
        action="append",
        type=setting,
        metavar="COOKS:LOAD:on|off",
        help=f"cooks per zone, load, pacing; several times ({' '.join(SETTINGS)})",
    )
    add("--demo", type=Path, default=Path(os.environ.get("VAR") or "var") / "demo.json")
    add("--json", type=Path, metavar="FILE", help="write it there too")
    return arguments


def setting(text: str) -> tuple[int, float, bool]:
    try:
        cooks, load, pace = text.split(":")
        return count(cooks), amount(load), {"on": True, "off": False}[pace]
    except (ValueError, KeyError):
        raise argparse.ArgumentTypeError(f"{text} is not like {SETTINGS[0]}") from None


def compare(
    given: argparse.Namespace, wanted: tuple[int, float, bool], console: Console
) -> Compared:
    """Raises Stopped."""
    cooks, load, pace = wanted
    options = Options(
        given.orders, cooks, given.speed, None, given.seed, given.timeout, load=load, pace=pace
    )
    record = carry_out(read_demo(given.demo), options, console)
    figures = figures_of(record, given.speed)
    wall = figures.wait_seconds
    minutes = given.speed / 60
    measured = Seen((wall.p50 or 0) * minutes, (wall.p95 or 0) * minutes, figures.utilisation)
    said = f"{cooks} cooks a zone, load {load:g}, pacing {'on' if pace else 'off'}"
    return Compared(
        said,
        ways_of(record, given.speed),
        predict(record, options, given.demo),
        measured,
    )


def predict(record: Record, options: Options, demo: Path) -> Seen:
    """The planner's evening, with those guests who were not refused."""
    evening = {
        "cooks": record.staff,
        "holds": options.pace,
        "scale": options.speed,
        "ways": ways_of(record, options.speed),
        "guests": [[guest.arrives, guest.order["lines"]] for guest in taken(record)],
    }
    done = subprocess.run(
        python("-m", "bench.plan.predict"),
        cwd=ROOT,
        env=environment(json.loads(demo.read_text())),
        input=json.dumps(evening),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return Seen(found["p50"] / 60, found["p95"] / 60, found["utilisation"])


def taken(record: Record) -> list[Any]:
    """The guests whose orders were placed, by the number in their client_ref."""
    numbers = {int(order["client_ref"].rpartition("-")[2]) for order in record.orders.values()}
    return [guest for n, guest in enumerate(record.guests, start=1) if n in numbers]


def environment(demo: Mapping[str, Any]) -> dict[str, str]:
    """Of a process that reads the menu of that house."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "restaurant.settings",
        "DEMO": "1",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": demo["database_url"],
        "REDIS_URL": demo["redis_url"],
        "BROKER_URL": "",
        "ALLOWED_HOSTS": "127.0.0.1",
    }


def main(arguments: Sequence[str]) -> int:
    given, console = parser().parse_args(arguments), Console()
    try:
        found = [
            compare(given, wanted, console)
            for wanted in given.setting or [setting(text) for text in SETTINGS]
        ]
    except Stopped as reason:
        sys.stderr.write(f"{reason}\n")
        return CAN_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    console.print(table_of(found))
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
