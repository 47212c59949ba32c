"""What has happened so far: guests, cooks and the watch write here, bars and report read it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.rush.api import Answer, Json
from bench.rush.options import COUNTER

#: An order in one of these may still become ready.
OPEN_STATES = frozenset({"placed", "preparing"})
#: Under which an order's first promise is kept; `promised_at` follows the kitchen.
PROMISE = "first_promised_at"


@dataclass(frozen=True)
class Guest:
    """Comes `arrives` seconds of kitchen time after the opening, with this order."""

    arrives: float
    order: Json


@dataclass
class Record:
    """`orders` and `tickets` hold the JSON last seen of each, by id."""

    wanted: int
    #: How many tickets a line of each item makes, and how many more each option.
    steps: Mapping[str, int] = field(default_factory=dict)
    more_steps: Mapping[str, int] = field(default_factory=dict)
    guests: Sequence[Guest] = ()
    #: Who works where: cooks by zone, or people at the counter.
    staff: Mapping[str, int] = field(default_factory=dict)
    orders: dict[str, Json] = field(default_factory=dict)
    tickets: dict[str, Json] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    refused_presses: Counter[str] = field(default_factory=Counter)
    post_milliseconds: list[float] = field(default_factory=list)
    posts_repeated: int = 0
    #: At the counter: seconds in line before the order, by order, and with an order in hand.
    in_line: dict[str, float] = field(default_factory=dict)
    at_work: float = 0.0
    #: None while the histories have not been read.
    repairs: int | None = None

    def answered(self, answer: Answer) -> None:
        """A guest's POST came back."""
        self.post_milliseconds.append(answer.milliseconds)
        self.posts_repeated += answer.requests - 1
        if answer.status == 201:
            placed = answer.body
            self.orders[placed["id"]] = {**placed, PROMISE: placed["promised_at"]}
        else:
            self.refused[answer.code] += 1

    def seen(self, order: Json) -> None:
        """One of the orders as it is now; what the others had is no business of ours."""
        known = self.orders.get(order["id"])
        if known is not None:
            self.orders[order["id"]] = {**order, PROMISE: known[PROMISE]}

    def open_orders(self) -> list[Json]:
        return [order for order in self.orders.values() if order["state"] in OPEN_STATES]

    def ready_orders(self) -> list[Json]:
        """Ready, or further than that."""
        return [order for order in self.orders.values() if order["ready_at"]]

    def not_ready(self) -> list[Json]:
        return [order for order in self.orders.values() if not order["ready_at"]]

    def done_tickets(self) -> list[Json]:
        """Tickets of these orders; the cooks also cook what was left by others."""
        return [ticket for ticket in self.tickets.values() if ticket["order_ref"] in self.orders]

    @property
    def unserved(self) -> int:
        """How many still stand in line at the counter."""
        answered = len(self.orders) + self.refused.total()
        return self.wanted - answered if COUNTER in self.staff else 0

    def expected_tickets(self) -> int:
        return sum(
            self.steps.get(line["item"], 1)
            + sum(self.more_steps.get(option, 0) for option in line["options"])
            for order in self.orders.values()
            for tray in order["trays"]
            for line in tray["lines"]
        )
