"""What is judged: what the callers saw, and what stands in the database."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.chaos.history import OK, Call, History
from tests.chaos.rows import Order, Rows, Ticket


@dataclass
class Evidence:
    """`queued`: what waits in Redis, by queue; `excused`: intents that may fail."""

    history: History
    rows: Rows
    queued: dict[str, int] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    #: Nothing was done that loses a message.
    harmless: bool = False

    def __post_init__(self) -> None:
        rows = self.rows
        self.intents: dict[str, list[Order]] = defaultdict(list)
        for order in rows.orders:
            self.intents[order.note].append(order)
        self.orders = {order.ref: order for order in rows.orders}
        self.trays = {tray.id: tray for tray in rows.trays}
        self.tickets = {ticket.id: ticket for ticket in rows.tickets}
        self.on_tray: dict[str, list[Ticket]] = defaultdict(list)
        for ticket in rows.tickets:
            self.on_tray[ticket.tray].append(ticket)
        #: How often each line was cooked once more.
        self.refires = Counter(
            event.data["line"] for event in rows.events if event.name == "line.refired"
        )

    def is_excused(self, order: Order) -> bool:
        return order.note in self.excused

    def done(self, verb: str) -> Iterator[Call]:
        """Those that asked for this, and were told that it is done."""
        for call in self.history.calls:
            if call.verb == verb and call.outcome == OK:
                yield call

    def accepted_orders(self) -> Iterator[tuple[Call, str]]:
        """Each call that was answered with an order, and that order's id."""
        for call in self.done("place"):
            yield call, call.answer["order"]


def overlaps(times: list[tuple[float, float]], began: float, ended: float) -> bool:
    return any(start < ended and end > began for start, end in times)
