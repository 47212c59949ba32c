"""The database is locked, cut off, gone, or has no room."""

from tests.chaos.crowd import Load
from tests.chaos.experiments.registry import (
    ANSWERED,
    LOST,
    NO_SECOND_TELLING,
    POSTGRES,
    SQLITE,
    experiment,
)
from tests.chaos.ground import Ground


@experiment(
    "E11-locked",
    "somebody else holds the write lock for 1 to 9 s",
    sabotage=("a lock is waited for without end",),
    breaks=ANSWERED,
    # More than the web process has threads: some wait for a thread, and then for the lock.
    load=Load(guests=20),
    least_seconds=25.0,
)
async def locked(ground: Ground) -> None:
    await ground.lock_database(9.0)
    while ground.goes_on:
        await ground.pause(2.0, 4.0)
        await ground.lock_database(ground.rng.choice([1.0, 3.0, 9.0]))


@experiment(
    "E11-cut",
    "PostgreSQL ends all connections",
    sabotage=("broken connections are kept", *NO_SECOND_TELLING),
    breaks=LOST,
    databases=(POSTGRES,),
)
async def cut(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.3, 2.0)
        await ground.cut_connections()


@experiment(
    "E12-postgres-dies",
    "PostgreSQL crashes, and comes back after up to 4 s",
    sabotage=("commits are not waited for",),
    breaks=LOST,
    databases=(POSTGRES,),
)
async def database_dies(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(1.0, 3.0)
        await ground.crash_database(ground.rng.uniform(0.0, 4.0))


@experiment(
    "E13-disk-full",
    "nothing more can be written to the files of the database",
    sabotage=NO_SECOND_TELLING,
    breaks=LOST,
    # PostgreSQL has another user, whose limits are not ours to set.
    databases=(SQLITE,),
)
async def disk_full(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(1.0, 3.0)
        await ground.fill_disk(ground.rng.uniform(1.0, 4.0))
