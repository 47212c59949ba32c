"""`./run chaos`: faults done to the running product, judged by what stands in its database."""

import argparse
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from restaurant.run.refusal import Refusal
from tests.chaos.experiments import EXPERIMENTS, Experiment
from tests.chaos.figures import Figures, as_json, figures_of
from tests.chaos.house import HouseFault
from tests.chaos.page import page_of
from tests.chaos.report import is_good, table_of, totals_of
from tests.chaos.run import Wish, carry_out

#: What is run when nothing is named: one of each kind, in a few minutes.
SHORT = ("E01-workers", "E03-anybody", "E04-web", "E08-redis-lost", "E15-last-portion")
#: Of what is written into a file.
WIDTH = 160
BROKEN, CAN_NOT_RUN, INTERRUPTED = 1, 2, 130
ABOUT = """\
Starts the real product on its own ports and in its own folder, drives it with guests, cooks and
waiters over HTTP, does harm to it, lets it heal, and has a checker judge what the callers saw and
what stands in the database. The exit code is 1 if a promise was broken, or a run shows nothing;
with --sabotage, if the checker did not find what was taken away.
"""


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="./run chaos", description=ABOUT)
    add = arguments.add_argument
    add("names", nargs="*", metavar="NAME", help="experiments, or beginnings of their names; all")
    add("--minutes", type=float, metavar="N", help="go round until so much time is over")
    add("--seconds", type=float, default=20.0, help="of load in each run (%(default)g)")
    add("--seed", type=int, help="of the first run, the next ones count up (random)")
    add("--database", choices=["sqlite", "postgres", "both"], default="sqlite")
    add("--guests", type=int, metavar="N", help="instead of the experiment's own number")
    add("--sabotage", action="store_true", help="take the protection away: it must be found")
    add("--prove", action="store_true", help="each run twice: as it is, and with its sabotage")
    add("--hurry", action="store_true", help="messages of the dead come back after 6 s, not 60 s")
    add("--folder", type=Path, help="keep the runs there, beside those that it has")
    add("--list", action="store_true", help="say which experiments there are")
    return arguments


def chosen(names: Sequence[str]) -> list[Experiment]:
    """Those that are named, or begin so; raises Refusal for a name that means nothing."""
    if names == ["all"]:
        return list(EXPERIMENTS.values())
    found = [
        experiment
        for name in names or SHORT
        for experiment in EXPERIMENTS.values()
        if experiment.name.startswith(name)
    ]
    for name in names:
        if not any(experiment.name.startswith(name) for experiment in found):
            raise Refusal(f"There is no experiment {name!r}: see ./run chaos --list")
    return found


def wishes(given: argparse.Namespace) -> Iterator[Wish]:
    """What is to be run: once round, or round and round until the minutes are over."""
    databases = ["sqlite", "postgres"] if given.database == "both" else [given.database]
    seed = random.randrange(1_000_000) if given.seed is None else given.seed
    until = time.monotonic() + 60 * (given.minutes or 0)
    first_round = True
    while first_round or time.monotonic() < until:
        for experiment in chosen(given.names):
            for database in databases:
                if database not in experiment.databases:
                    continue
                if given.minutes and time.monotonic() > until:
                    return
                seconds = max(given.seconds, experiment.least_seconds)
                load = experiment.load
                if given.guests:
                    load = replace(load, guests=given.guests)
                wish = Wish(experiment, seed, seconds, database, load=load, hurried=given.hurry)
                if not given.sabotage:
                    yield wish
                if given.sabotage or given.prove:
                    yield replace(wish, sabotaged=True)
                seed += 1
        first_round = False


def main(words: Sequence[str]) -> int:
    given = parser().parse_args(words)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    if given.list:
        for experiment in EXPERIMENTS.values():
            where = "" if len(experiment.databases) > 1 else f" ({experiment.databases[0]} only)"
            console.print(f"{experiment.name:<18} {experiment.title}{where}")
        return 0
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder = given.folder or Path(os.environ.get("VAR") or "var") / "chaos" / stamp
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    code = 0
    try:
        for wish in wishes(given):
            try:
                good = is_good(one_run(wish, folder, console))
            except HouseFault as fault:  # the others may do better
                console.print(f"  It could not be run: {fault}")
                good = False
            code = code or (0 if good else BROKEN)
    except Refusal as reason:
        sys.stderr.write(f"{reason}\n")
        code = CAN_NOT_RUN
    except KeyboardInterrupt:
        code = INTERRUPTED
    conclude(folder, console, f"./run chaos {' '.join(words)}")
    return code


def one_run(wish: Wish, folder: Path, console: Console) -> Figures:
    """Carry it out, and add what it has shown to the folder; a good run leaves only that."""
    name = f"{wish.experiment.name}-{wish.database}-{wish.seed}"
    place = folder / (f"{name}-sabotaged" if wish.sabotaged else name)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    without = f", without: {', '.join(wish.sabotage)}" if wish.sabotaged else ""
    console.print(f"{wish.experiment.name} on {wish.database}, seed {wish.seed}{without} …")
    run = figures_of(carry_out(wish, place))
    with (folder / "runs.jsonl").open("a") as file:
        file.write(json.dumps(as_json(run)) + "\n")
    console.print(f"  {run.verdict}: {run.orders} orders, {sum(run.faults.values())} faults")
    for example in [] if run.verdict == "kept" else run.examples[:6]:
        console.print(f"    {example}")
    if run.invalid:
        console.print(f"    It shows nothing: {run.invalid}.")
    if is_good(run):
        shutil.rmtree(place)
    else:
        console.print(f"    Its history, log and database are kept: {place}")
    return run


def conclude(folder: Path, console: Console, command: str) -> None:
    """The table of all runs of the folder, and its page."""
    kept = folder / "runs.jsonl"
    if not kept.exists():
        return
    runs = [Figures(**json.loads(line)) for line in kept.read_text().splitlines()]
    console.print(table_of(runs))
    for name, value in totals_of(runs).items():
        console.print(f"{name:<28} {value}")
    (folder / "report.html").write_text(page_of(runs, command))
    console.print(f"\nA page with the pictures: {folder / 'report.html'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
