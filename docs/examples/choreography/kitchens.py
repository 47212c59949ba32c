"""One tray, brought together twice: by a head chef who calls, and by zones that shout.

`python -m docs.examples.choreography.compare` runs both and prints what each costs. What they have
in common is Celery, Redis, and a board on which each zone marks what it has done.
"""

from functools import cache
from time import time
from typing import Any

from celery import Celery, chain, chord
from redis import Redis

app = Celery("kitchens", set_as_current=False)
app.conf.broker_connection_retry_on_startup = True

#: The soup is boiled, then fried; the chicken is grilled; the tea is poured.
TRACKS = (("boil", "fry"), ("grill",), ("drinks",))


@cache
def board() -> Any:
    return Redis.from_url(app.conf.broker_url, decode_responses=True)


def mark(tray: str, what: str) -> None:
    """The time stays that of the first time, however often a message comes."""
    board().hsetnx(f"tray:{tray}", what, time())


def done_of(tray: str) -> dict[str, str]:
    marks: dict[str, str] = board().hgetall(f"tray:{tray}")
    return marks


# Orchestration. The head chef knows the whole tray; a zone does what it is told.


def tell_the_chef(tray: str) -> None:
    call_out.apply_async((tray,), queue="pass")


@app.task(ignore_result=True)
def call_out(tray: str) -> None:
    """The head chef calls out what is still to be done: at first all, after a loss the rest."""
    done = done_of(tray)
    tracks = [[zone for zone in track if zone not in done] for track in TRACKS]
    parts = [
        chain(*(cook.si(tray, zone).set(queue=zone) for zone in track), app=app)
        for track in tracks
        if track
    ]
    chord(parts, plate.si(tray).set(queue="pass"), app=app).apply_async()


@app.task
def cook(tray: str, zone: str) -> None:
    mark(tray, zone)


@app.task(ignore_result=True)
def plate(tray: str) -> None:
    """Celery has counted the parts."""
    mark(tray, "ready")


# Choreography. Nobody knows the whole tray; a zone knows what it waits for, and says what it did.

#: In a house of services each of these lines stands in a service of its own.
HEARS = {"boil": "called", "fry": "boil done", "grill": "called", "drinks": "called"}
#: And this one in that of the pass.
COMPLETE = {"fry done", "grill done", "drinks done"}


def shout(tray: str, said: str = "called") -> None:
    """Whoever waits for this hears it; the one who shouts does not know who that is."""
    for zone, awaited in HEARS.items():
        if awaited == said:
            hear.apply_async((tray, zone), queue=zone)
    if said in COMPLETE:
        count.apply_async((tray, said), queue="pass")


@app.task(ignore_result=True)
def hear(tray: str, zone: str) -> None:
    mark(tray, zone)
    shout(tray, f"{zone} done")


@app.task(ignore_result=True)
def count(tray: str, said: str) -> None:
    """The pass counts for itself what it has heard."""
    board().sadd(f"heard:{tray}", said)
    if not unheard(tray):
        mark(tray, "ready")


def unheard(tray: str) -> set[str]:
    """What the pass still waits for: all that it knows of a tray."""
    return COMPLETE - set(board().smembers(f"heard:{tray}"))
