"""Who comes, and what they give the zones to do."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from kitchen.pacing import Step

#: Steps that follow each other.
Steps = tuple[Step, ...]
#: What is served together: its tracks.
TrayWork = tuple[Steps, ...]
AN_HOUR = 3600.0


@dataclass(frozen=True)
class Order:
    """One of the orders of a mix; of two the one with twice the weight comes twice as often."""

    trays: tuple[TrayWork, ...]
    weight: float = 1.0

    @property
    def tracks(self) -> list[Steps]:
        return [track for tray in self.trays for track in tray]

    @property
    def steps(self) -> list[Step]:
        return [step for track in self.tracks for step in track]


@dataclass(frozen=True)
class Guest:
    """Comes so many seconds after the opening."""

    arrives: float
    order: Order


def draw(mix: Sequence[Order], per_hour: float, hours: float, rng: random.Random) -> list[Guest]:
    """The guests of one evening, after random gaps as at a real door; at least one."""
    weights = [order.weight for order in mix]
    guests: list[Guest] = []
    arrives = 0.0
    while not guests or arrives < hours * AN_HOUR:
        guests.append(Guest(arrives, rng.choices(mix, weights)[0]))
        arrives += rng.expovariate(per_hour / AN_HOUR)
    return guests


def evenings_of(
    mix: Sequence[Order], per_hour: float, hours: float, *, seed: int, count: int
) -> list[list[Guest]]:
    """The same seed, the same guests."""
    return [
        draw(mix, per_hour, hours, random.Random(f"{seed} {number}"))  # noqa: S311
        for number in range(count)
    ]
