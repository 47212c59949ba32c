"""`./run chaos`: experiments on the running product, judged by what stands in its database."""

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.chaos.experiments import EXPERIMENTS
from tests.chaos.run import Outcome, Wish, carry_out


def parser() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="./run chaos", description=__doc__)
    add = arguments.add_argument
    add("names", nargs="*", metavar="NAME", help="experiments, or the beginnings of their names")
    add("--seconds", type=float, default=20.0)
    add("--seed", type=int, default=None)
    add("--database", choices=["sqlite", "postgres"], default="sqlite")
    add("--sabotage", action="store_true", help="take the protection away: it must be found")
    add("--list", action="store_true")
    return arguments


def main(words: Sequence[str]) -> int:
    given = parser().parse_args(words)
    console = Console()
    chosen = [e for n, e in EXPERIMENTS.items() if not given.names or any(n.startswith(w) for w in given.names)]
    seed = given.seed if given.seed is not None else random.randrange(10**6)
    good = True
    for experiment in chosen:
        folder = Path(tempfile.mkdtemp(prefix="tamsang-chaos-"))
        outcome = carry_out(Wish(experiment, seed, given.seconds, given.database, given.sabotage), folder)
        tell(console, outcome)
        good = good and outcome.is_as_wished
    return 0 if good else 1


def tell(console: Console, outcome: Outcome) -> None:
    e = outcome.evidence
    console.print(outcome.wish.experiment.name, "orders", len(e.rows.orders), "faults", len(e.history.faults), "calls", len(e.history.calls), "invalid", outcome.invalid, "healed", outcome.healed_after, outcome.unsettled)
    for v in outcome.violations[:30]:
        console.print("  ", v.promise, "|", v.how)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
