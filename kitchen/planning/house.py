"""The kitchen that is planned for: who works where, and by which clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kitchen.models import KitchenSettings, Zone
from kitchen.planning.guests import Guest, Order
from kitchen.services.queues import HANDOVER, Clock, Kitchen

#: When the doors open: any day will do.
OPENING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Ways:
    """Seconds of kitchen time that news, and hands that press, need."""

    #: From the POST until the kitchen has opened the order.
    opened: float = 0.0
    #: From the moment in which a ticket is fired until a cook who waits for it begins.
    seen: float = 0.0
    #: What a ticket takes a cook beside its cooking, and from one to the next.
    pressed: float = 0.0
    turned: float = 0.0
    #: From the last part done to the tray at the pass.
    plated: float = 0.0

    @classmethod
    def of(cls, scale: float) -> "Ways":
        """The handover between two presses, as the rules of pacing have it: half of it is the
        news' way, and half the cook's hands.
        """
        handover = HANDOVER * scale
        hands = handover / 4
        return cls(handover, handover / 2, hands, hands, handover / 2)


@dataclass(frozen=True)
class House:
    """`cooks` by zone; whether it `holds` back what is quick; `scale` as Clock has it."""

    cooks: Mapping[str, int]
    holds: bool
    scale: float
    ways: Ways

    @classmethod
    def current(cls) -> "House":
        """As the manager has set it."""
        house = KitchenSettings.current()
        cooks = dict(Zone.objects.values_list("code", "cooks"))
        return cls(cooks, house.pacing, house.time_scale, Ways.of(house.time_scale))

    def with_cooks(self, cooks: Mapping[str, int]) -> "House":
        return replace(self, cooks=cooks)

    def at(self, seconds: float) -> datetime:
        """A moment of the evening, by the clock on the wall."""
        return OPENING + timedelta(seconds=seconds / self.scale)

    def kitchen(self, seconds: float) -> Kitchen:
        """As the rules of pacing see it at that moment."""
        return Kitchen(Clock(self.at(seconds), self.scale), self.cooks, self.holds)

    def work(self, evenings: Sequence[Sequence[Guest]], hours: float) -> dict[str, float]:
        """How many cooks each zone keeps busy while guests come."""
        seconds = dict.fromkeys(self.cooks, 0.0)
        for guest in (guest for guests in evenings for guest in guests):
            for step in guest.order.steps:
                seconds[step.zone] += step.seconds + self.ways.pressed + self.ways.turned
        return {zone: seconds[zone] / (hours * 3600 * len(evenings)) for zone in self.cooks}

    def shortest_wait(self, order: Order) -> float:
        """If a cook stood ready for every ticket."""
        ways = self.ways
        longest = max(
            sum(ways.seen + step.seconds + ways.pressed for step in track) for track in order.tracks
        )
        return ways.opened + longest + ways.plated
