"""The judge: reads what the callers saw and what stands in the database, and says what is wrong.

It shares no code with the product and asks it nothing. Each rule is a function that gives the
sentences which tell how it was broken.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.chaos import moves
from tests.chaos.history import FAIL, OK, Call, History
from tests.chaos.rows import Event, Order, Rows, Ticket

#: Every request is answered within this time, in seconds.
ANSWERED_WITHIN = 5.0
#: The same on a crowded machine: just below the time after which callers give up.
ANSWERED_WITHIN_CROWDED = 7.9
#: A run of which fewer requests came through shows nothing, whatever else it shows.
LEAST_SHARE_OK = 0.5
LEAST_ORDERS = 5
#: A machine that was busy within so many seconds may have been too slow for the reconciler.
SLOW_AFTER = 15.0
#: Callers that wait on purpose.
WAITING = frozenset({"wait"})


@dataclass(frozen=True)
class Violation:
    """Which promise was broken, and how."""

    promise: str
    how: str


@dataclass
class Evidence:
    """What is judged. `queued`: what waits in Redis, by queue; `excused`: intents that may fail."""

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

    def is_excused(self, order: Order) -> bool:
        return order.note in self.excused


def judge(evidence: Evidence) -> list[Violation]:
    """All that is wrong; empty when every promise was kept."""
    return [Violation(promise, how) for promise, rule in PROMISES.items() for how in rule(evidence)]


def why_invalid(evidence: Evidence) -> str | None:
    """Why this run shows nothing, though nothing may be wrong; None if it does show something."""
    asked = [call for call in evidence.history.calls if call.verb not in WAITING]
    came_through = sum(call.outcome == OK for call in asked)
    if not asked or came_through / len(asked) < LEAST_SHARE_OK:
        return f"only {came_through} of {len(asked)} requests came through"
    accepted = len({order for _, order in accepted_orders(evidence)})
    if accepted < LEAST_ORDERS:
        return f"only {accepted} orders were taken"
    return None


def accepted_orders(evidence: Evidence) -> Iterator[tuple[Call, str]]:
    """Each call that was answered with an order, and that order's id."""
    for call in evidence.history.calls:
        if call.verb == "place" and call.outcome == OK:
            yield call, call.answer["order"]


# No accepted order is lost


def is_lost(evidence: Evidence) -> Iterator[str]:
    for call, order in accepted_orders(evidence):
        if order not in evidence.orders:
            yield f"{order} was answered with 201 (call {call.number}) and is not there"
    for row in evidence.rows.orders:
        if evidence.is_excused(row):
            continue
        if row.state == moves.CANCELLED and not row.cancel_reason:
            yield f"order {row.number} is cancelled without a reason"
        elif row.state not in moves.FULFILLED | {moves.CANCELLED}:
            yield f"order {row.number} is left {row.state}"
    yield from forgotten_parts(evidence)
    yield from forgotten_presses(evidence)


def forgotten_parts(evidence: Evidence) -> Iterator[str]:
    """Every line of an order that was made has a ticket for each step of its recipe."""
    made = {
        row.number: row
        for row in evidence.rows.orders
        if row.state in moves.FULFILLED and not evidence.is_excused(row)
    }
    steps = Counter(ticket.line for ticket in evidence.rows.tickets if ticket.state == "done")
    for line in evidence.rows.lines:
        if line.order in made and steps[line.id] < evidence.rows.steps[line.item]:
            yield (
                f"order {line.order} came ready with {steps[line.id]} of"
                f" {evidence.rows.steps[line.item]} steps of its {line.item} done"
            )


def forgotten_presses(evidence: Evidence) -> Iterator[str]:
    """What was answered with success has happened."""
    told = {
        (event.name, event.data.get("ticket_ref") or event.order) for event in evidence.rows.events
    }
    names = {
        "start": ("ticket.started", "ticket"),
        "done": ("ticket.done", "ticket"),
        "cancel": ("order.cancelled", "order"),
    }
    for call in evidence.history.calls:
        if call.outcome == OK and call.verb in names:
            name, subject = names[call.verb]
            if (name, call.facts[subject]) not in told:
                yield f"{call.verb} of {call.facts[subject]} was acknowledged and has not happened"


# At most one order for each key


