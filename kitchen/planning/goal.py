"""What is asked for: how long which share of the guests may wait."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass

from kitchen.planning.refusal import NotPlanned

UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
WRITTEN = re.compile(rf"p(\d{{1,2}}) wait (\d+(?:\.\d+)?) ?({'|'.join(UNITS)})")
EXAMPLE = "p95 wait 20 min"


@dataclass(frozen=True)
class Goal:
    """`share` of all guests wait no longer than `seconds`."""

    share: float
    seconds: float

    def is_met(self, waits: Collection[float]) -> bool:
        return percentile(waits, self.share) <= self.seconds

    @property
    def what(self) -> str:
        return f"p{self.share * 100:.0f} wait"

    def __str__(self) -> str:
        return f"{self.what} {self.seconds / 60:g} min"


def parse(text: str) -> Goal:
    """Raises NotPlanned."""
    found = WRITTEN.fullmatch(" ".join(text.split()))
    share, amount, unit = found.groups() if found else ("0", "0", "s")
    goal = Goal(int(share) / 100, float(amount) * UNITS[unit])
    if not (goal.share and goal.seconds):
        raise NotPlanned(
            f"{text!r} is no goal: say how long which share of the guests may wait, in s, min or "
            f"h, for instance --goal {EXAMPLE!r}."
        )
    return goal


def percentile(values: Collection[float], share: float) -> float:
    """The nearest-rank percentile: always one of the values, of which there must be some."""
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]
