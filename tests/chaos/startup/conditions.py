"""What an experiment changes in the product to make its fault happen, or to have it sooner."""

import os
import random
import signal
import sys
import time
from datetime import timedelta
from types import ModuleType
from typing import Any

from tests.chaos.startup.plan import kind, patches, put

HOUR = 3600.0


@patches("lost messages come back soon", "restaurant.settings")
def _(module: ModuleType) -> None:
    """What is not acknowledged goes back to its queue after 6 s instead of a minute."""
    module.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = 6
    module.CELERY_BROKER_TRANSPORT_OPTIONS["unacked_restore_interval"] = 1
    put(module, "CELERY_VISIBILITY_TIMEOUT", 6)


@patches("worker2 is an hour ahead", "kombu.transport.redis")
def _(module: ModuleType) -> None:
    """Of the broker's clock: kombu asks it how long a message has been away."""
    if kind() == "worker2":
        true_time = module.time
        put(module, "time", lambda: true_time() + HOUR)


@patches("worker2 is an hour ahead", "django.utils.timezone")
def _(module: ModuleType) -> None:
    if kind() == "worker2":
        now = module.now
        put(module, "now", lambda: now() + timedelta(seconds=HOUR))


@patches("relay is an hour behind", "django.utils.timezone")
def _(module: ModuleType) -> None:
    if kind() == "relay":
        now = module.now
        put(module, "now", lambda: now() - timedelta(seconds=HOUR))


@patches("each task takes a while", "restaurant.celery")
def _(module: ModuleType) -> None:
    """Before it begins, and after it ended: for so long it is not acknowledged."""

    def dawdle(**_: Any) -> None:
        time.sleep(random.uniform(0.1, 0.5))

    module.task_prerun.connect(dawdle, weak=False)
    sys.modules["celery.signals"].task_postrun.connect(dawdle, weak=False)


@patches("the relay dawdles", "restaurant.events.relay")
def _(module: ModuleType) -> None:
    """Between what it has claimed and the sending of it: there a kill hurts."""
    send = module.send

    def send_later(app: Any, events: Any, messages: Any) -> None:
        if messages:
            time.sleep(random.uniform(0.05, 0.3))
        send(app, events, messages)

    put(module, "send", send_later)


@patches("every message is sent twice", "restaurant.events.relay")
def _(module: ModuleType) -> None:
    send = module.send
    put(module, "send", lambda app, events, messages: send(app, events, [*messages, *messages]))


@patches("poison orders", "kitchen.services.opening")
def _(module: ModuleType) -> None:
    """One kind raises, the other kills whoever opens it."""
    open_order = module.open_order

    def be_poisoned(ref: Any, label: Any, promised: Any, lines: Any, call_out: Any) -> None:
        notes = " ".join(line.get("note", "") for line in lines)
        if "poison that kills" in notes:
            os.kill(os.getpid(), signal.SIGKILL)
        if "poison" in notes:
            raise ValueError("poison")
        open_order(ref, label, promised, lines, call_out)

    put(module, "open_order", be_poisoned)
