"""Where each ticket of an order was, and how long: its events, played through once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kitchen.models import Ticket
from restaurant.trace.contract import Kind, Mark, Said

#: What a ticket does from this event on. A part that is done waits at the pass.
NEXT: dict[str, Kind | None] = {
    "ticket.fired": Kind.FIRED,
    "ticket.started": Kind.COOKING,
    "ticket.quarantined": Kind.QUARANTINED,
    "ticket.retried": Kind.HELD,
    "ticket.voided": None,
    "ticket.stopped": None,
}
TO_COOK = (Kind.HELD, Kind.FIRED, Kind.COOKING)


@dataclass
class Stint:
    """One stay of a ticket; a tray at the pass is `READY`, and no ticket's."""

    kind: Kind
    begins: datetime
    tray: int
    ticket: Ticket | None = None
    ends: datetime | None = None
    again: Mark | None = None


class Stints:
    """All stays of an order's tickets and trays; `hear` takes its events in their order."""

    def __init__(self, tickets: Iterable[Ticket], numbers: dict[UUID, int]) -> None:
        self.tickets = {str(ticket.pk): ticket for ticket in tickets}
        self.numbers = numbers
        self.all: list[Stint] = []
        self.now: dict[str, Stint] = {}
        #: When a tray was taken back from the pass, until it is said for the sake of what.
        self.reopened: dict[int, datetime] = {}
        self.voided: dict[int, datetime] = {}

    def turn(self, key: str, kind: Kind | None, at: datetime, again: Mark | None = None) -> None:
        """From now on it does this, or nothing more."""
        before = self.now.pop(key, None)
        if before is not None:
            before.ends = at
        if kind is not None:
            ticket = self.tickets.get(key)
            tray = self.numbers[ticket.tray_id] if ticket else int(key)
            self.now[key] = Stint(kind, at, tray, ticket, again=again)
            self.all.append(self.now[key])

    def hold_new(self, at: datetime, lines: Iterable[str], refire: int = 0) -> None:
        """These lines came to the kitchen: what of them is not fired yet is held."""
        known = {stint.ticket.pk for stint in self.all if stint.ticket}
        for one in self.of_lines(lines):
            if one.refire == refire and one.pk not in known:
                self.turn(str(one.pk), Kind.HELD, at)

    def hear(self, said: Said) -> None:
        """What the event tells of tickets and trays."""
        tray, key = said.data.get("tray"), said.data.get("ticket_ref", "")
        if said.name == "ticket.recalled":
            self.recall(key, said.at)
            self.reopened.clear()
        elif said.name == "ticket.done":
            self.turn(key, Kind.GATHERING if said.data["to_pass"] else None, said.at)
        elif said.name in NEXT:
            self.turn(key, NEXT[said.name], said.at)
        elif said.name == "tray.extended":
            self.hold_new(said.at, [str(line["line"]) for line in said.data["lines"]])
        elif said.name == "line.refired":
            self.cook_anew(str(said.data["line"]), said.at)
            self.reopened.clear()
        elif said.name == "order.changed":
            self.throw_away(said.data.get("cancelled", ()), said.at)
        elif tray is not None and said.name.startswith("tray."):
            self.hear_of_tray(said, int(tray))

    def hear_of_tray(self, said: Said, tray: int) -> None:
        if said.name in ("tray.ready", "tray.voided"):
            self.leave(tray, Kind.GATHERING, said.at)
        if said.name == "tray.voided":
            self.voided[tray] = said.at
            self.leave(tray, Kind.HELD, said.at)
            self.leave(tray, Kind.FIRED, said.at)
        if said.name in ("tray.voided", "tray.served", "tray.reopened"):
            self.turn(str(tray), None, said.at)
        if said.name == "tray.ready":
            self.turn(str(tray), Kind.READY, said.at)
        elif said.name == "tray.reopened":
            self.gather_again(tray, said.at)

    def leave(self, tray: int, kind: Kind, at: datetime) -> None:
        """What of the tray does this does nothing more."""
        for key, stint in [*self.now.items()]:
            if (stint.tray, stint.kind) == (tray, kind):
                self.turn(key, None, at)

    def gather_again(self, tray: int, at: datetime) -> None:
        """The parts that had come together wait for the rest of their tray once more."""
        ready = [stint for stint in self.all if (stint.tray, stint.kind) == (tray, Kind.READY)]
        if not ready or ready[-1].ends != at:
            return
        self.reopened[tray] = at
        for stint in [*self.all]:
            came = (stint.kind, stint.ends) == (Kind.GATHERING, ready[-1].begins)
            if came and stint.tray == tray and stint.ticket:
                self.turn(str(stint.ticket.pk), Kind.GATHERING, at)

    def leave_the_pass(self, key: str, at: datetime) -> None:
        """For its sake the tray was taken back: it has not waited there since then."""
        stint = self.now[key]
        self.turn(key, None, at)
        if stint.begins == self.reopened.get(stint.tray):
            self.all.remove(stint)

    def recall(self, key: str, at: datetime) -> None:
        """It cooks again, and the rest of its track is held again."""
        if key in self.now:
            self.leave_the_pass(key, at)
        self.turn(key, Kind.COOKING, at, Mark.RECALLED)
        recalled = self.tickets[key]
        for other, stint in [*self.now.items()]:
            one = stint.ticket
            if one is None or stint.kind != Kind.FIRED or one.position <= recalled.position:
                continue
            if (one.tray_id, one.track) == (recalled.tray_id, recalled.track):
                self.turn(other, Kind.HELD, at)

    def cook_anew(self, line: str, at: datetime) -> None:
        """What was made of a line is waste; what is new of it is fired already, or held."""
        begun = [one.refire for one in self.of_lines([line]) if str(one.pk) in self.now]
        newest = max(begun, default=0)
        self.throw_away([line], at, newest)
        self.hold_new(at, [line], newest)

    def throw_away(self, lines: Iterable[str], at: datetime, but: int | None = None) -> None:
        """What of these lines is at the pass is waste; but not that of this refire."""
        for one in self.of_lines(lines):
            stint = self.now.get(str(one.pk))
            if stint and stint.kind == Kind.GATHERING and one.refire != but:
                self.leave_the_pass(str(one.pk), at)

    def of_lines(self, lines: Iterable[str]) -> list[Ticket]:
        wanted = set(lines)
        return [one for one in self.tickets.values() if str(one.line_ref) in wanted]

    def to_cook(self, tray: int, at: datetime) -> list[Ticket]:
        """What of the tray was still to be cooked at this moment."""
        if tray in self.voided and self.voided[tray] <= at:
            return []
        return [
            stint.ticket
            for stint in self.all
            if stint.ticket is not None
            and stint.tray == tray
            and stint.kind in TO_COOK
            and stint.begins <= at
            and (stint.ends is None or stint.ends > at)
        ]
