"""When things will be ready: pure arithmetic in seconds of kitchen time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One step at a zone, `prep_seconds` of work."""

    zone: str
    prep_seconds: int


@dataclass(frozen=True)
class Queue:
    """The work before a zone, in prep seconds, and how many cooks share it."""

    queued_seconds: float
    cooks: int

    @property
    def wait(self) -> float:
        """Seconds until a cook is free for something new."""
        return self.queued_seconds / self.cooks


def track_length(track: Sequence[Step], loads: Mapping[str, Queue]) -> float:
    """Seconds from now until the track's last step is done: each zone's queue, then its work."""
    return sum(loads[step.zone].wait + step.prep_seconds for step in track)


def promises(trays: Sequence[Sequence[Sequence[Step]]], loads: Mapping[str, Queue]) -> list[float]:
    """For each tray, seconds from now until the last of its tracks is done.

    The tracks queue behind what the zones have before them, and behind each other.
    """
    behind = dict(loads)
    lengths = []
    for tracks in trays:
        longest = 0.0
        for track in tracks:
            longest = max(longest, track_length(track, behind))
            for step in track:
                load = behind[step.zone]
                behind[step.zone] = Queue(load.queued_seconds + step.prep_seconds, load.cooks)
        lengths.append(longest)
    return lengths
