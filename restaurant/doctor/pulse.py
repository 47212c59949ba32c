"""How a process shows that it goes on: called in each turn of its loop, it writes now and then."""

import math
from time import monotonic

from restaurant.doctor.models import SignOfLife

#: Seconds between two signs of life: one small commit, whatever the loop has to do.
EVERY = 5.0


class Pulse:
    """The sign of life of one loop. It says that the loop turns, and no more than that."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.given = -math.inf

    def is_due(self) -> bool:
        return monotonic() - self.given >= EVERY

    def beat(self) -> None:
        """May raise what the database raises, as any other statement of the loop."""
        if self.is_due():
            SignOfLife.objects.give(self.name)
            self.given = monotonic()