def is_ordered_twice(evidence: Evidence) -> Iterator[str]:
    for intent, orders in evidence.intents.items():
        if intent and len(orders) > 1:
            numbers = ", ".join(str(order.number) for order in orders)
            yield f"one guest asked once, as {intent!r}, and has the orders {numbers}"
    answered: dict[str, set[str]] = defaultdict(set)
    for call, order in accepted_orders(evidence):
        answered[call.facts["key"]].add(order)
    for key, orders_of_key in answered.items():
        if len(orders_of_key) > 1:
            yield f"the key {key} was answered with {len(orders_of_key)} different orders"


# Each ticket is cooked at most once


def is_cooked_twice(evidence: Evidence) -> Iterator[str]:
    told = Counter(
        (event.name, event.data["ticket_ref"])
        for event in evidence.rows.events
        if event.name.startswith("ticket.")
    )
    for ticket in evidence.rows.tickets:
        if (begun := told["ticket.started", ticket.id]) > 1:
            yield f"ticket {ticket.id} was begun {begun} times"
        done, again = told["ticket.done", ticket.id], told["ticket.recalled", ticket.id]
        if done > 1 + again:
            yield f"ticket {ticket.id} was done {done} times, and recalled {again} times"
    steps = Counter(ticket.line for ticket in evidence.rows.tickets)
    for line in evidence.rows.lines:
        if steps[line.id] > evidence.rows.steps[line.item]:
            yield (
                f"order {line.order}: {steps[line.id]} tickets for"
                f" {evidence.rows.steps[line.item]} steps of one {line.item}"
            )


# The portions add up


def is_miscounted(evidence: Evidence) -> Iterator[str]:
    begun = {ticket.line for ticket in evidence.rows.tickets if ticket.begun}
    states = {order.number: order.state for order in evidence.rows.orders}
    taken: Counter[str] = Counter()
    for line in evidence.rows.lines:
        # A cancelled one comes back, unless somebody had begun with it.
        if states[line.order] != moves.CANCELLED or line.id in begun:
            taken[line.item] += line.quantity
    for item, at_first in evidence.history.stock.items():
        left = evidence.rows.portions.get(item)
        if left is None or left < 0:
            yield f"of {item} {left} portions are left"
        elif left != at_first - taken[item]:
            yield f"of {item}: {at_first} at first, {taken[item]} taken, {left} left"


# Only legal moves


def is_illegal(evidence: Evidence) -> Iterator[str]:
    orders = dict.fromkeys(evidence.orders, moves.ORDER_BEGINS)
    trays = dict.fromkeys(evidence.trays, moves.TRAY_BEGINS)
    tickets = dict.fromkeys(evidence.tickets, moves.TICKET_BEGINS)
    for event in evidence.rows.events:
        yield from _step(orders, event.order, event, moves.ORDER)
        yield from _step(trays, event.data.get("tray_ref", ""), event, moves.TRAY)
        yield from _step(tickets, event.data.get("ticket_ref", ""), event, moves.TICKET)
        if event.name == "tray.voided":
            for ticket in evidence.on_tray[event.data["tray_ref"]]:
                if tickets[ticket.id] not in ("cooking", "done"):
                    tickets[ticket.id] = "void"
    for order in evidence.rows.orders:
        yield from _told_and_true("order", order.ref, orders[order.ref], order.state)
    for tray in evidence.rows.trays:
        yield from _told_and_true("tray", tray.id, trays[tray.id], tray.state)
    for ticket in evidence.rows.tickets:
        if {tickets[ticket.id], ticket.state} != {"held", "fired"}:
            yield from _told_and_true("ticket", ticket.id, tickets[ticket.id], ticket.state)


def _step(states: dict[str, str], subject: str, event: Event, table: moves.Table) -> Iterator[str]:
    if event.name not in table:
        return
    before, after = table[event.name]
    if subject not in states:
        yield f"{event.name} tells of {subject}, which is not there"
    elif states[subject] not in before:
        yield f"{event.name} of {subject}, which was {states[subject]}"
    states[subject] = after


def _told_and_true(kind: str, subject: str, told: str, true: str) -> Iterator[str]:
    if told != true:
        yield f"{kind} {subject} is {true}; what was told of it leads to {told}"


# A tray is ready exactly when all of it is done, and that is told once


