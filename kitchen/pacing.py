"""When things will be ready, and when to begin with them.

Pure arithmetic in seconds of kitchen time, counted from now.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heappushpop, heapreplace

#: A short part rather waits two minutes at the pass than that the tray waits for it: until it is
#: fired, what comes to its zone grows by a whole dish at a time.
SPARE = 120.0


@dataclass(frozen=True)
class Step:
    """One step at a zone: so many seconds of a cook's work are left of it."""

    zone: str
    seconds: float


@dataclass(frozen=True)
class Track:
    """Steps that follow each other.

    The first one comes to its zone in `fires` seconds, or is cooking there already.
    """

    steps: tuple[Step, ...]
    fires: float = 0.0
    cooking: bool = False


@dataclass(frozen=True)
class Paced:
    """When a tray can be ready, and when each of its held tracks must be fired for that."""

    target: float
    fires: list[float]


def left(prep_seconds: float, since: float) -> float:
    """What is left of something that has been cooking since so long.

    Of what should be done already nobody knows: as long again as it is over, once more at most.
    """
    over = since - prep_seconds
    return -over if over < 0 else min(over, prep_seconds)


def ends(tracks: Sequence[Track], cooks: Mapping[str, int]) -> list[float]:
    """When each track is done, if every zone cooks what comes to it in turn.

    What comes at the same moment is cooked in the order of `tracks`.
    """
    free = {zone: [0.0] * count for zone, count in cooks.items()}
    found = [0.0] * len(tracks)
    coming = []
    for place, track in enumerate(tracks):
        step = 0
        if track.cooking:
            # Of more pans than cooks those count that are done last.
            heappushpop(free[track.steps[0].zone], track.steps[0].seconds)
            step = 1
        coming.append((track.steps[0].seconds if step else max(0.0, track.fires), place, step))
    heapify(coming)
    while coming:
        moment, place, step = heappop(coming)
        found[place] = moment
        if step < len(tracks[place].steps):
            at = tracks[place].steps[step]
            done = max(moment, free[at.zone][0]) + at.seconds
            heapreplace(free[at.zone], done)
            heappush(coming, (done, place, step + 1))
    return found


def pace(
    live: Sequence[Track], own: Collection[int], held: Sequence[Track], cooks: Mapping[str, int]
) -> Paced:
    """Bring one tray together: the places of what it has in `live`, and what of it is `held`.

    A track is as long as it would take if it were fired now, behind all that is live; the tray is
    ready with its longest. Whatever is shorter can wait for the difference, less `SPARE`.
    """
    found = ends([*live, *held], cooks)
    lengths = found[len(live) :]
    target = max([*lengths, *(found[place] for place in own)], default=0.0)
    return Paced(target, [max(0.0, target - length - SPARE) for length in lengths])


def promises(
    trays: Sequence[Sequence[Track]], before: Sequence[Track], cooks: Mapping[str, int]
) -> list[float]:
    """For each tray when the last of its tracks is done, behind what the zones have before them.

    The trays' tracks also queue behind each other.
    """
    found = iter(
        ends([*before, *(track for tray in trays for track in tray)], cooks)[len(before) :]
    )
    return [max(next(found) for _ in tray) for tray in trays]
