"""A restaurant in a hundred lines: what the real one must agree with, step by step.

It has no clock, no messages and no database. Whether a zone was told to begin already is the
pacer's business and not modelled: a ticket is `waiting` until somebody cooks it.
"""

from dataclasses import dataclass, field
from typing import Literal

Answer = Literal["done", "refused"]


@dataclass
class Ticket:
    track: int
    position: int
    state: str = "waiting"
    cancel_requested: bool = False
    begun: bool = False


@dataclass
class Tray:
    tickets: dict[str, Ticket] = field(default_factory=dict)
    state: str = "waiting"

    @property
    def is_complete(self) -> bool:
        states = {ticket.state for ticket in self.tickets.values()}
        return "done" in states and states <= {"done", "void"}

    def ticket_after(self, ticket: Ticket) -> list[Ticket]:
        """Those that follow it in its track."""
        return [
            other
            for other in self.tickets.values()
            if other.track == ticket.track and other.position > ticket.position
        ]


@dataclass
class Order:
    """`state` is what the guest is told; it follows the trays when their news are heard."""

    trays: dict[int, Tray] = field(default_factory=dict)
    state: str = "placed"

    def find(self, ticket: str) -> tuple[Tray, Ticket]:
        for tray in self.trays.values():
            if ticket in tray.tickets:
                return tray, tray.tickets[ticket]
        raise KeyError(ticket)

    def start(self, ticket_id: str, *, is_fired: bool) -> Answer:
        _, ticket = self.find(ticket_id)
        if ticket.state == "cooking":
            return "done"
        if ticket.state != "waiting" or not is_fired:
            return "refused"
        ticket.state, ticket.begun = "cooking", True
        return "done"

    def finish(self, ticket_id: str) -> Answer:
        _, ticket = self.find(ticket_id)
        if ticket.state == "cooking" and not ticket.cancel_requested:
            ticket.state = "done"
        return "done" if ticket.state == "done" else "refused"

    def recall(self, ticket_id: str) -> Answer:
        tray, ticket = self.find(ticket_id)
        if ticket.state == "cooking":
            return "done"
        following = tray.ticket_after(ticket)
        begun = any(other.state in ("cooking", "done") for other in following)
        if ticket.state != "done" or begun or tray.state not in ("waiting", "ready"):
            return "refused"
        ticket.state, tray.state = "cooking", "waiting"
        return "done"

    def stop(self, ticket_id: str) -> Answer:
        _, ticket = self.find(ticket_id)
        if ticket.state == "cooking" and ticket.cancel_requested:
            ticket.state = "void"
        return "done" if ticket.state == "void" else "refused"

    def plate(self, number: int) -> None:
        tray = self.trays[number]
        if tray.state == "waiting" and tray.is_complete:
            tray.state = "ready"

    def serve(self, number: int) -> Answer:
        tray = self.trays[number]
        if self.state == "cancelled" or tray.state not in ("ready", "served"):
            return "refused"
        tray.state = "served"
        self.follow()
        return "done"

    def cancel(self) -> Answer:
        if self.state not in ("placed", "preparing"):
            return "done" if self.state == "cancelled" else "refused"
        self.state = "cancelled"
        for tray in self.trays.values():
            if tray.state in ("waiting", "ready"):
                tray.state = "void"
                for ticket in tray.tickets.values():
                    if ticket.state == "waiting":
                        ticket.state = "void"
                    elif ticket.state == "cooking":
                        ticket.cancel_requested = True
        return "done"

    def hear_started(self) -> None:
        if self.state == "placed":
            self.state = "preparing"

    def follow(self) -> None:
        """Some news of a tray was heard: the order goes where its trays are."""
        states = {tray.state for tray in self.trays.values()} - {"void"}
        if self.state == "cancelled" or not states:
            return
        if states <= {"ready", "served"}:
            if self.state in ("placed", "preparing"):
                self.state = "ready"
        elif self.state == "ready":
            self.state = "preparing"
        if states == {"served"} and self.state == "ready":
            self.state = "served"
