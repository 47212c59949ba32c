"""The experiments: what is done to the product, and which protection its sabotage takes away.

Their numbers are those of the plan in docs/chaos.md.
"""

import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from tests.chaos.callers import Load
from tests.chaos.ground import Ground
from tests.chaos.house import WORKERS
from tests.chaos.startup.crash_points import POINTS

Inject = Callable[[Ground], Awaitable[None]]
BOTH = frozenset({"sqlite", "postgres"})
POSTGRES = frozenset({"postgres"})


@dataclass(frozen=True)
class Experiment:
    """`sabotage` names patches of `startup.sabotages`; `conditions` those it always runs under."""

    name: str
    title: str
    inject: Inject
    sabotage: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    databases: frozenset[str] = BOTH
    load: Load = Load()
    #: Seconds of load for which it needs at least.
    least_seconds: float = 20.0


EXPERIMENTS: dict[str, Experiment] = {}
#: With these no message that was lost is ever sent again.
NO_SECOND_TELLING = ("told once only", "no reconciler", "acknowledged early")


def experiment(name: str, title: str, *, sabotage: tuple[str, ...], **more: object) -> Callable[[Inject], Inject]:
    def register(inject: Inject) -> Inject:
        made = Experiment(name, title, inject, sabotage)
        EXPERIMENTS[name] = replace(made, **more)  # type: ignore[arg-type]
        return inject

    return register


@experiment(
    "E01-workers", "kill -9 of whole workers, one or both", sabotage=NO_SECOND_TELLING
)
async def kill_workers(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 3.0)
        await ground.kill(*ground.rng.choice([WORKERS[:1], WORKERS[1:], WORKERS]))


@experiment(
    "E03-anybody",
    "kill -9 of any process at a random moment",
    sabotage=NO_SECOND_TELLING,
)
async def kill_anybody(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.3, 2.0)
        await ground.kill(ground.rng.choice(["web", "relay", *WORKERS, "beat", "redis"]))
