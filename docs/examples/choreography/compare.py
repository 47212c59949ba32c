"""`python -m docs.examples.choreography.compare`: the same tray by both ways, and what each costs.

It starts a Redis and workers of its own, and prints the table of docs/head-chef-or-shouting.md.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from uuid import uuid4

from celery.signals import task_postrun

from docs.examples.choreography import kitchens
from docs.examples.choreography.kitchens import (
    TRACKS,
    app,
    board,
    done_of,
    shout,
    tell_the_chef,
)
from restaurant.run.brief_server import brief_redis, running
from restaurant.run.place import ROOT
from restaurant.run.processes import python

Way = Callable[[str], None]
Tracks = Sequence[Sequence[str]]

#: Seconds.
PATIENCE = 30.0
ZONES = {zone for track in TRACKS for zone in track}
WITH_ONE_MORE: dict[str, Tracks] = {
    "steam between boil and fry": (("boil", "steam", "fry"), ("grill",), ("drinks",)),
    "sides after fry": (("boil", "fry", "sides"), ("grill",), ("drinks",)),
    "rice beside the others": (*TRACKS, ("rice",)),
}


def compare(rounds: int) -> Iterator[tuple[str, str, str]]:
    """What is compared, then what is true of the head chef, and of the shouting."""
    with a_redis() as folder, worker(folder, "boil", "grill", "drinks", "pass"):
        called, shouted = lose_the_call_to_fry(tell_the_chef), lose_the_call_to_fry(shout)
        yield "the message to fry is lost: is it ready?", yes(called), yes(shouted)
        chef, by_pass = ZONES - done_of(called).keys(), kitchens.unheard(shouted)
        yield "who knows what of that", f"the chef: {listed(chef)}", f"the pass: {listed(by_pass)}"
        with worker(folder, "fry"):
            yield "messages that mend it", messages(tell_the_chef, called), messages(shout, shouted)
            yield "messages of a tray", messages(tell_the_chef), messages(shout)
            yield "a tray alone", *in_turn(1, rounds)
            yield "ten trays at once", *in_turn(10, rounds)
    for zone, tracks in WITH_ONE_MORE.items():
        yield f"files to write for {zone}", "the chef", listed(changed(TRACKS, tracks))


def listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


# What happens in the kitchens


@contextmanager
def a_redis() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name, brief_redis(Path(name)) as url:
        app.conf.update(broker_url=url, result_backend=url)
        yield Path(name)


@contextmanager
def worker(folder: Path, *queues: str) -> Iterator[None]:
    servers = ("--broker", app.conf.broker_url, "--result-backend", app.conf.result_backend)
    command = python(
        *("-m", "celery", "-A", "docs.examples.choreography.compare", *servers, "worker"),
        *("--queues", ",".join(queues), "--pool", "threads", "--concurrency", "4"),
        *("--hostname", f"{queues[0]}@%h", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    log = folder / f"{queues[0]}.log"
    with running(command, log, lambda: " ready." in log.read_text(), cwd=ROOT):
        yield


@task_postrun.connect
def note_end(**_: object) -> None:
    """In the workers: one message is over, with all that was sent because of it."""
    board().incr("ended")


def wait_for(true: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE
    while not true():
        if monotonic() > until:
            raise TimeoutError("The kitchens stand still.")
        sleep(0.001)


def is_ready(tray: str) -> bool:
    return "ready" in done_of(tray)


def yes(tray: str) -> str:
    return "yes" if is_ready(tray) else "no"


def lose_the_call_to_fry(way: Way) -> str:
    """Nobody fries yet: when all others are done, the message that lies there is taken away."""
    tray = uuid4().hex
    way(tray)
    wait_for(lambda: len(done_of(tray)) == len(ZONES) - 1 and board().llen("fry") == 1)
    if way is shout:
        wait_for(lambda: len(kitchens.unheard(tray)) == 1)
    board().delete("fry")
    # It is over as well.
    board().incr("ended")
    return tray


def messages(way: Way, tray: str = "") -> str:
    """How many it takes until the tray is ready and nobody says any more.

    Celery sends each by an LPUSH.
    """
    tray, before = tray or uuid4().hex, pushes()
    way(tray)
    wait_for(lambda: is_ready(tray) and int(board().get("ended") or 0) == pushes())
    return str(pushes() - before)


def pushes() -> int:
    told = board().info("commandstats").get("cmdstat_lpush", {"calls": 0})
    return int(told["calls"])


def in_turn(trays: int, rounds: int) -> tuple[str, str]:
    """Both ways by turns: what else this machine does hits both."""
    took = [(seconds(tell_the_chef, trays), seconds(shout, trays)) for _ in range(rounds)]
    chef, shouting = (median(times) * 1000 for times in zip(*took, strict=True))
    return f"{chef:.0f} ms", f"{shouting:.0f} ms"


def seconds(way: Way, trays: int) -> float:
    """From the first tray's call until the last is ready, by the clock of who waits."""
    since, names = monotonic(), [uuid4().hex for _ in range(trays)]
    for tray in names:
        way(tray)
    for tray in names:
        wait_for(partial(is_ready, tray))
    return monotonic() - since


# What the shouters know


def known(tracks: Tracks) -> dict[str, set[str]]:
    """What each zone, and the pass, has to listen for: a line in a file of its own."""
    hears: dict[str, set[str]] = {"the pass": {f"{track[-1]} done" for track in tracks}}
    for track in tracks:
        for zone, before in zip(track, [None, *track], strict=False):
            hears[zone] = {f"{before} done" if before else "called"}
    return hears


def changed(before: Tracks, after: Tracks) -> set[str]:
    """Whose file has to be written or changed."""
    was, is_now = known(before), known(after)
    return {who for who, hears in is_now.items() if was.get(who) != hears}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30, help="for the times (%(default)s)")
    print("| | head chef | shouting |\n|---|---|---|")
    for line in compare(parser.parse_args().rounds):
        print(f"| {' | '.join(line)} |", flush=True)


if __name__ == "__main__":
    main()
