"""How many cooks does each zone need? Evenings are played until the goal is met and nobody idle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor

from kitchen.planning.evening import Evening, Outcome, together
from kitchen.planning.goal import Goal, percentile
from kitchen.planning.guests import Guest
from kitchen.planning.house import House
from kitchen.planning.refusal import NotPlanned

Cooks = Mapping[str, int]
#: With so many more cooks than the work itself needs a goal is out of reach.
FAR_TOO_MANY = 50


@dataclass
class Planner:
    """Plays the same evenings with other cooks; `told` hears what is played."""

    house: House
    evenings: Sequence[Sequence[Guest]]
    hours: float
    goal: Goal
    told: Callable[[Cooks], None] = lambda _: None
    played: dict[tuple[int, ...], Outcome] = field(default_factory=dict)

    def play(self, cooks: Cooks) -> Outcome:
        """With so many cooks; what was played before is remembered."""
        key = tuple(cooks[zone] for zone in self.house.cooks)
        if key not in self.played:
            self.told(cooks)
            house = self.house.with_cooks(cooks)
            self.played[key] = together([Evening(house, guests).play() for guests in self.evenings])
        return self.played[key]

    def meets(self, cooks: Cooks) -> bool:
        return self.goal.is_met(self.play(cooks).waits)

    @property
    def work(self) -> dict[str, float]:
        return self.house.work(self.evenings, self.hours)

    def overloaded(self, cooks: Cooks) -> list[str]:
        """The zones where the line grows for as long as guests come."""
        return [zone for zone, work in self.work.items() if work >= cooks[zone]]

    def fewest(self) -> dict[str, int]:
        """So many that no zone is overloaded."""
        return {zone: floor(work) + 1 for zone, work in self.work.items()}

    def needed(self) -> dict[str, int]:
        """The goal is met, and with one less in any zone it is not. Raises NotPlanned."""
        self.refuse_out_of_reach()
        cooks = self.fewest()
        while not self.meets(cooks):
            if sum(cooks.values()) > sum(self.fewest().values()) + FAR_TOO_MANY:
                raise NotPlanned(f"No number of cooks was found for {self.goal}: allow for more.")
            queued = self.play(cooks).queued
            cooks = one_more(cooks, max(queued, key=queued.__getitem__))
        return self.without_idlers(cooks)

    def without_idlers(self, cooks: dict[str, int]) -> dict[str, int]:
        """Whoever was taken on for nothing leaves, from where the least waits."""
        fewest, queued = self.fewest(), self.play(cooks).queued
        for zone in sorted(cooks, key=queued.__getitem__):
            while cooks[zone] > fewest[zone] and self.meets(one_more(cooks, zone, -1)):
                cooks = one_more(cooks, zone, -1)
        return cooks

    def refuse_out_of_reach(self) -> None:
        """Raises NotPlanned if it takes longer though a cook stands ready for every ticket."""
        guests = [guest for evening in self.evenings for guest in evening]
        shortest = [self.house.shortest_wait(guest.order) for guest in guests]
        if not self.goal.is_met(shortest):
            least = percentile(shortest, self.goal.share) / 60
            raise NotPlanned(
                f"{self.goal} can't be reached: with a cook for every ticket it would be "
                f"{least:.1f} min. Allow for more, or take what cooks for long off the menu."
            )


def one_more(cooks: Cooks, zone: str, by: int = 1) -> dict[str, int]:
    return {**cooks, zone: cooks[zone] + by}
