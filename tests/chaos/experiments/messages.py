"""Messages that are poison, come twice, or come by wrong clocks."""

import redis

from tests.chaos.crowd import Load
from tests.chaos.experiments.registry import LOST, READY, experiment
from tests.chaos.ground import Ground

#: What a stranger might push into a queue.
GARBAGE = (
    b"not json at all",
    b'{"body": "W10=", "headers": {',
    b"\x80\x04\x95\x00\x00",
    b"{}",
    b"[1, 2, 3]",
    b'{"body": "W1tdLCB7fSwge31d", "content-encoding": "utf-8", "content-type": "application/json",'
    b' "headers": {"task": "no.such.task", "id": "1", "lang": "py"}, "properties": {"delivery_tag":'
    b' "1", "delivery_info": {"exchange": "", "routing_key": "pass"}, "body_encoding": "base64"}}',
    b'{"body": "gASVAAAA", "content-encoding": "binary", "content-type": "application/x-python-'
    b'serialize", "headers": {"task": "kitchen.tasks.plate", "id": "2"}, "properties":'
    b' {"delivery_tag": "2", "delivery_info": {"exchange": "", "routing_key": "pass"},'
    b' "body_encoding": "base64"}}',
)
QUEUES = ("pass", "orders", "zone.fry", "zone.drinks")


@experiment(
    "E17-twice",
    "every message is sent twice",
    sabotage=("a ready tray is plated again", "Heard does not count"),
    breaks=READY,
    conditions=("every message is sent twice",),
)
async def twice(ground: Ground) -> None:
    with ground.history.fault("every message is sent twice"):
        await ground.pause(ground.seconds_left, ground.seconds_left)


@experiment(
    "E20-poison",
    "orders whose opening raises, or kills its worker, among good ones",
    sabotage=("deaths are not counted",),
    breaks=LOST,
    conditions=("poison orders", "lost messages come back soon"),
    load=Load(poison=0.15),
    least_seconds=20.0,
)
async def poison_orders(ground: Ground) -> None:
    with ground.history.fault("poison orders"):
        await ground.pause(ground.seconds_left, ground.seconds_left)


@experiment(
    "E21-garbage",
    "a stranger pushes garbage into the queues",
    sabotage=("nobody is started again",),
    breaks=LOST,
    least_seconds=12.0,
)
async def garbage(ground: Ground) -> None:
    """Each kind in its turn, then again."""
    while ground.goes_on:
        for message in ground.rng.sample(GARBAGE, len(GARBAGE)):
            if ground.goes_on:
                await ground.pause(0.5, 2.0)
                push(ground, message)


def push(ground: Ground, message: bytes) -> None:
    with ground.history.fault("garbage"):
        try:
            ground.house.redis.lpush(ground.rng.choice(QUEUES), message)
        except redis.RedisError:
            ground.notes["not pushed"] = ground.notes.get("not pushed", 0) + 1


@experiment(
    "E22-clocks",
    "a worker's clock is an hour ahead, the relay's an hour behind",
    sabotage=("a ready tray is plated again", "Heard does not count"),
    breaks=READY,
    conditions=(
        "worker2 is an hour ahead",
        "relay is an hour behind",
        "each task takes a while",
    ),
    least_seconds=30.0,
)
async def clocks(ground: Ground) -> None:
    with ground.history.fault("clocks are wrong"):
        await ground.pause(ground.seconds_left, ground.seconds_left)
