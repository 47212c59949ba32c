"""What an order costs is measured on real parts: the counters, the ratio, and a small run."""

import io
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from redis import Redis
from rich.console import Console

from bench.cost import workers
from bench.cost.__main__ import parser, run, runs
from bench.cost.meter import Usage, Watched, children_of_all, cpu_seconds, measured, writes_of
from bench.cost.report import Run, show
from bench.cost.told import Told
from restaurant.run.place import sqlite_url


def a_run(name: str, database: str, cpu: float) -> Run:
    """One order that took so many seconds of the worker's time."""
    told = Told(cpu=0.0, seconds=2.0, milliseconds=[30.0])
    return Run(name, database, 1, told, Usage({"worker1": cpu}, 5, 3, 2))


def test_the_time_of_children_counts_also_when_they_are_gone() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    before = cpu_seconds(os.getpid(), children_of_all())
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert cpu_seconds(os.getpid(), children_of_all()) - before >= 0.2


def test_redis_counts_its_commands_and_the_messages_put_into_queues() -> None:
    with Redis.from_url(settings.CELERY_BROKER_URL) as redis:
        with measured(Watched({}, settings.CELERY_BROKER_URL)) as usage:
            redis.lpush("counted", "a")
            redis.lpush("counted", "b")
            redis.get("counted-not")
        redis.delete("counted")
    assert usage.messages == 2
    assert usage.redis_commands >= 3


def test_sqlite_counts_the_transactions_that_wrote(tmp_path: Path) -> None:
    file = tmp_path / "counted.sqlite3"
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE t (a)")
    before = writes_of(sqlite_url(file))
    for _ in range(3):
        database.execute("INSERT INTO t VALUES (1)")
    database.execute("SELECT * FROM t").fetchall()
    assert writes_of(sqlite_url(file)) - before == 3
    database.close()


def test_the_medians_are_shown_and_held_against_the_goals() -> None:
    said = io.StringIO()
    floors = [a_run("floor", "none", cpu) for cpu in (0.02, 0.04, 0.09)]
    engines = [a_run("engine", "postgres", cpu) for cpu in (0.05, 0.08, 0.02)]
    show([*floors, *engines], Console(file=said, width=200))
    assert "50.0 (20-80)" in said.getvalue()
    assert "engine postgres is 1.25 times floor (goal: at most 1.5)" in said.getvalue()


def test_a_round_is_what_was_asked_for() -> None:
    given = parser().parse_args(["--database", "sqlite", "--only", "POST", "--only", "floor"])
    assert runs(given) == [("floor", "none"), ("POST", "sqlite")]


@pytest.mark.once
def test_an_order_takes_eleven_messages() -> None:
    few = ["--orders", "4", "--at-once", "4", "--database", "sqlite", "--only", "engine"]
    ((name, database),) = runs(given := parser().parse_args(few))
    found = run(name, database, given)
    assert len(found.told.milliseconds) == found.orders
    assert found.all_cpu > 0
    # One may be told again on a machine that is busy for seconds.
    assert 11 <= found.usage.messages / found.orders < 12
    assert found.usage.write_transactions >= found.orders


def test_more_workers_are_shown_with_what_keeps_them_back() -> None:
    one, two = a_run("1", "postgres", 0.5), a_run("2", "postgres", 0.5)
    two.told.seconds, two.usage.cpu["relay"] = 1.0, 0.9
    said = io.StringIO()
    Console(file=said, width=120).print(workers.table_of([one, two]))
    rows = [line.replace("│", " ").split() for line in said.getvalue().splitlines()]
    assert ["1", "0.5", "30", "30", "500", "0.25", "worker1", "25%"] in rows
    assert ["2", "1.0", "30", "30", "1400", "1.40", "relay", "90%"] in rows
    assert "worker processes" in workers.picture_of([one, two])
