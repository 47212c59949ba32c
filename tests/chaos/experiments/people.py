"""Guests who tap twice, hang up, and all want the last portion."""

from tests.chaos.crowd import Load
from tests.chaos.experiments.registry import (
    NO_SECOND_LOOK,
    ONCE,
    PORTIONS,
    TWICE,
    TWO_HANDS,
    experiment,
)
from tests.chaos.ground import Ground


@experiment(
    "E05-hang-up",
    "half of the guests hang up before the answer, while the web process stutters",
    sabotage=("keys are not looked at", "client references are not unique"),
    breaks=TWICE,
    load=Load(hang_up=0.5, again=0.5),
)
async def hang_up(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 2.0)
        await ground.freeze(ground.rng.uniform(0.2, 1.0), "web")


@experiment(
    "E14-double-tap",
    "every guest sends every order twice at the same moment",
    sabotage=("keys are not looked at", "client references are not unique"),
    breaks=TWICE,
    load=Load(double=1.0, again=0.5),
    harmless=True,
)
async def double_tap(ground: Ground) -> None:
    with ground.history.fault("all tap twice"):
        await ground.pause(ground.seconds_left, ground.seconds_left)


@experiment(
    "E14-two-hands",
    "everything is asked for twice at the same moment: orders, changes, refires, payments",
    sabotage=NO_SECOND_LOOK,
    breaks=ONCE,
    load=TWO_HANDS,
    least_seconds=15.0,
    harmless=True,
)
async def two_hands(ground: Ground) -> None:
    with ground.history.fault("everybody has two hands"):
        await ground.pause(ground.seconds_left, ground.seconds_left)


@experiment(
    "E15-last-portion",
    "everybody wants what there is little of, and many cancel",
    sabotage=("no portions are guarded", "portions come back twice"),
    breaks=PORTIONS,
    load=Load(guests=12, thinking=0.5, scarce=1.0, portions=25, cancel=0.3),
    harmless=True,
)
async def last_portion(ground: Ground) -> None:
    with ground.history.fault("a rush on few portions"):
        await ground.pause(ground.seconds_left, ground.seconds_left)
