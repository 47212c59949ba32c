"""What servers and processes have used so far: CPU time, Redis commands, write transactions."""

import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Usage:
    """What was used between the two ends of a `measured` block."""

    #: Seconds of user and system time, by the name of the process.
    cpu: dict[str, float] = field(default_factory=dict)
    redis_commands: int = 0
    #: Celery messages put into queues.
    messages: int = 0
    write_transactions: int = 0


@dataclass(frozen=True)
class Watched:
    """Whom to measure: pids by name (their children count with them), Redis, and the database."""

    pids: Mapping[str, int]
    redis_url: str
    database_url: str | None = None

    def everything(self) -> Usage:
        """The counters as they stand now."""
        families = children_of_all()
        cpu = {name: cpu_seconds(pid, families) for name, pid in self.pids.items()}
        commands, messages = redis_counters(self.redis_url)
        written = writes_of(self.database_url) if self.database_url else 0
        return Usage(cpu, commands, messages, written)


@contextmanager
def measured(watched: Watched) -> Iterator[Usage]:
    """The usage is there when the block has ended."""
    usage = Usage()
    before = watched.everything()
    yield usage
    after = watched.everything()
    usage.cpu = {name: after.cpu[name] - before.cpu[name] for name in watched.pids}
    usage.redis_commands = after.redis_commands - before.redis_commands
    usage.messages = after.messages - before.messages
    usage.write_transactions = after.write_transactions - before.write_transactions


def stat_of(pid: int) -> list[str]:
    """The fields of /proc/PID/stat (proc(5)) after the command's name; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def children_of_all() -> dict[int, list[int]]:
    families: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := stat_of(int(entry.name))):
            families.setdefault(int(stat[1]), []).append(int(entry.name))
    return families


def cpu_seconds(pid: int, families: Mapping[int, list[int]]) -> float:
    """User and system time of the process, its children, and those that it has outlived."""
    stat = stat_of(pid)
    own = sum(int(ticks) for ticks in stat[11:15]) / TICKS_PER_SECOND if stat else 0.0
    return own + sum(cpu_seconds(child, families) for child in families.get(pid, ()))


def redis_counters(url: str) -> tuple[int, int]:
    """All commands so far, and how many of them put a message into a queue."""
    with redis.Redis.from_url(url) as client:
        info: Any = client.info("commandstats")
    calls = {name: counts["calls"] for name, counts in info.items()}
    return sum(calls.values()), calls.get("cmdstat_lpush", 0)


def writes_of(database_url: str) -> int:
    """How many transactions have written so far."""
    if database_url.startswith("sqlite"):
        return sqlite_writes(Path(database_url.removeprefix("sqlite:///")))
    with psycopg.connect(database_url) as connection:
        # Ids are given to transactions that write, and to their savepoints.
        row = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
    return int(row[0]) if row else 0


def sqlite_writes(file: Path) -> int:
    """`iChange` in the header of the WAL's index: counts transactions (sqlite.org/walformat.html).

    It stands at byte 8, in the byte order of the machine.
    """
    header = file.with_name(f"{file.name}-shm").read_bytes()[:12]
    (changes,) = struct.unpack("=8xI", header)
    return int(changes)


def postmaster_of(database_url: str) -> int:
    """The pid of the PostgreSQL server: the parent of whatever process answers us."""
    with psycopg.connect(database_url) as connection:
        return int(stat_of(connection.info.backend_pid)[1])


def redis_pid(url: str) -> int:
    with redis.Redis.from_url(url) as client:
        info: Any = client.info("server")
    return int(info["process_id"])
