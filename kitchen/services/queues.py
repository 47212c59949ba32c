"""What the zones have before them: rows become tracks, as the rules of pacing see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from kitchen.lifecycle import TicketState
from kitchen.models import KitchenSettings, Ticket, Zone
from kitchen.pacing import Step, Track, left

#: Seconds on the wall from one press to the next: the news travels, and a cook looks up. The
#: demo's clock makes nobody faster at that.
HANDOVER = 0.2


@dataclass(frozen=True)
class Clock:
    """The kitchen's time: what the wall shows now, and how many times as fast it runs."""

    now: datetime
    scale: float

    @property
    def handover(self) -> float:
        return HANDOVER * self.scale

    def until(self, moment: datetime) -> float:
        """Seconds of kitchen time from now."""
        return (moment - self.now).total_seconds() * self.scale

    def at(self, seconds: float) -> datetime:
        return self.now + timedelta(seconds=seconds / self.scale)

    def step(self, zone: str, prep_seconds: int) -> Step:
        return Step(zone, prep_seconds + self.handover)

    def track(self, tickets: Sequence[Ticket]) -> Track:
        """What is left of a track: its unfinished tickets in their order."""
        first = tickets[0]
        steps = tuple(self.step(ticket.zone_id, ticket.prep_seconds) for ticket in tickets)
        if first.state == TicketState.COOKING and first.started_at:
            since = -self.until(first.started_at)
            begun = Step(first.zone_id, left(steps[0].seconds, since))
            return Track((begun, *steps[1:]), cooking=True)
        return Track(steps, self.until(first.fire_at) if first.state == TicketState.HELD else 0.0)


def tracks_left(tickets: Iterable[Ticket]) -> list[list[Ticket]]:
    """Unfinished tickets by track, in the order in which their cooks come to them.

    They come sorted by tray, track and position. Nobody knows when a track goes on whose next
    ticket is in quarantine.
    """
    tracks = [list(track) for _, track in groupby(tickets, lambda t: (t.tray_id, t.track))]
    known = [track for track in tracks if track[0].state != TicketState.QUARANTINED]
    return sorted(known, key=lambda track: track[0].fire_at)


@dataclass(frozen=True)
class Kitchen:
    """Its clock, how many cooks each zone has, and whether what is quick is held back."""

    clock: Clock
    cooks: Mapping[str, int]
    holds: bool

    @classmethod
    def of(cls, house: KitchenSettings) -> "Kitchen":
        cooks = dict(Zone.objects.values_list("code", "cooks"))
        return cls(Clock(timezone.now(), house.time_scale), cooks, house.pacing)
