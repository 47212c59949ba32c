"""What an experiment changes in the product to make its fault happen, or to have it sooner."""

import os
import signal
from datetime import timedelta
from types import ModuleType
from typing import Any

from tests.chaos.startup.plan import kind, patches

HOUR = 3600.0
#: A guest's note with this word in it makes the order that it belongs to a poison.
POISON = "poison"


@patches("lost messages come back soon", "restaurant.settings")
def _(module: ModuleType) -> None:
    """What is not acknowledged goes back to its queue after 6 s instead of a minute."""
    module.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = 6
    module.CELERY_BROKER_TRANSPORT_OPTIONS["unacked_restore_interval"] = 1
    vars(module)["CELERY_VISIBILITY_TIMEOUT"] = 6


@patches("worker2 is an hour ahead", "kombu.transport.redis")
def _(module: ModuleType) -> None:
    """Of the broker's clock: kombu asks it how long a message has been away."""
    if kind() == "worker2":
        true_time = module.time
        vars(module)["time"] = lambda: true_time() + HOUR


@patches("worker2 is an hour ahead", "django.utils.timezone")
def _(module: ModuleType) -> None:
    if kind() == "worker2":
        now = module.now
        vars(module)["now"] = lambda: now() + timedelta(seconds=HOUR)


@patches("relay is an hour behind", "django.utils.timezone")
def _(module: ModuleType) -> None:
    if kind() == "relay":
        now = module.now
        vars(module)["now"] = lambda: now() - timedelta(seconds=HOUR)


def is_poisoned(lines: Any) -> bool:
    return any(POISON in line.get("note", "") for line in lines)


@patches("poison orders raise", "kitchen.services.trays")
def _(module: ModuleType) -> None:
    open_order = module.open_order

    def raise_on_poison(ref: Any, label: Any, promised: Any, lines: Any, call_out: Any) -> None:
        if is_poisoned(lines):
            raise ValueError("poison")
        open_order(ref, label, promised, lines, call_out)

    vars(module)["open_order"] = raise_on_poison


@patches("poison orders kill their worker", "kitchen.services.trays")
def _(module: ModuleType) -> None:
    open_order = module.open_order

    def die_of_poison(ref: Any, label: Any, promised: Any, lines: Any, call_out: Any) -> None:
        if is_poisoned(lines):
            os.kill(os.getpid(), signal.SIGKILL)
        open_order(ref, label, promised, lines, call_out)

    vars(module)["open_order"] = die_of_poison
