"""What one rush is to be like."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bench.rush.api import Json

#: The kitchen of the zones, and the stall where everybody does everything.
ZONES, COUNTER = "zones", "counter"


@dataclass(frozen=True)
class Options:
    """`rate` in orders per minute of kitchen time, or None for one that brings the busiest zone
    `load` times what it can do, or None for a sensible one.

    `pace` and `quote_limit` are set for the rush; None leaves them as they are.
    """

    orders: int
    cooks: int
    speed: float
    rate: float | None
    seed: int
    timeout: float
    load: float | None = None
    pace: bool | None = None
    quote_limit: int | None = None
    kitchen: str = ZONES
    #: Cooks of zones that have another number.
    placed: Mapping[str, int] = field(default_factory=dict)
    #: At the counter; None: as many as in all zones.
    people: int | None = None
    #: At the counter: each guest orders one dish, and it takes so long.
    dish_minutes: float | None = None
    #: As many guests come as if this were the cooks of each zone; None: as it is.
    crowd: int | None = None

    @property
    def settings(self) -> Json:
        """What the kitchen is set to while the rush lasts."""
        wanted: Json = {"time_scale": self.speed}
        if self.kitchen == COUNTER:
            # Who does one thing after the other has nobody to wait for.
            wanted["pacing"] = False
        elif self.pace is not None:
            wanted["pacing"] = self.pace
        if self.quote_limit is not None:
            wanted["quote_limit_minutes"] = self.quote_limit
        return wanted

    def at_zones(self, zones: Iterable[str]) -> dict[str, int]:
        """How many cooks each zone has, or would have."""
        return {zone: self.placed.get(zone, self.cooks) for zone in zones}

    def staff(self, zones: Iterable[str]) -> dict[str, int]:
        """Who works where."""
        cooks = self.at_zones(zones)
        if self.kitchen == COUNTER:
            return {COUNTER: self.people or sum(cooks.values())}
        return cooks
