"""What an experiment is, and the list of all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.chaos.crowd import Load
from tests.chaos.ground import Ground

Inject = Callable[[Ground], Awaitable[None]]

SQLITE, POSTGRES = "sqlite", "postgres"
USUAL = Load()

#: With these no message that was lost is ever sent again. Three, for each alone is made good by the
#: others: the relay tells again, the reconciler plates, Redis gives back what was not acknowledged.
NO_SECOND_TELLING = ("told once only", "no reconciler", "acknowledged early")
#: With these a request that comes twice is done twice. A reference of the client's own guards
#: orders beside their keys; two hands on a ticket are there sooner than a refire that is repeated.
NO_SECOND_LOOK = (
    *("keys are not looked at", "client references are not unique"),
    *("versions are not looked at", "start is not guarded"),
)
LOST = "no accepted order is lost"
TWICE = "one order for each key"
CHANGED = "each change is made once"
COOKED = "nothing is cooked twice"
PORTIONS = "the portions add up"
MONEY = "the money adds up"
READY = "ready exactly when all is done, told once"
ANSWERED = "every request is answered within 5 s"
REPAIRED = "nothing is mended that is not broken"
#: Everybody asks for everything with two hands, and for much of it once more a little later.
TWO_HANDS = Load(guests=10, double=1.0, again=0.5, change=0.9, refire=0.4, pay=0.6, cancel=0.02)
ONCE = (TWICE, CHANGED, COOKED, MONEY)


@dataclass(frozen=True)
class Experiment:
    """A fault that is done again and again under load, and the proof that it could be seen.

    `sabotage` names patches of `startup.sabotages` that take the protection away, and `breaks` the
    promises that the checker must then find broken, each of them. `conditions` are patches under
    which it always runs. `harmless`: nothing is lost, so the reconciler must have nothing to mend.
    """

    name: str
    title: str
    inject: Inject
    sabotage: tuple[str, ...]
    breaks: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    databases: tuple[str, ...] = (SQLITE, POSTGRES)
    load: Load = USUAL
    least_seconds: float = 8.0
    harmless: bool = False


EXPERIMENTS: dict[str, Experiment] = {}


def experiment(
    name: str,
    title: str,
    *,
    sabotage: tuple[str, ...],
    breaks: str | tuple[str, ...],
    conditions: tuple[str, ...] = (),
    databases: tuple[str, ...] = (SQLITE, POSTGRES),
    load: Load = USUAL,
    least_seconds: float = 8.0,
    harmless: bool = False,
) -> Callable[[Inject], Inject]:
    """Register what the function does to the ground, until its time is over."""

    def register(inject: Inject) -> Inject:
        promises = (breaks,) if isinstance(breaks, str) else breaks
        EXPERIMENTS[name] = Experiment(
            *(name, title, inject, sabotage, promises),
            *(conditions, databases, load, least_seconds, harmless),
        )
        return inject

    return register
