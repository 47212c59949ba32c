"""Each takes one protection out of the product, from outside: then the checker must find a fault.

One that is caught by a second protection takes both away, and says so.
"""

import os
import random
import time
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Any
from uuid import uuid4

from tests.chaos.startup.plan import patches, put


def nothing(*_: Any, **__: Any) -> None:
    """Done instead of what protects."""


@patches("told once only", "restaurant.events.relay")
def _(module: ModuleType) -> None:
    """What was sent is never sent again, heard or not."""
    put(module, "tell_again", lambda app: module.settle_heard())


@patches("no reconciler", "kitchen.services.repairs")
def _(module: ModuleType) -> None:
    put(module, "repair", nothing)


@patches("acknowledged early", "restaurant.settings")
def _(module: ModuleType) -> None:
    """A message is forgotten when it is taken, not when its task is done."""
    put(module, "CELERY_TASK_ACKS_LATE", instead=False)
    put(module, "CELERY_TASK_REJECT_ON_WORKER_LOST", instead=False)


@patches("Heard does not count", "restaurant.events.models")
def _(module: ModuleType) -> None:
    """It is written, and never says that something was heard before."""
    first_time = module.HeardManager.first_time

    def always(*args: Any) -> bool:
        first_time(*args)
        return True

    put(module.HeardManager, "first_time", always)


@patches("deaths are not counted", "restaurant.events.models")
def _(module: ModuleType) -> None:
    """What kills its worker is tried for ever."""
    put(module.DeathManager, "may_begin", lambda *_: True)
    put(module.DeathManager, "survived", nothing)


@patches("no portions are guarded", "kitchen.services.reservations")
def _(module: ModuleType) -> None:
    """Read, think, save: two baskets both see the last portion."""

    def take_portions(menu: Any, wanted: Any) -> None:
        for line in wanted:
            item = menu[line.item]
            item.refresh_from_db()
            if item.portions_left is None:
                continue
            if not item.available or item.portions_left < line.quantity:
                raise module.SoldOut("There is not enough of it.", item=line.item, left=0)
            time.sleep(random.uniform(0.01, 0.05))
            item.portions_left -= line.quantity
            item.save(update_fields=["portions_left"])

    put(module, "take_portions", take_portions)


@patches("portions come back twice", "kitchen.services.reservations")
def _(module: ModuleType) -> None:
    """On SQLite the one write lock guards whoever reads, thinks and saves; this it does not."""
    give_back = module.give_back

    def twice(lines: Any) -> None:
        lines = list(lines)
        give_back(lines)
        give_back(lines)

    put(module, "give_back", twice)


@patches("keys are not looked at", "restaurant.idempotency.views")
def _(module: ModuleType) -> None:
    """Every request is a new one. The order's own reference is a second guard: see below."""
    take = module.take
    put(module, "take", lambda request, key: take(request, f"{key}{uuid4().hex}"[:255]))


@patches("client references are not unique", "orders.services.placing")
def _(module: ModuleType) -> None:
    order_of = module.order_of

    def anew(*args: Any) -> Any:
        order = order_of(*args)
        order.client_ref = uuid4().hex
        return order

    put(module, "order_of", anew)


@patches("versions are not looked at", "orders.services.changing")
def _(module: ModuleType) -> None:
    """Whoever changes an order has seen it as it is, whatever they have seen."""
    change_order = module.change_order
    put(
        module,
        "change_order",
        lambda ref, is_known, change: change_order(ref, lambda *_: True, change),
    )


@patches("start is not guarded", "kitchen.lifecycle")
def _(module: ModuleType) -> None:
    """Whoever presses start begins to cook, also on what is cooking."""
    module.TICKET_MOVES["start"] = module.Move(("fired", "cooking"), "cooking")


@patches("a ready tray is plated again", "kitchen.lifecycle")
def _(module: ModuleType) -> None:
    """Each time that its pass is called, though it has been served by then."""
    module.TRAY_MOVES["plate"] = module.Move(("waiting", "ready", "served"), "ready")


@patches("a request speaks to Redis", "restaurant.events.publish")
def _(module: ModuleType) -> None:
    """As if the web process sent its messages itself, and waited for Redis."""
    publish = module.publish
    broker = import_module("redis").Redis.from_url(os.environ["REDIS_URL"])

    def send_at_once(*events: Any, **more: Any) -> None:
        publish(*events, **more)
        broker.ping()

    put(module, "publish", send_at_once)


@patches("a lock is waited for without end", "restaurant.settings")
def _(module: ModuleType) -> None:
    options = module.DATABASES["default"]["OPTIONS"]
    if "timeout" in options:
        options["timeout"] = 60
    else:
        options["options"] = "-c lock_timeout=0"


@patches("broken connections are kept", "restaurant.celery")
def _(module: ModuleType) -> None:
    """A worker goes on with a connection that a restart of the database has broken."""
    module.task_prerun.disconnect(module.fresh_connection)


@patches("broken connections are kept", "restaurant.settings")
def _(module: ModuleType) -> None:
    module.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False


@patches("nobody is started again", "restaurant.run.supervisor")
def _(module: ModuleType) -> None:
    put(module.Supervisor, "_mourn", nothing)


@patches("the reconciler mends what is only slow", "kitchen.services.repairs")
def _(module: ModuleType) -> None:
    put(module, "GRACE", timedelta(0))


@patches("Redis keeps nothing", "restaurant.run.embedded")
def _(module: ModuleType) -> None:
    """Without the append-only file."""
    server_command = module.server_command

    def forgetful(*args: Any) -> tuple[str, ...]:
        return tuple("no" if word == "yes" else word for word in server_command(*args))

    put(module, "server_command", forgetful)
