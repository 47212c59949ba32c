"""What is run next: each once, then round and round until the time is over."""

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from restaurant.run.refusal import Refusal
from tests.chaos.experiments import EXPERIMENTS, Experiment
from tests.chaos.figures import BROKEN, Figures
from tests.chaos.run import Wish

#: What is run in a few minutes.
SHORT = ("E00-all-at-once",)
FEW_MINUTES = 10.0
#: How often what shows nothing is run: a machine may have no time, a kill may hit nobody.
MOST_TRIES = 3
#: Experiment, database, and whether it was sabotaged.
Key = tuple[str, str, bool]
#: Seconds that a run takes beside its load: to start, to heal, to judge.
OVERHEAD = 25.0


@dataclass(frozen=True)
class Entry:
    """One line of the list of what is to be run."""

    experiment: Experiment
    database: str
    sabotaged: bool

    @property
    def key(self) -> Key:
        return self.experiment.name, self.database, self.sabotaged


def chosen(names: Sequence[str]) -> list[Experiment]:
    """Those that are named, or begin so; raises Refusal for a name that means nothing."""
    if "all" in names:
        return list(EXPERIMENTS.values())
    found = [
        experiment
        for name in names
        for experiment in EXPERIMENTS.values()
        if experiment.name.startswith(name)
    ]
    for name in names:
        if not any(experiment.name.startswith(name) for experiment in found):
            raise Refusal(f"There is no experiment {name!r}: see ./run chaos --list")
    return found


def entries(given: argparse.Namespace) -> list[Entry]:
    """Each experiment on each of its databases, as it is or sabotaged or both."""
    databases = ["sqlite", "postgres"] if given.database == "both" else [given.database]
    kinds = [True] if given.sabotage else [False, True] if given.prove else [False]
    return [
        Entry(experiment, database, sabotaged)
        for experiment in chosen(given.names)
        for database in databases
        if database in experiment.databases
        for sabotaged in kinds
    ]


def wishes(given: argparse.Namespace, runs: Callable[[], Sequence[Figures]]) -> Iterator[Wish]:
    """What is to be run, after all `runs` so far: whoever is interrupted goes on.

    Each entry until it has shown something. After that what is not sabotaged again, the rarest
    first, as long as all runs together stay within the minutes.
    """
    todo, first_seed = entries(given), given.seed
    if runs():
        first_seed = runs()[0].seed
    if first_seed is None:
        first_seed = random.randrange(1_000_000)
    unheard_of: Counter[Key] = Counter()
    while entry := next_entry(todo, runs(), unheard_of, given):
        before = len(runs())
        yield wish_of(entry, given, first_seed + before + unheard_of.total())
        if len(runs()) == before:  # it could not be run
            unheard_of[entry.key] += 1


def next_entry(
    todo: Sequence[Entry],
    runs: Sequence[Figures],
    unheard_of: Counter[Key],
    given: argparse.Namespace,
) -> Entry | None:
    """The first that has shown nothing yet, or the rarest that the time is enough for."""
    by_key: dict[Key, list[Figures]] = {entry.key: [] for entry in todo}
    for run in runs:
        by_key.setdefault(key_of(run), []).append(run)
    tries = {key: len(found) + unheard_of[key] for key, found in by_key.items()}
    for entry in todo:
        shown = any(run.shows_something for run in by_key[entry.key])
        if not shown and tries[entry.key] < MOST_TRIES:
            return entry
    left = 60 * (given.minutes or 0.0) - sum(run.took for run in runs)
    fitting = [
        entry
        for entry in todo
        if not entry.sabotaged and load_seconds(entry, given) + OVERHEAD < left
    ]
    return min(fitting, key=lambda entry: tries[entry.key], default=None)


def is_all_kept(todo: Sequence[Entry], runs: Sequence[Figures]) -> bool:
    """Nothing was broken, and each entry has come out well, if not at the first try."""
    good = {key_of(run) for run in runs if run.is_good}
    is_broken = any(run.verdict == BROKEN for run in runs)
    return not is_broken and good.issuperset(entry.key for entry in todo)


def key_of(run: Figures) -> Key:
    return run.experiment, run.database, bool(run.sabotage)


def load_seconds(entry: Entry, given: argparse.Namespace) -> float:
    """One among many is found in the shortest time that shows it."""
    least = entry.experiment.least_seconds
    return least if entry.sabotaged and given.prove else max(given.seconds, least)


def wish_of(entry: Entry, given: argparse.Namespace, seed: int) -> Wish:
    load = entry.experiment.load
    if given.guests:
        # As many orders, from more guests.
        thinking = load.thinking * given.guests / load.guests
        load = replace(load, guests=given.guests, thinking=thinking)
    return Wish(
        *(entry.experiment, seed, load_seconds(entry, given), entry.database),
        *(entry.sabotaged, load, given.hurry or entry.sabotaged),
    )
