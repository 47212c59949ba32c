"""Redis dies, forgets, stands still, or is full."""

from tests.chaos.experiments.registry import ANSWERED, LOST, NO_SECOND_TELLING, experiment
from tests.chaos.ground import Ground


@experiment(
    "E07-redis-kept",
    "kill -9 of Redis, away for up to 5 s, with its file kept",
    sabotage=(*NO_SECOND_TELLING, "Redis keeps nothing"),
    breaks=LOST,
)
async def redis_dies(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 2.0)
        await ground.redis_away(ground.rng.uniform(0.0, 5.0))


@experiment(
    "E08-redis-lost",
    "Redis loses everything: killed without its file, flushed, flushed in mid-chord",
    sabotage=("told once only", "no reconciler"),
    breaks=LOST,
)
async def redis_forgets(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 2.0)
        lose = [ground.lose_redis, ground.flush, ground.flush_in_mid_chord]
        await ground.rng.choice(lose)()


@experiment(
    "E09-redis-frozen",
    "Redis stands still for 9 s",
    sabotage=("a request speaks to Redis",),
    breaks=ANSWERED,
    least_seconds=25.0,
)
async def redis_frozen(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(1.0, 2.0)
        await ground.freeze(9.0, "redis")


@experiment(
    "E10-redis-full",
    "Redis has no memory left and refuses every write",
    sabotage=("told once only", "no reconciler"),
    breaks=LOST,
)
async def redis_full(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 2.0)
        await ground.fill_redis(ground.rng.uniform(2.0, 5.0))
