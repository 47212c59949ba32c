"""Time from left to right. Pure: moments in, places out."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise

#: A wait of so many seconds that is so many times all shorter ones leaves no room for them.
LONG, OUTLIER = 600.0, 2.0
#: How far apart the labels stand, in pixels.
BETWEEN_LABELS = 78.0


@dataclass(frozen=True)
class Tick:
    """A moment with its label; at a `cut` a long wait was shortened before it."""

    x: float
    label: str
    cut: bool = False


@dataclass(frozen=True)
class Axis:
    """Where each moment stands.

    Half of the width is shared by the moments alike, so that what follows each other within
    milliseconds can be told apart; half by the time between them.
    """

    moments: Sequence[datetime]
    places: Sequence[float]
    cuts: frozenset[int]

    def x(self, at: datetime) -> float:
        """The place of a moment, also of one between two that the axis knows."""
        after = bisect_right(self.moments, at)
        if after == 0:
            return self.places[0]
        if after == len(self.moments) or self.moments[after - 1] == at:
            return self.places[after - 1]
        before, behind = self.moments[after - 1], self.moments[after]
        share = (at - before) / (behind - before)
        return round(self.places[after - 1] * (1 - share) + self.places[after] * share, 1)

    def ticks(self) -> Iterator[Tick]:
        """As many as there is room for: the first one, then always the next that has room."""
        last = self.places[0] - BETWEEN_LABELS
        for number, (moment, place) in enumerate(zip(self.moments, self.places, strict=True)):
            cut = number in self.cuts
            if cut or place - last >= BETWEEN_LABELS:
                has_room = place - last >= BETWEEN_LABELS / 2
                label = since((moment - self.moments[0]).total_seconds()) if has_room else ""
                yield Tick(place, label, cut)
                last = place


def axis_of(moments: Iterable[datetime], left: float, right: float) -> Axis:
    """An axis from the first of these moments to the last."""
    known = sorted(set(moments))
    seconds = [(b - a).total_seconds() for a, b in pairwise(known)]
    shown = shortened(seconds)
    total, width = sum(shown), right - left
    steps = [width / 2 / len(shown) + width / 2 * gap / total for gap in shown]
    cuts = {number + 1 for number, gap in enumerate(shown) if gap < seconds[number]}
    places = [round(place, 1) for place in accumulate(steps, initial=left)]
    return Axis(known, places, frozenset(cuts))


def shortened(gaps: Sequence[float]) -> list[float]:
    """The gaps, but a long one that outweighs all shorter ones is as long as half of them."""
    shown, so_far = list(gaps), 0.0
    for place in sorted(range(len(gaps)), key=gaps.__getitem__):
        if gaps[place] >= LONG and 0 < so_far * OUTLIER < gaps[place]:
            shown[place] = so_far / 2
        so_far += shown[place]
    return shown


def since(seconds: float) -> str:
    """`+0.04 s`, `+12 s`, `+3:05`, `+1:02:07`: as exact as one needs it."""
    if seconds < 1:
        return f"+{seconds:.2f} s"
    if seconds < 60:
        return f"+{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{rest:02}" if hours else f"+{minutes}:{rest:02}"
