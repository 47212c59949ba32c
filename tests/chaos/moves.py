"""The legal moves, as the events tell of them: written down anew from the contract, not imported.

For each kind of thing the events that move it, with the states it may be in before and the one it
is in afterwards. What is not listed here tells of no move of that thing.
"""

Table = dict[str, tuple[frozenset[str], str]]


def _table(moves: dict[str, tuple[str, str]]) -> Table:
    return {event: (frozenset(before.split()), after) for event, (before, after) in moves.items()}


ORDER_BEGINS = "nowhere"
ORDER = _table(
    {
        "order.placed": ("nowhere", "placed"),
        "order.preparing": ("placed", "preparing"),
        "order.ready": ("placed preparing", "ready"),
        "order.reopened": ("ready served", "preparing"),
        "order.served": ("ready", "served"),
        "order.closed": ("served", "closed"),
        "order.cancelled": ("placed preparing", "cancelled"),
    }
)
TRAY_BEGINS = "waiting"
TRAY = _table(
    {
        "tray.ready": ("waiting", "ready"),
        "tray.reopened": ("ready served", "waiting"),
        "tray.served": ("ready", "served"),
        "tray.voided": ("waiting ready", "void"),
    }
)
TICKET_BEGINS = "held"
#: A recall of an earlier step takes a fired ticket back without a word, so it may be fired again.
TICKET = _table(
    {
        "ticket.fired": ("held fired", "fired"),
        "ticket.started": ("fired", "cooking"),
        "ticket.done": ("cooking", "done"),
        "ticket.recalled": ("done", "cooking"),
        "ticket.stopped": ("cooking", "void"),
        "ticket.voided": ("held fired quarantined", "void"),
        "ticket.quarantined": ("held fired", "quarantined"),
        "ticket.retried": ("quarantined", "held"),
    }
)

#: Where an order may be left: it has come, or was called off with a reason.
FULFILLED = frozenset({"ready", "served", "closed"})
CANCELLED = "cancelled"
#: Nothing more is cooked for these.
FINISHED = frozenset({"done", "void"})
