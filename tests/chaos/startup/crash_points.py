"""Places in the product at which a process can be made to die, each under a name.

They are named from outside: a function of the product, and whether death comes before or after it.
Only an armed point kills (`Plan.armed`), once, and the first process that comes by.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from types import ModuleType
from typing import Any

from tests.chaos.startup import plan


@dataclass(frozen=True)
class CrashPoint:
    """`of`: the kind of process that dies, as the beginning of its name."""

    name: str
    of: str
    module: str
    attribute: str
    after: bool = True
    #: Of which calls; told by their arguments.
    only: Callable[..., bool] = lambda *_, **__: True


def is_post(view: object, request: Any, *_: Any, **__: Any) -> bool:
    return bool(request.method == "POST")


WEB, RELAY, WORKER, BEAT = "web", "relay", "worker", "beat"
PART_RETURNS = "TicketsBackend.on_chord_part_return"

POINTS = [
    CrashPoint("order-inserted", WEB, "orders.services.placing", "place_order"),
    CrashPoint("answer-stored", WEB, "restaurant.idempotency.views", "store"),
    CrashPoint(
        "committed-unanswered", WEB, "rest_framework.views", "APIView.dispatch", only=is_post
    ),
    CrashPoint("press-written", WEB, "kitchen.moves", "done"),
    CrashPoint("portions-taken", WEB, "kitchen.services.reservations", "take_portions"),
    CrashPoint("tray-voided", WEB, "kitchen.services.trays", "void_tray"),
    CrashPoint("claimed-unsent", RELAY, "restaurant.events.relay", "send", after=False),
    CrashPoint("half-sent", RELAY, "restaurant.events.relay", "send_finished"),
    CrashPoint("sent-unmarked", RELAY, "restaurant.events.relay", "send"),
    CrashPoint("settled", RELAY, "restaurant.events.relay", "settle_heard"),
    CrashPoint("order-opened", WORKER, "kitchen.services.opening", "open_order"),
    CrashPoint("parked", WORKER, "kitchen.services.trays", "park"),
    CrashPoint("fired", WORKER, "kitchen.services.trays", "fire"),
    CrashPoint("tray-driven", WORKER, "kitchen.services.trays", "drive"),
    CrashPoint("heard-uncommitted", WORKER, "restaurant.events.models", "HeardManager.first_time"),
    CrashPoint("part-counted", WORKER, "kitchen.services.tickets", "counts"),
    CrashPoint("before-the-body", WORKER, "kitchen.chords", PART_RETURNS, after=False),
    CrashPoint("body-sent", WORKER, "kitchen.chords", PART_RETURNS),
    CrashPoint("before-plating", WORKER, "kitchen.moves", "plate", after=False),
    CrashPoint("plated-unacked", WORKER, "kitchen.moves", "plate"),
    CrashPoint("order-moved", WORKER, "orders.services.following", "move"),
    CrashPoint("reconciled", WORKER, "kitchen.services.repairs", "repair"),
    CrashPoint("tick-sent", BEAT, "celery.beat", "Scheduler.apply_async"),
]


def by(point: CrashPoint) -> None:
    """A process comes by: if the point is armed, it dies here."""
    try:
        (plan.current().armed / point.name).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def lay_at(point: CrashPoint, module: ModuleType) -> None:
    """Wrap the function, where the product has it; a point that is gone is never struck."""
    holder: Any = module
    *path, name = point.attribute.split(".")
    for part in path:
        holder = getattr(holder, part, None)
    function: Callable[..., Any] | None = getattr(holder, name, None)
    if function is None or not plan.kind().startswith(point.of):
        return

    @wraps(function)
    def passed(*args: Any, **more: Any) -> Any:
        concerned = point.only(*args, **more)
        if concerned and not point.after:
            by(point)
        answer = function(*args, **more)
        if concerned and point.after:
            by(point)
        return answer

    setattr(holder, name, passed)


def _register(point: CrashPoint) -> None:
    @plan.patches("crash points", point.module)
    def lay(module: ModuleType) -> None:
        lay_at(point, module)


for _point in POINTS:
    _register(_point)
