"""The plan: the kitchen as it is, what it needs for the goal, and what one more cook changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from kitchen.planning.evening import Outcome, together
from kitchen.planning.goal import Goal
from kitchen.planning.staffing import Cooks, Planner, one_more
from kitchen.planning.stall import COUNTER, play_stall


@dataclass(frozen=True)
class Setting:
    """So many cooks in each zone, and what came of it."""

    cooks: Cooks
    outcome: Outcome

    @property
    def people(self) -> int:
        return sum(self.cooks.values())

    @property
    def utilisation(self) -> Mapping[str, float]:
        return self.outcome.utilisation(self.cooks)


@dataclass(frozen=True)
class Found:
    """`work`: how many cooks each zone keeps busy; `overloaded`: where they are too few by now.

    `now` is None then: the line would grow for as long as guests come. `more` has by zone what is
    needed, and one more cook there; `stall` the same people, each doing everything.
    """

    goal: Goal
    work: Mapping[str, float]
    cooks_now: Cooks
    overloaded: list[str]
    now: Setting | None
    needed: Setting
    more: Mapping[str, Setting]
    stall: Setting


def find(planner: Planner) -> Found:
    """Raises NotPlanned."""
    cooks_now = planner.house.cooks
    overloaded = planner.overloaded(cooks_now)
    needed = planner.needed()
    people = sum(needed.values())
    stall = together([play_stall(guests, people) for guests in planner.evenings])
    return Found(
        planner.goal,
        planner.work,
        cooks_now,
        overloaded,
        None if overloaded else Setting(cooks_now, planner.play(cooks_now)),
        Setting(needed, planner.play(needed)),
        {
            zone: Setting(cooks, planner.play(cooks))
            for zone in needed
            for cooks in [one_more(needed, zone)]
        },
        Setting({COUNTER: people}, stall),
    )
