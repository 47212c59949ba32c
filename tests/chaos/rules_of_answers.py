"""What callers and hearers may rely on: an answer in time, and that all is heard."""

import math
from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Evidence, overlaps
from tests.chaos.history import FAIL, Call

#: Every request is answered within this time, in seconds.
ANSWERED_WITHIN = 5.0
#: The same on a crowded machine: just below the time after which callers give up.
ANSWERED_WITHIN_CROWDED = 7.9
#: Callers that wait on purpose.
WAITING = frozenset({"wait"})


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
