"""The judge: reads what the callers saw and what stands in the database, and says what is wrong.

It shares no code with the product and asks it nothing. Each rule is a function that gives the
sentences which tell how it was broken.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.chaos.evidence import Evidence
from tests.chaos.history import OK
from tests.chaos.rules_of_answers import WAITING, is_unanswered, is_unheard
from tests.chaos.rules_of_guests import (
    is_changed_twice,
    is_lost,
    is_miscounted,
    is_mispaid,
    is_ordered_twice,
)
from tests.chaos.rules_of_the_kitchen import (
    is_cooked_twice,
    is_illegal,
    is_meddled_with,
    is_wrongly_ready,
)

#: A run of which fewer requests came through shows nothing, whatever else it shows.
LEAST_SHARE_OK = 0.5
LEAST_ORDERS = 5

PROMISES: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "no accepted order is lost": is_lost,
    "one order for each key": is_ordered_twice,
    "each change is made once": is_changed_twice,
    "nothing is cooked twice": is_cooked_twice,
    "the portions add up": is_miscounted,
    "the money adds up": is_mispaid,
    "only legal moves": is_illegal,
    "ready exactly when all is done, told once": is_wrongly_ready,
    "every request is answered within 5 s": is_unanswered,
    "all is heard, nothing is left": is_unheard,
    "nothing is mended that is not broken": is_meddled_with,
}


@dataclass(frozen=True)
class Violation:
    """Which promise was broken, and how."""

    promise: str
    how: str


def judge(evidence: Evidence) -> list[Violation]:
    """All that is wrong; empty when every promise was kept."""
    return [Violation(promise, how) for promise, rule in PROMISES.items() for how in rule(evidence)]


def why_invalid(evidence: Evidence) -> str | None:
    """Why this run shows nothing, though nothing may be wrong; None if it does show something."""
    asked = [call for call in evidence.history.calls if call.verb not in WAITING]
    came_through = sum(call.outcome == OK for call in asked)
    if not asked or came_through / len(asked) < LEAST_SHARE_OK:
        return f"only {came_through} of {len(asked)} requests came through"
    accepted = len({order for _, order in evidence.accepted_orders()})
    if accepted < LEAST_ORDERS:
        return f"only {accepted} orders were taken"
    return None
