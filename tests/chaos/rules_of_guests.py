"""What a guest may rely on: nothing is lost, nothing is made or paid twice, all adds up."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from tests.chaos import moves
from tests.chaos.evidence import Evidence

# No accepted order is lost


def is_lost(evidence: Evidence) -> Iterator[str]:
    for call, order in evidence.accepted_orders():
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
    yield from forgotten_changes(evidence)


def forgotten_parts(evidence: Evidence) -> Iterator[str]:
    """Every line of an order that was made has a ticket for each step, of its last cooking."""
    made = {
        row.number: row
        for row in evidence.rows.orders
        if row.state in moves.FULFILLED and not evidence.is_excused(row)
    }
    steps = Counter(
        ticket.line
        for ticket in evidence.rows.tickets
        if ticket.state == "done" and ticket.refire == evidence.refires[ticket.line]
    )
    for line in evidence.rows.lines:
        if line.order not in made or line.cancelled:
            continue
        if steps[line.id] < evidence.rows.steps[line.item]:
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
        "close": ("order.closed", "order"),
    }
    for verb, (name, subject) in names.items():
        for call in evidence.done(verb):
            if (name, call.facts[subject]) not in told:
                yield f"{verb} of {call.facts[subject]} was acknowledged and has not happened"


def forgotten_changes(evidence: Evidence) -> Iterator[str]:
    """What was added is there, what was taken off is not, what was sent back is cooked again."""
    notes = {line.note for line in evidence.rows.lines}
    cancelled = {line.id for line in evidence.rows.lines if line.cancelled}
    for call in evidence.done("change"):
        added, taken_off = call.facts.get("intent"), call.facts.get("line")
        if added and added not in notes:
            yield f"{added} was acknowledged, and no order has it"
        if taken_off and taken_off not in cancelled:
            yield f"line {taken_off} was cancelled, and is not"
    reasons = reasons_of_refires(evidence)
    for call in evidence.done("refire"):
        if not reasons[call.facts["intent"]]:
            yield f"{call.facts['intent']} was acknowledged, and nothing was cooked again"


def reasons_of_refires(evidence: Evidence) -> Counter[str]:
    events = evidence.rows.events
    return Counter(event.data["reason"] for event in events if event.name == "line.refired")


# At most one order for each key, and each change once


def is_ordered_twice(evidence: Evidence) -> Iterator[str]:
    for intent, orders in evidence.intents.items():
        if intent and len(orders) > 1:
            numbers = ", ".join(str(order.number) for order in orders)
            yield f"one guest asked once, as {intent!r}, and has the orders {numbers}"
    answered: dict[str, set[str]] = defaultdict(set)
    for call, order in evidence.accepted_orders():
        answered[call.facts["key"]].add(order)
    for key, orders_of_key in answered.items():
        if len(orders_of_key) > 1:
            yield f"the key {key} was answered with {len(orders_of_key)} different orders"


def is_changed_twice(evidence: Evidence) -> Iterator[str]:
    """Whoever adds a line with two hands has seen the order as it is with one of them."""
    for intent, times in Counter(line.note for line in evidence.rows.lines if line.note).items():
        if times > 1:
            yield f"one guest changed an order once, as {intent!r}, and has {times} lines of it"


# The portions add up


def is_miscounted(evidence: Evidence) -> Iterator[str]:
    begun = {ticket.line for ticket in evidence.rows.tickets if ticket.begun}
    states = {order.number: order.state for order in evidence.rows.orders}
    taken: Counter[str] = Counter()
    for line in evidence.rows.lines:
        is_off = line.cancelled or states[line.order] == moves.CANCELLED
        # What is off comes back, unless somebody had begun with it.
        if not is_off or line.id in begun:
            taken[line.item] += line.quantity * (1 + evidence.refires[line.id])
    for item, at_first in evidence.history.stock.items():
        left = evidence.rows.portions.get(item)
        if left is None or left < 0:
            yield f"of {item} {left} portions are left"
        elif left != at_first - taken[item]:
            yield f"of {item}: {at_first} at first, {taken[item]} taken, {left} left"


# The money adds up


def is_mispaid(evidence: Evidence) -> Iterator[str]:
    """The house takes no service charge here, and VAT is in its prices: a bill is its lines."""
    rows = evidence.rows
    prices, paid = defaultdict[int, Decimal](Decimal), defaultdict[int, Decimal](Decimal)
    for line in rows.lines:
        if not line.cancelled:
            prices[line.order] += line.price * line.quantity
    for payment in rows.payments:
        paid[payment.order] += payment.amount
    for order in rows.orders:
        number, back = order.number, rows.refunds.get(order.number, Decimal(0))
        if order.total != prices[number]:
            yield f"order {number} costs {order.total}, and its lines {prices[number]}"
        if not 0 <= paid[number] - back <= order.total:
            yield f"order {number} costs {order.total}: {paid[number]} paid, {back} to give back"
    times = Counter(payment.reference for payment in rows.payments)
    for intent, counted in times.items():
        if intent and counted > 1:
            yield f"somebody paid once, as {intent!r}, and it counts {counted} times"
    for call in evidence.done("pay"):
        if not times[call.facts["intent"]]:
            yield f"{call.facts['intent']} was acknowledged, and no payment is there"
