"""What a line gives the kitchen to do: its item's tracks, and one for each option with steps."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from kitchen.models import Option, OptionStep, RecipeStep


@dataclass(frozen=True)
class LineTrack:
    """Steps that follow each other; tracks run side by side."""

    steps: Sequence[RecipeStep | OptionStep]
    #: Whose steps they are; None: the item's own.
    option: Option | None = None


def tracks_of(recipe: Iterable[RecipeStep], options: Iterable[Option] = ()) -> list[LineTrack]:
    """All tracks of a line: an item's recipe, then the steps of its options."""
    in_order = sorted(recipe, key=lambda step: (step.track, step.position))
    own = groupby(in_order, key=lambda step: step.track)
    extra = [LineTrack([*option.steps.all()], option) for option in options]
    return [LineTrack([*steps]) for _, steps in own] + [track for track in extra if track.steps]


def main_zone(tracks: Iterable[LineTrack]) -> str:
    """The zone with the most seconds of work; of equals the one that comes first."""
    seconds: Counter[str] = Counter()
    for track in tracks:
        for step in track.steps:
            seconds[step.zone_id] += step.prep_seconds
    return seconds.most_common(1)[0][0]
