"""Processes that die, stand still, are too many, or are replaced."""

from tests.chaos.crowd import Load
from tests.chaos.experiments.registry import (
    COOKED,
    LOST,
    NO_SECOND_LOOK,
    NO_SECOND_TELLING,
    ONCE,
    READY,
    REPAIRED,
    TWICE,
    TWO_HANDS,
    experiment,
)
from tests.chaos.ground import Ground
from tests.chaos.house import PROCESSES, WORKERS
from tests.chaos.startup.crash_points import POINTS

#: Seconds in which some process comes by a crash point under the usual load.
COMES_BY_WITHIN = 15.0
#: Tasks of milliseconds are seldom hit by a kill at a random moment.
LONG_TASKS = ("each task takes a while",)
#: Nor is a relay between its claim and its sending.
SLOW_RELAY = ("the relay dawdles",)


@experiment(
    "E00-all-at-once",
    "kill -9 of each process in turn, Redis flushed at last, while all is asked for twice",
    sabotage=(*NO_SECOND_TELLING, *NO_SECOND_LOOK),
    breaks=(LOST, *ONCE),
    conditions=LONG_TASKS,
    load=TWO_HANDS,
    least_seconds=10.0,
)
async def kill_each(ground: Ground) -> None:
    """What is run when there is little time."""
    while ground.goes_on:
        for name in ground.rng.sample(PROCESSES, len(PROCESSES)):
            if ground.goes_on:
                await ground.pause(0.3, 1.5)
                await ground.kill(name)
    await ground.flush_in_mid_chord()


@experiment(
    "E01-workers",
    "kill -9 of one worker or both",
    sabotage=NO_SECOND_TELLING,
    breaks=LOST,
    conditions=LONG_TASKS,
)
async def kill_workers(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(1.0, 6.0)
        await ground.kill(*ground.rng.choice([WORKERS[:1], WORKERS[1:], WORKERS]))


@experiment(
    "E03-anybody",
    "kill -9 of web, relay, a worker, beat or Redis, at any moment",
    sabotage=NO_SECOND_TELLING,
    breaks=LOST,
    conditions=LONG_TASKS,
)
async def kill_anybody(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 4.0)
        await ground.kill(ground.rng.choice(PROCESSES))


@experiment(
    "E03-points",
    "kill -9 at each named crash point",
    sabotage=NO_SECOND_TELLING,
    breaks=LOST,
    conditions=("crash points",),
    load=Load(cancel=0.2, recall=0.15, scarce=0.5),
    least_seconds=60.0,
)
async def kill_at_points(ground: Ground) -> None:
    """Each once in a new order, then again, for as long as there is time."""
    struck = dict.fromkeys([point.name for point in POINTS], 0)
    ground.notes["crash points"] = struck
    while ground.goes_on:
        for name in ground.rng.sample(list(struck), len(struck)):
            if ground.goes_on:
                struck[name] += await ground.strike(name, COMES_BY_WITHIN)
                await ground.pause(0.2, 0.6)


@experiment(
    "E03-relays",
    "three relays, and kill -9 of one of them",
    sabotage=NO_SECOND_TELLING,
    breaks=LOST,
    conditions=SLOW_RELAY,
)
async def kill_relays(ground: Ground) -> None:
    for _ in range(2):
        ground.start_beside("manage.py", "relay")
    while ground.goes_on:
        await ground.pause(0.3, 2.0)
        await ground.kill("relay")


@experiment(
    "E04-web",
    "kill -9 of the web process under guests who ask again with the same key",
    sabotage=("keys are not looked at", "client references are not unique"),
    breaks=TWICE,
    load=Load(double=0.3, hang_up=0.2, again=0.3),
)
async def kill_web(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 3.0)
        await ground.kill("web")
        await ground.until_open()


@experiment(
    "E06-beat",
    "beat killed or frozen while messages are lost in mid-chord",
    sabotage=("no reconciler",),
    breaks=LOST,
    least_seconds=12.0,
)
async def beat_away(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 2.0)
        if ground.rng.random() < 0.5:
            await ground.kill("beat")
        else:
            await ground.freeze(ground.rng.uniform(3, 6), "beat")
        await ground.flush_in_mid_chord()


@experiment(
    "E25-zombie",
    "a worker stands still for longer than its messages wait for it, and goes on",
    sabotage=("a ready tray is plated again", "Heard does not count"),
    breaks=READY,
    conditions=("lost messages come back soon", *LONG_TASKS),
    least_seconds=30.0,
)
async def zombies(ground: Ground) -> None:
    while ground.goes_on:
        await ground.pause(0.5, 2.0)
        await ground.freeze(9.0, ground.rng.choice(WORKERS))


@experiment(
    "E26-deploy",
    "everything is restarted in turn (SIGTERM) under load",
    sabotage=(*NO_SECOND_TELLING, "no farewell"),
    breaks=LOST,
    conditions=LONG_TASKS,
    least_seconds=15.0,
)
async def deploy(ground: Ground) -> None:
    while ground.goes_on:
        for name in (*WORKERS, "relay", "web", "beat"):
            if ground.goes_on:
                await ground.pause(0.5, 2.0)
                await ground.terminate(name)
        await ground.until_open()


@experiment(
    "E28-beats",
    "three beats, so three reconcilers at once, and nothing is broken",
    sabotage=("the reconciler mends what is only slow",),
    breaks=REPAIRED,
    # Else nothing is ever slow.
    conditions=LONG_TASKS,
    harmless=True,
)
async def three_beats(ground: Ground) -> None:
    with ground.history.fault("two more beats"):
        for number in range(2):
            schedule = str(ground.house.var / f"beat-{number}")
            app = ("-m", "celery", "--quiet", "-A", "restaurant.celery:app")
            ground.start_beside(*app, "beat", "--schedule", schedule, "--pidfile=")
    await ground.pause(ground.seconds_left, ground.seconds_left)


@experiment(
    "E16-two-cooks",
    "many cooks press on the same tickets at the same moment",
    sabotage=("start is not guarded",),
    breaks=COOKED,
    load=Load(cooks=5, double=0.8, recall=0.1),
    harmless=True,
)
async def two_cooks(ground: Ground) -> None:
    with ground.history.fault("five cooks, two hands each"):
        await ground.pause(ground.seconds_left, ground.seconds_left)
