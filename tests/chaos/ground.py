"""Where an experiment acts: the house, the crowd, and faults that write themselves down."""

import asyncio
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import redis

from tests.chaos.crowd import Crowd
from tests.chaos.databases import Postgres
from tests.chaos.history import Writer
from tests.chaos.house import WORKERS, House, wait_for


def limit_files(pids: list[int], size: int) -> None:
    """These processes may write no file beyond this size; who has ended is let go."""
    for pid in pids:
        with suppress(ProcessLookupError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(
                pid, resource.RLIMIT_FSIZE, (min(size, hard) if size >= 0 else hard, hard)
            )


def takes_lock(lite: sqlite3.Connection) -> bool:
    """SQLite is not fair: who waits politely among many writers may wait for ever."""
    with suppress(sqlite3.OperationalError):
        lite.execute("BEGIN IMMEDIATE")
    return lite.in_transaction


@dataclass
class Ground:
    """What is done here is in the history, with its beginning and its end."""

    house: House
    crowd: Crowd
    history: Writer
    rng: random.Random
    #: Only where the product runs on PostgreSQL.
    postgres: Postgres | None
    #: The protections that are taken away in this run.
    sabotage: tuple[str, ...]
    #: When no new fault may begin.
    until: float
    #: Undone before the house heals.
    to_undo: list[Callable[[], Any]] = field(default_factory=list)
    #: What an experiment found out beside: crash points reached, tries of a poison, …
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.until - time.monotonic())

    async def pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.rng.uniform(least, most))

    async def kill(self, *names: str) -> None:
        """kill -9, all at once; until the supervisor has started others."""
        with self.history.fault(f"kill {'+'.join(names)}"):
            await asyncio.gather(*(asyncio.to_thread(self.house.kill, name) for name in names))

    async def until_open(self) -> None:
        """The web process answers: a house that is always shut shows nothing."""
        await asyncio.to_thread(wait_for, self.house.is_ready, "the web process")

    async def terminate(self, *names: str) -> None:
        """SIGTERM, as a deploy does; without a farewell it is a kill."""
        number = signal.SIGKILL if "no farewell" in self.sabotage else signal.SIGTERM
        with self.history.fault(f"restart {'+'.join(names)}"):
            await asyncio.gather(
                *(asyncio.to_thread(self.house.end_and_await, number, name) for name in names)
            )

    async def freeze(self, seconds: float, *names: str) -> None:
        with self.history.fault(f"freeze {'+'.join(names)}"), self.house.frozen(*names):
            await asyncio.sleep(seconds)

    async def flush(self) -> None:
        """Redis forgets everything."""
        with self.history.fault("flush redis"), suppress(redis.RedisError):
            await asyncio.to_thread(self.house.redis.flushall)

    async def flush_in_mid_chord(self) -> None:
        """Redis forgets what waits for the workers, who stand still so that something does."""
        with self.history.fault("flush redis in mid-chord"), self.house.frozen(*WORKERS):
            await asyncio.sleep(self.rng.uniform(0.5, 1.5))
            with suppress(redis.RedisError):
                await asyncio.to_thread(self.house.redis.flushall)

    async def redis_away(self, seconds: float) -> None:
        """Redis dies, and nobody starts another one for so long."""
        with self.history.fault("redis away"):
            before = self.house.pid("redis")
            with self.house.supervisor_frozen():
                self.house.signal(signal.SIGKILL, "redis")
                await asyncio.sleep(seconds)
            await asyncio.to_thread(
                wait_for, lambda: self.house.is_replaced("redis", before), "another redis"
            )

    async def lose_redis(self) -> None:
        """Redis dies, and its files with it."""
        with self.history.fault("redis loses its data"):
            before = self.house.pid("redis")
            self.house.signal(signal.SIGKILL, "redis")
            # The next one starts 0.2 s later, and reads what it finds.
            for path in sorted((self.house.var / "redis").rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            await asyncio.to_thread(
                wait_for, lambda: self.house.is_replaced("redis", before), "another redis"
            )

    async def fill_redis(self, seconds: float) -> None:
        """No more memory: each write is refused."""
        with self.history.fault("redis full"), suppress(redis.RedisError):
            self.house.redis.config_set("maxmemory", "1")
            try:
                await asyncio.sleep(seconds)
            finally:
                self.house.redis.config_set("maxmemory", "0")

    async def lock_database(self, seconds: float) -> None:
        """Another process holds the write lock, or the busiest tables."""
        with self.history.fault("database locked"):
            await asyncio.to_thread(self._hold_lock, seconds)

    def _hold_lock(self, seconds: float) -> None:
        if self.postgres is None:
            path = unquote(urlsplit(self.house.database_url).path[1:])
            lite = sqlite3.connect(path, timeout=0, isolation_level=None)
            try:
                wait_for(partial(takes_lock, lite), "SQLite's write lock")
                time.sleep(seconds)
                lite.execute("ROLLBACK")
            finally:
                lite.close()
        else:
            self.postgres.execute(
                "BEGIN; LOCK TABLE orders_order, kitchen_tray, events_eventrecord;"
                f" SELECT pg_sleep({seconds:.2f}); ROLLBACK"
            )

    async def cut_connections(self) -> None:
        """PostgreSQL ends every connection."""
        if self.postgres is not None:
            with self.history.fault("connections terminated"):
                await asyncio.to_thread(
                    self.postgres.execute,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
                )

    async def crash_database(self, away: float) -> None:
        """PostgreSQL is gone at once, and comes back after a while."""
        if self.postgres is not None:
            with self.history.fault("postgres crashes"):
                await asyncio.to_thread(self.postgres.stop)
                await asyncio.sleep(away)
                await asyncio.to_thread(self.postgres.start)

    async def fill_disk(self, seconds: float) -> None:
        """No file grows or changes: whoever writes to the database is refused.

        By the limit that the kernel puts on the size of files, as it is for one process, so that no
        disk has to be filled. Redis has files of its own, and goes on.
        """
        with self.history.fault("disk full"):
            limited = self.house.pids("web", "relay", *WORKERS)
            limit_files(limited, 0)
            await asyncio.sleep(seconds)
            limit_files(limited, resource.RLIM_INFINITY)

    def start_beside(self, *words: str) -> None:
        """One more process of the product, until the healing."""
        process = self.house.run_beside(*words)
        self.to_undo += [process.wait, process.kill]

    async def strike(self, point: str, within: float) -> bool:
        """Arm a crash point; True when a process has died there."""
        armed = self.house.plan.armed / point
        armed.touch()
        give_up = time.monotonic() + within
        while armed.exists() and time.monotonic() < give_up:
            await asyncio.sleep(0.02)
        with suppress(FileNotFoundError):
            armed.unlink()
            return False
        with self.history.fault(f"crash at {point}"):
            return True
