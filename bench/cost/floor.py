"""The floor: bare Celery as its documentation shows it, two chords an order, and no database.

`python -m bench.cost.floor ORDERS AT_ONCE` is the client; it says how long each order took.
"""

import os
import sys
import time
from typing import Any

from celery import Celery, chain, chord

from bench.cost.told import Told, begin

app = Celery("floor", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
#: The tracks of the two trays of "one order": two steps for a dish, one for a drink.
TRACKS = (2, 1)


@app.task(name="floor.cook")
def cook(ticket: str) -> str:
    """Nothing is cooked."""
    return ticket


@app.task(name="floor.plate")
def plate(tray: str) -> str:
    """Nothing is plated."""
    return tray


def place(order: int) -> list[Any]:
    """Both trays of the order: what the chords' bodies answer tells that it is ready."""
    trays = []
    for tray in (f"{order}-1", f"{order}-2"):
        header = [
            chain(*[cook.si(f"{tray}-{track}-{step}") for step in range(steps)])
            for track, steps in enumerate(TRACKS)
        ]
        trays.append(chord(header, plate.si(tray)).apply_async())
    return trays


def main(orders: int, at_once: int) -> Told:
    waiting: dict[int, tuple[float, list[Any]]] = {}
    told = Told()
    placed = 0
    begin()
    started = time.monotonic()
    cpu = time.process_time()
    while placed < orders or waiting:
        while placed < orders and len(waiting) < at_once:
            waiting[placed] = time.monotonic(), place(placed)
            placed += 1
        for order, (since, trays) in list(waiting.items()):
            if all(tray.ready() for tray in trays):
                del waiting[order]
                told.milliseconds.append((time.monotonic() - since) * 1000)
        time.sleep(0.01)
    told.seconds = time.monotonic() - started
    told.cpu = time.process_time() - cpu
    return told


if __name__ == "__main__":
    main(*map(int, sys.argv[1:])).tell()
