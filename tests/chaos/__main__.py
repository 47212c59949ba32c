"""`./run chaos`: faults done to the running product, judged by what stands in its database."""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from restaurant.run.brief_server import find_postgres
from restaurant.run.refusal import Refusal
from tests.chaos.experiments import EXPERIMENTS
from tests.chaos.figures import Figures, as_json, figures_of
from tests.chaos.house import HouseFault
from tests.chaos.page import page_of
from tests.chaos.report import as_markdown, table_of, totals_of
from tests.chaos.rounds import FEW_MINUTES, SHORT, entries, is_all_kept, wishes
from tests.chaos.run import Wish, carry_out

#: Of what is written into a file.
WIDTH = 160
BROKEN, CAN_NOT_RUN, INTERRUPTED = 1, 2, 130
#: Many for a long run, with few of which a short one shows enough.
MANY_GUESTS, LONG_LOAD, SHORT_LOAD = 30, 30.0, 10.0
ABOUT = """\
Starts the real product on its own ports and in its own folder, drives it with guests, cooks and
waiters over HTTP, does harm to it, lets it heal, and has a checker judge what the callers saw and
what stands in the database. The exit code is 1 if a promise was broken, or a run shows nothing;
with --sabotage, if the checker did not find what was taken away.

--minutes N alone is a set of its own: each experiment as it is and with its protection taken away,
on both databases, and then round and round. Under ten minutes that is only the first one, which
does a little of all, else it is all of them, with 30 guests. With --folder the same command goes
on where it was interrupted.
"""


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(
        prog="./run chaos",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = arguments.add_argument
    add("names", nargs="*", metavar="NAME", help="experiments, or beginnings of their names; all")
    add("--minutes", type=float, metavar="N", help="each once, then again until these are over")
    add("--seconds", type=float, help="of load in each run (20, or as the minutes want it)")
    add("--seed", type=int, help="of the first run, the next ones count up (random)")
    add("--database", choices=["sqlite", "postgres", "both"], help="sqlite; with --minutes both")
    add("--guests", type=int, metavar="N", help="instead of the experiment's own number")
    add("--sabotage", action="store_true", help="take the protection away: it must be found")
    add("--prove", action="store_true", help="each run twice: as it is, and with its sabotage")
    add("--hurry", action="store_true", help="messages of the dead come back after 6 s, not 60 s")
    add("--folder", type=Path, help="where runs and report are kept; what is there is gone on with")
    add("--list", action="store_true", help="say which experiments there are")
    return arguments


def understood(words: Sequence[str]) -> argparse.Namespace:
    """What is asked for, with all that it does not say."""
    given = parser().parse_args(words)
    if given.minutes and not given.names:
        few = given.minutes < FEW_MINUTES
        given.names = list(SHORT) if few else ["all"]
        given.database = given.database or "both"
        given.seconds = given.seconds or (SHORT_LOAD if few else LONG_LOAD)
        given.guests = given.guests or (None if few else MANY_GUESTS)
        given.prove, given.hurry = not given.sabotage, given.hurry or few
    given.names = given.names or list(SHORT)
    given.database = given.database or "sqlite"
    given.seconds = given.seconds or 20.0
    if given.database != "sqlite" and find_postgres() is None:
        raise Refusal(
            "There is no PostgreSQL here. Type: apt-get install postgresql (or --database sqlite)"
        )
    return given


def main(words: Sequence[str]) -> int:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    try:
        given = understood(words)
        if given.list:
            show_list(console)
            return 0
        return run_all(given, console, f"./run chaos {' '.join(words)}")
    except Refusal as reason:
        sys.stderr.write(f"{reason}\n")
        return CAN_NOT_RUN


def show_list(console: Console) -> None:
    for experiment in EXPERIMENTS.values():
        where = "" if len(experiment.databases) > 1 else f" ({experiment.databases[0]} only)"
        console.print(f"{experiment.name:<18} {experiment.title}{where}")


def run_all(given: argparse.Namespace, console: Console, command: str) -> int:
    """The exit code; what was run is kept in the folder, whatever ends it."""
    places = Path(os.environ.get("VAR") or "var").absolute() / "chaos"
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    folder = (given.folder or places / stamp).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    interrupted = False
    try:
        for wish in wishes(given, lambda: kept_in(folder)):
            try:
                one_run(wish, places / "runs", folder, console)
            except HouseFault as fault:  # the others may do better
                console.print(f"  It could not be run: {fault}")
    except KeyboardInterrupt:
        interrupted = True
    runs = kept_in(folder)
    conclude(runs, folder, console, command)
    if interrupted:
        return INTERRUPTED
    return 0 if is_all_kept(entries(given), runs) else BROKEN


def one_run(wish: Wish, places: Path, folder: Path, console: Console) -> None:
    """Carry it out, and add what it has shown to the folder; a good run leaves only that."""
    name = f"{wish.experiment.name}-{wish.database}-{wish.seed}"
    place = places / (f"{name}-sabotaged" if wish.sabotaged else name)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    without = f", without: {', '.join(wish.sabotage)}" if wish.sabotaged else ""
    console.print(f"{wish.experiment.name} on {wish.database}, seed {wish.seed}{without} …")
    run = figures_of(carry_out(wish, place))
    with (folder / "runs.jsonl").open("a") as file:
        file.write(json.dumps(as_json(run), separators=(",", ":")) + "\n")
    faults = sum(run.faults.values())
    console.print(f"  {run.verdict}: {run.orders} orders, {faults} faults, {run.took:.0f} s")
    for example in [] if run.verdict == "kept" else run.examples[:6]:
        console.print(f"    {example}")
    for promise in run.unbroken:
        console.print(f"    Not broken, though nothing protects it: {promise}")
    if run.invalid:
        console.print(f"    It shows nothing: {run.invalid}.")
    if run.is_good:
        shutil.rmtree(place, ignore_errors=True)
    else:
        console.print(f"    Its history, log and database are kept: {place}")


def kept_in(folder: Path) -> list[Figures]:
    """All runs of this folder so far."""
    kept = folder / "runs.jsonl"
    lines = kept.read_text().splitlines() if kept.exists() else []
    return [Figures(**json.loads(line)) for line in lines]


def conclude(runs: Sequence[Figures], folder: Path, console: Console, command: str) -> None:
    """The table of all runs, and their report, as a page and to be read as it is."""
    if not runs:
        return
    console.print(table_of(runs))
    for name, value in totals_of(runs).items():
        console.print(f"{name:<40} {value}")
    (folder / "report.html").write_text(page_of(runs, command))
    (folder / "report.md").write_text(as_markdown(runs, command))
    console.print(f"\nA page with the pictures: {folder / 'report.html'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
