"""One run of one experiment: start, load, faults, healing, judgement."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import redis

from tests.chaos import history, rows, staff
from tests.chaos.checker import Violation, judge, why_invalid
from tests.chaos.crowd import Crowd, Load
from tests.chaos.databases import Postgres, new_postgres
from tests.chaos.evidence import Evidence
from tests.chaos.experiments import Experiment
from tests.chaos.ground import Ground
from tests.chaos.house import PROCESSES, House, HouseFault

#: The demo's clock runs as fast as it can.
TIME_SCALE = 1000
#: Seconds for which nothing may have moved before what is left counts as lost. The longest wait of
#: the house is a minute: for messages that a dead worker had taken, and between two tellings.
PATIENCE = 75.0
#: The same where nothing is ever told again, and what the dead had taken comes back after 6 s.
SHORT_PATIENCE = 15.0
#: Seconds after which the healing is over, whatever still moves.
LONGEST_HEALING = 300.0
#: One of `startup.conditions`.
SOON = "lost messages come back soon"


@dataclass(frozen=True)
class Wish:
    """What is to be run."""

    experiment: Experiment
    seed: int
    seconds: float
    database: str = "sqlite"
    sabotaged: bool = False
    load: Load | None = None
    #: What was not acknowledged comes back after 6 s: then the healing is short.
    hurried: bool = False

    @property
    def sabotage(self) -> tuple[str, ...]:
        return self.experiment.sabotage if self.sabotaged else ()

    @property
    def load_or_usual(self) -> Load:
        return self.load or self.experiment.load

    @property
    def patience(self) -> float:
        never_again = self.hurried and "told once only" in self.sabotage
        return SHORT_PATIENCE if never_again else PATIENCE


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    wish: Wish
    evidence: Evidence
    violations: list[Violation]
    invalid: str | None
    #: Seconds from the last fault until nothing was left to do; None if that never came.
    healed_after: float | None
    #: What was left to do when the patience was over.
    unsettled: dict[str, int] = field(default_factory=dict)
    notes: dict[str, object] = field(default_factory=dict)
    began: float = 0.0
    #: Seconds for all of it.
    took: float = 0.0

    @property
    def unbroken(self) -> set[str]:
        """What the sabotage should have broken, and has not."""
        broken = {violation.promise for violation in self.violations}
        return set(self.wish.experiment.breaks) - broken if self.wish.sabotaged else set()

    @property
    def is_as_wished(self) -> bool:
        """Nothing is wrong; or, when it was sabotaged, the checker has found all that breaks."""
        if self.wish.sabotaged:
            return not self.unbroken
        return not self.violations and self.invalid is None


def carry_out(wish: Wish, folder: Path) -> Outcome:
    """Run it in this folder, which then holds its history; raises HouseFault if it can't be run."""
    began = time.monotonic()
    try:
        return replace(_carry_out(wish, folder), took=time.monotonic() - began)
    except ExceptionGroup as group:
        servers, others = group.split((OSError, psycopg.Error, redis.RedisError, HouseFault))
        if servers is None or others is not None:
            raise
        raise HouseFault(f"{wish.experiment.name}: {servers.exceptions[0]!r}") from group


def _carry_out(wish: Wish, folder: Path) -> Outcome:
    patches = [*wish.experiment.conditions, *wish.sabotage]
    if wish.hurried and SOON not in patches:
        patches.append(SOON)
    with (
        database_for(wish) as postgres,
        House(folder, postgres.url if postgres else None, patches) as house,
    ):
        writer = history.Writer(folder / "history.jsonl")
        try:
            return asyncio.run(act(wish, house, postgres, writer, folder))
        finally:
            writer.close()


@contextmanager
def database_for(wish: Wish) -> Iterator[Postgres | None]:
    if wish.database == "sqlite":
        yield None
    else:
        with new_postgres(wish.sabotage) as server:
            yield server


async def act(
    wish: Wish, house: House, postgres: Postgres | None, writer: history.Writer, folder: Path
) -> Outcome:
    began, load = time.time(), wish.load_or_usual
    rng = random.Random(wish.seed)
    house.change("settings/", time_scale=TIME_SCALE)
    stock = count_portions(house, load.portions)
    writer.stock(stock)
    crowd = Crowd(
        *(house.url, house.demo["tokens"], house.menu(), load),
        *(writer, random.Random(rng.random())),
    )
    until = time.monotonic() + wish.seconds
    ground = Ground(house, crowd, writer, rng, postgres, wish.sabotage, until)
    async with asyncio.TaskGroup() as tasks:
        acting = tasks.create_task(staff.act(crowd))
        try:
            await wish.experiment.inject(ground)
            await asyncio.sleep(max(0.0, ground.until - time.monotonic()))
        finally:
            heal(ground)
            crowd.shut.set()
        healed_after, unsettled = await settled(house, crowd, wish.patience)
        crowd.over.set()
        await acting
    evidence = Evidence(
        history.read(folder / "history.jsonl"),
        rows.read(house.database_url),
        # One look is not enough: each second the house has something under way.
        {name: number for name, number in unsettled.items() if name not in rows.LEFT_TO_DO},
        frozenset(crowd.poisoned),
        wish.experiment.harmless,
    )
    return Outcome(
        *(wish, evidence, judge(evidence), why_invalid(evidence), healed_after, unsettled),
        *(ground.notes, began),
    )


def count_portions(house: House, portions: int) -> dict[str, int]:
    """Give each counted item so many."""
    counted = [item["code"] for item in house.menu() if item["portions_left"] is not None]
    for code in counted:
        house.change(f"menu/{code}/", portions_left=portions)
    return dict.fromkeys(counted, portions)


def heal(ground: Ground) -> None:
    """Whatever was done is undone; the supervisor brings back who is dead."""
    for undo in reversed(ground.to_undo):
        undo()
    for point in ground.house.plan.armed.iterdir():
        point.unlink()
    ground.house.let_go_on(*PROCESSES)


async def settled(
    house: House, crowd: Crowd, patience: float
) -> tuple[float | None, dict[str, int]]:
    """Wait until the guests are gone and nothing is left to do; how long that took, or what was
    left. The messages of poison orders never end.
    """
    began = time.monotonic()
    with suppress(TimeoutError):
        await asyncio.wait_for(crowd.gone.wait(), patience)
    moved, before = time.monotonic(), dict[str, int]()
    poisoned = bool(crowd.poisoned)
    while left := await asyncio.to_thread(left_to_do, house, poisoned=poisoned):
        now = time.monotonic()
        if left != before:
            before, moved = left, now
        if now - moved > patience or now - began > LONGEST_HEALING:
            return None, left
        await asyncio.sleep(0.3)
    return time.monotonic() - began, {}


def left_to_do(house: House, *, poisoned: bool) -> dict[str, int]:
    return {**rows.unsettled(house.database_url), **({} if poisoned else queued(house))}


def queued(house: House) -> dict[str, int]:
    try:
        return house.queued()
    except redis.RedisError:
        return {"redis away": 1}
