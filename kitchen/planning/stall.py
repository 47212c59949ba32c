"""The stall: whoever takes an order does all of it, step by step, and then the next one."""

from collections.abc import Generator, Sequence
from typing import Any

import simpy

from kitchen.planning.evening import Outcome
from kitchen.planning.guests import Guest

#: All work is done here.
COUNTER = "counter"


def play_stall(guests: Sequence[Guest], people: int) -> Outcome:
    """One evening with so many people; a guest's wait begins at the end of the line."""
    env = simpy.Environment()
    counter = simpy.Resource(env, people)
    waits: list[float] = []
    queued: list[float] = []

    def attend(guest: Guest) -> Generator[simpy.Event, Any, None]:
        yield env.timeout(guest.arrives)
        with counter.request() as turn:
            yield turn
            queued.append(env.now - guest.arrives)
            yield env.timeout(work_of(guest))
        waits.append(env.now - guest.arrives)

    for guest in guests:
        env.process(attend(guest))
    env.run()
    return Outcome(waits, {COUNTER: sum(map(work_of, guests))}, {COUNTER: sum(queued)}, env.now)


def work_of(guest: Guest) -> float:
    return sum(step.seconds for step in guest.order.steps)
