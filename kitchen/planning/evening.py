"""One evening in the kitchen, event by event.

What is fired when is decided by the kitchen's own `plan`, with the rules of `kitchen/pacing.py`; a
zone's cooks take what is first on its screen. Times are seconds of kitchen time since the opening.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import simpy

from kitchen.lifecycle import TicketState
from kitchen.planning.goal import percentile
from kitchen.planning.guests import Guest, TrayWork
from kitchen.planning.house import House
from kitchen.services.plans import PERIOD, plan

#: The pacer looks each second on the wall. Here, when something is due, and this often: between two
#: looks nothing changes that would be worth the time.
LOOK = 30.0

Process = Generator[simpy.Event, Any, None]


@dataclass(eq=False, slots=True)
class PlannedTicket:
    """What the rules of pacing look at of a ticket; its state follows from its times."""

    tray_id: int
    track: int
    position: int
    zone_id: str
    prep_seconds: float
    fire_at: datetime
    fired_at: datetime | None = None
    started_at: datetime | None = None

    @property
    def state(self) -> TicketState:
        if self.started_at:
            return TicketState.COOKING
        return TicketState.FIRED if self.fired_at else TicketState.HELD


@dataclass(eq=False, slots=True)
class PlannedTray:
    """What the rules look at of a tray, and what of it is `left` to be cooked."""

    pk: int
    party: "Party"
    left: list[PlannedTicket] = field(default_factory=list)
    rushed_at: datetime | None = None


@dataclass(eq=False, slots=True)
class Party:
    """A guest who waits for so many trays."""

    arrived: float
    trays: int


@dataclass(frozen=True)
class Outcome:
    """Of one evening or several: each guest's wait from the order to the last tray; for each zone
    how long its cooks were at work, and tickets hung there; and how long all of it took.
    """

    waits: Sequence[float]
    busy: Mapping[str, float]
    queued: Mapping[str, float]
    seconds: float

    def wait(self, share: float) -> float:
        return percentile(self.waits, share)

    def utilisation(self, cooks: Mapping[str, int]) -> dict[str, float]:
        """The share of their time in which a zone's cooks were at work."""
        return {zone: self.busy[zone] / (self.seconds * cooks[zone]) for zone in cooks}


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Several evenings as one."""
    first = outcomes[0]
    return Outcome(
        [wait for outcome in outcomes for wait in outcome.waits],
        {zone: sum(outcome.busy[zone] for outcome in outcomes) for zone in first.busy},
        {zone: sum(outcome.queued[zone] for outcome in outcomes) for zone in first.queued},
        sum(outcome.seconds for outcome in outcomes),
    )


class Evening:
    """From the first guest to the last tray; `play` it once."""

    def __init__(self, house: House, guests: Sequence[Guest]) -> None:
        self.house, self.guests = house, guests
        self.env = simpy.Environment()
        self.rails = {zone: simpy.PriorityStore(self.env) for zone in house.cooks}
        self.busy = dict.fromkeys(house.cooks, 0.0)
        self.queued = dict.fromkeys(house.cooks, 0.0)
        #: In the order in which they were opened.
        self.waiting: list[PlannedTray] = []
        self.waits: list[float] = []
        self.numbers = count(1)
        self.over = self.env.event()

    def play(self) -> Outcome:
        self.env.process(self.door())
        for zone, cooks in self.house.cooks.items():
            for _ in range(cooks):
                self.env.process(self.cook(zone))
        if self.house.holds:
            self.env.process(self.pacer())
        self.env.run(until=self.over)
        return Outcome(self.waits, self.busy, self.queued, self.env.now)

    @property
    def now(self) -> datetime:
        return self.house.at(self.env.now)

    def door(self) -> Process:
        for guest in self.guests:
            yield self.env.timeout(guest.arrives - self.env.now)
            self.env.process(self.order(guest))

    def order(self, guest: Guest) -> Process:
        """The order comes to the kitchen, and what is due is fired at once."""
        party = Party(self.env.now, len(guest.order.trays))
        yield self.env.timeout(self.house.ways.opened)
        trays = [self.opened(tray, party) for tray in guest.order.trays]
        self.waiting += trays
        self.look(trays)

    def opened(self, work: TrayWork, party: Party) -> PlannedTray:
        tray = PlannedTray(next(self.numbers), party)
        for track, steps in enumerate(work, start=1):
            comes = self.env.now
            for position, step in enumerate(steps, start=1):
                fire_at = self.house.at(comes)
                tray.left.append(
                    PlannedTicket(tray.pk, track, position, step.zone, step.seconds, fire_at)
                )
                comes += step.seconds
        return tray

    def look(self, trays: Iterable[PlannedTray]) -> None:
        """Fire what is due of these trays, and move the times of the rest."""
        everything = [ticket for tray in self.waiting for ticket in tray.left]
        # They look at times and places, and these have them as rows do.
        concerned: Any = trays
        tickets: Any = everything
        found: Any = plan(concerned, tickets, self.house.kitchen(self.env.now)).due
        for ticket in found:
            self.fire(ticket)

    def pacer(self) -> Process:
        while True:
            yield self.env.timeout(self.until_next_look())
            if any(self.held()):
                self.look(self.waiting)

    def held(self) -> Iterable[PlannedTicket]:
        """What waits for its time, and for nothing else."""
        return (
            ticket
            for tray in self.waiting
            for ticket in tray.left
            if ticket.position == 1 and not ticket.fired_at
        )

    def until_next_look(self) -> float:
        clock = self.house.kitchen(self.env.now).clock
        soonest = min((clock.until(ticket.fire_at) for ticket in self.held()), default=LOOK)
        return max(PERIOD * self.house.scale, min(LOOK, soonest))

    def fire(self, ticket: PlannedTicket) -> None:
        ticket.fired_at = self.now
        self.env.process(self.hang(ticket))

    def hang(self, ticket: PlannedTicket) -> Process:
        """It comes to its zone's screen; what stands first there is cooked first."""
        yield self.env.timeout(self.house.ways.seen)
        place = (ticket.fire_at, next(self.numbers), self.env.now)
        yield self.rails[ticket.zone_id].put(simpy.PriorityItem(place, ticket))

    def cook(self, zone: str) -> Process:
        while True:
            hung = yield self.rails[zone].get()
            ticket: PlannedTicket = hung.item
            began = self.env.now
            self.queued[zone] += began - hung.priority[-1]
            ticket.started_at = self.now
            yield self.env.timeout(ticket.prep_seconds + self.house.ways.pressed)
            self.busy[zone] += self.env.now - began
            self.done(ticket)
            yield self.env.timeout(self.house.ways.turned)

    def done(self, ticket: PlannedTicket) -> None:
        tray = next(tray for tray in self.waiting if tray.pk == ticket.tray_id)
        tray.left.remove(ticket)
        for following in tray.left:
            if (following.track, following.position) == (ticket.track, ticket.position + 1):
                self.fire(following)
        if not tray.left:
            self.waiting.remove(tray)
            self.env.process(self.plate(tray.party))

    def plate(self, party: Party) -> Process:
        yield self.env.timeout(self.house.ways.plated)
        party.trays -= 1
        if not party.trays:
            self.waits.append(self.env.now - party.arrived)
            if len(self.waits) == len(self.guests):
                self.over.succeed()
