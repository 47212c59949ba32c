"""What must be true of trays and tickets: cooked once, moved legally, ready when all is done."""

from collections import Counter
from collections.abc import Iterator

from tests.chaos import moves
from tests.chaos.evidence import Evidence, overlaps
from tests.chaos.rows import Event
from tests.chaos.rules_of_guests import reasons_of_refires

#: A machine that was busy within so many seconds may have been too slow for the reconciler.
SLOW_AFTER = 15.0
#: Seconds for which nothing may have moved on a tray before it counts as standing still, less a
#: little; a slow machine makes it longer, never shorter.
STOOD_STILL = 4.0
#: What says that a tray is to be called out anew, and what says that it has moved.
DRIVEN = frozenset({"tray.extended", "tray.reopened", "line.refired", "tray.repaired"}) | frozenset(
    {"ticket.recalled", "ticket.retried"}
)
MOVED = DRIVEN | {"ticket.started", "ticket.done", "ticket.stopped", "ticket.voided"}


# Each ticket is cooked at most once, and once more for each refire


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
    yield from too_many_tickets(evidence)
    for intent, times in reasons_of_refires(evidence).items():
        if times > 1:
            yield f"a waiter asked once, as {intent!r}, and it was cooked again {times} times"


def too_many_tickets(evidence: Evidence) -> Iterator[str]:
    """Each cooking of a line has a ticket for each step, and there are no other tickets."""
    items = {line.id: line.item for line in evidence.rows.lines}
    cookings = Counter((ticket.line, ticket.refire) for ticket in evidence.rows.tickets)
    for (line, refire), tickets in cookings.items():
        steps = evidence.rows.steps[items[line]]
        if tickets > steps:
            yield f"line {line}: {tickets} tickets for {steps} steps of one {items[line]}"
        if refire > evidence.refires[line]:
            yield f"line {line} was cooked again, and nobody had asked for it"


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
    cookings: dict[str, int] = {}
    for event in evidence.rows.events:
        follow_lines(cookings, event)
        if event.name in moves.TICKET:
            tickets[event.data["ticket_ref"]] = moves.TICKET[event.name][1]
        elif event.name == "tray.ready":
            tray = event.data["tray_ref"]
            told[tray, event.data["canvas"]] += 1
            on_it = [
                ticket
                for ticket in evidence.on_tray[tray]
                if ticket.refire <= cookings.get(ticket.line, -1)
            ]
            states = [tickets[ticket.id] for ticket in on_it]
            if not set(states) <= moves.FINISHED or "done" not in states:
                yield f"tray {tray} was told ready with {sorted(states)}"
    for (tray, canvas), times in told.items():
        if times > 1:
            yield f"tray {tray} was told ready {times} times on canvas {canvas}"
    yield from left_waiting(evidence)


def follow_lines(cookings: dict[str, int], event: Event) -> None:
    """Which lines the kitchen has by now, and how often each was sent back."""
    if event.name in ("order.placed", "tray.extended"):
        cookings.update((line["line"], 0) for line in event.data["lines"])
    elif event.name == "line.refired":
        cookings[event.data["line"]] += 1


def left_waiting(evidence: Evidence) -> Iterator[str]:
    for row in evidence.rows.trays:
        states = [ticket.state for ticket in evidence.on_tray[row.id]]
        if row.state == "waiting" and states and set(states) <= moves.FINISHED:
            yield f"tray {row.id} waits, and all of it is done"


# Nothing is mended that is not broken


def is_meddled_with(evidence: Evidence) -> Iterator[str]:
    if not evidence.harmless:
        return
    history = evidence.history
    driven, moved = dict[str, float](), dict[str, float]()
    for event in evidence.rows.events:
        tray = event.data.get("tray_ref", "")
        if event.name == "tray.repaired":
            why = event.data["why"]
            since = driven if "never called" in why else moved
            stood = event.at - since.get(tray, 0.0)
            slow = overlaps([*history.busy, *history.crowded], event.at - SLOW_AFTER, event.at)
            if stood < STOOD_STILL:
                yield f"event {event.id}: {why}, {stood:.1f} s after the tray had moved"
            elif not slow:
                yield f"event {event.id}: {why}, though nothing was lost"
        if event.name in DRIVEN:
            driven[tray] = event.at
        if event.name in MOVED:
            moved[tray] = event.at
