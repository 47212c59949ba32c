"""A worker outlives its Redis: the mend of kombu in restaurant/celery.py, on a real worker.

kombu 5.7.0 ends a worker that holds a message and asks for another one when Redis goes away.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery

from restaurant.run import embedded, ports
from restaurant.run.place import ROOT
from restaurant.run.tether import tether
from tests.conftest import eventually

PATIENCE = 60.0
TWO_SLOTS = "--queues held --pool threads --concurrency 2 --without-gossip --without-mingle"

#: `hold` keeps its message until somebody makes the second file.
WORK = """
from pathlib import Path
from time import sleep
from restaurant.celery import app

@app.task(name="hold")
def hold(began, go):
    Path(began).touch()
    while not Path(go).exists():
        sleep(0.02)

@app.task(name="touch")
def touch(path):
    Path(path).touch()
"""
UNMENDED = """
from kombu.transport import redis
from restaurant.transport import Channel

Channel.close = redis.Channel.close
"""


class Broker:
    """A Redis to be killed, and started again on the same port with what it had written down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.choose_free()
        self.url = embedded.redis_url(self.port)
        self.start()

    def start(self) -> None:
        self.server = subprocess.Popen(
            embedded.server_command(self.folder, self.port),
            preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
        )
        eventually(lambda: ports.answers_ping(self.port))

    def kill(self) -> None:
        self.server.kill()
        self.server.wait()

    def send(self, task: str, *paths: Path) -> None:
        with Celery(broker=self.url, set_as_current=False) as sender:
            sender.send_task(task, [str(path) for path in paths], queue="held", ignore_result=True)

    def is_asked(self) -> bool:
        """Whether a worker waits for the next message."""
        with redis.Redis.from_url(self.url) as client:
            clients: Any = client.info("clients")
        return bool(clients["blocked_clients"])

    def unacked(self) -> int:
        """How many messages somebody holds."""
        with redis.Redis.from_url(self.url) as client:
            held: Any = client.hlen("unacked")
        return int(held)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.kill()


@contextmanager
def worker(broker: Broker, folder: Path, include: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker with two slots, and these modules loaded into it."""
    (folder / "held_work.py").write_text(WORK)
    (folder / "unmended.py").write_text(UNMENDED)
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "restaurant.celery:app"]
    with open(folder / "worker.log", "wb") as log:
        process = subprocess.Popen(
            [*celery, "worker", *TWO_SLOTS.split(), "--include", include],
            cwd=ROOT,
            env={**os.environ, "REDIS_URL": broker.url, "PYTHONPATH": str(folder)},
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def lose_redis(broker: Broker, folder: Path) -> None:
    """Redis is killed while the worker holds one message and asks for a second one."""
    broker.send("hold", folder / "began", folder / "go")
    eventually((folder / "began").exists, PATIENCE)
    eventually(lambda: broker.unacked() == 1 and broker.is_asked())
    broker.kill()


def test_a_worker_that_holds_a_message_outlives_its_redis(broker: Broker, tmp_path: Path) -> None:
    with worker(broker, tmp_path, "held_work") as process:
        lose_redis(broker, tmp_path)
        broker.start()
        broker.send("touch", tmp_path / "after")
        eventually((tmp_path / "after").exists, PATIENCE)
        (tmp_path / "go").touch()
        eventually(lambda: broker.unacked() == 0, PATIENCE)
        assert process.poll() is None


def test_control_without_the_mend_the_worker_ends(broker: Broker, tmp_path: Path) -> None:
    with worker(broker, tmp_path, "held_work,unmended") as process:
        lose_redis(broker, tmp_path)
        (tmp_path / "go").touch()
        assert process.wait(PATIENCE) == 1
    said = (tmp_path / "worker.log").read_text()
    assert "Unrecoverable error: AttributeError" in said