def is_wrongly_ready(evidence: Evidence) -> Iterator[str]:
    tickets = dict.fromkeys(evidence.tickets, moves.TICKET_BEGINS)
    told: Counter[tuple[str, int]] = Counter()
    for event in evidence.rows.events:
        if event.name in moves.TICKET:
            tickets[event.data["ticket_ref"]] = moves.TICKET[event.name][1]
        elif event.name == "tray.ready":
            tray = event.data["tray_ref"]
            told[tray, event.data["canvas"]] += 1
            states = [tickets[ticket.id] for ticket in evidence.on_tray[tray]]
            if not set(states) <= moves.FINISHED or "done" not in states:
                yield f"tray {tray} was told ready with {sorted(states)}"
    for (tray, canvas), times in told.items():
        if times > 1:
            yield f"tray {tray} was told ready {times} times on canvas {canvas}"
    for row in evidence.rows.trays:
        states = [ticket.state for ticket in evidence.on_tray[row.id]]
        if row.state == "waiting" and states and set(states) <= moves.FINISHED:
            yield f"tray {row.id} waits, and all of it is done"


# Every request is answered, in time and in words


def is_unanswered(evidence: Evidence) -> Iterator[str]:
    for call in evidence.history.calls:
        status = call.answer.get("status", 0)
        asked = f"{call.verb} (call {call.number})"
        if call.outcome == FAIL and (status >= 500 and status != 503):
            yield f"{asked} was answered with {status}"
        elif call.outcome == FAIL and not call.answer.get("code"):
            yield f"{asked} was answered with {status}, and no code that says why"
        elif call.verb not in WAITING and call.seconds and call.seconds > limit_of(evidence, call):
            yield f"{asked} was not answered for {call.seconds:.1f} s"


def limit_of(evidence: Evidence, call: Call) -> float:
    """Within how many seconds this one had to be answered."""
    history, ended = evidence.history, call.began + (call.seconds or 0)
    if overlaps(history.busy, call.began, ended):
        return math.inf
    crowded = overlaps(history.crowded, call.began, ended)
    return ANSWERED_WITHIN_CROWDED if crowded else ANSWERED_WITHIN


def overlaps(times: list[tuple[float, float]], began: float, ended: float) -> bool:
    return any(start < ended and end > began for start, end in times)


# All is heard, and nothing is left behind


def is_unheard(evidence: Evidence) -> Iterator[str]:
    excused = {order.ref for order in evidence.rows.orders if evidence.is_excused(order)}
    events = [event for event in evidence.rows.events if event.order not in excused]
    hearers: dict[str, set[str]] = defaultdict(set)
    names = {event.id: event.name for event in events}
    for event_id, who in evidence.rows.heard:
        if event_id in names:
            hearers[names[event_id]].add(who)
    for event in events:
        if not event.sent:
            yield f"event {event.id} {event.name} was never sent"
        elif not event.settled:
            yield f"event {event.id} {event.name} is still to be told"
        else:
            # Whoever hears one event of a name hears all of that name.
            for who in hearers[event.name]:
                if (event.id, who) not in evidence.rows.heard:
                    yield f"event {event.id} {event.name} was not heard by {who}"
    for ticket in evidence.rows.tickets:
        if ticket.parked and ticket.state == "done":
            yield f"ticket {ticket.id} is done, and its message is still parked"
    if not excused:
        for queue, messages in evidence.queued.items():
            yield f"{messages} messages are left in {queue}"


# Nothing is mended that is not broken


def is_meddled_with(evidence: Evidence) -> Iterator[str]:
    if not evidence.harmless:
        return
    for event in evidence.rows.events:
        times = [*evidence.history.busy, *evidence.history.crowded]
        if event.name == "tray.repaired" and not overlaps(times, event.at - SLOW_AFTER, event.at):
            yield f"event {event.id}: {event.data.get('why')}, though nothing was lost"


PROMISES: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "no accepted order is lost": is_lost,
    "one order for each key": is_ordered_twice,
    "nothing is cooked twice": is_cooked_twice,
    "the portions add up": is_miscounted,
    "only legal moves": is_illegal,
    "ready exactly when all is done, told once": is_wrongly_ready,
    "every request is answered within 5 s": is_unanswered,
    "all is heard, nothing is left": is_unheard,
    "nothing is mended that is not broken": is_meddled_with,
}
