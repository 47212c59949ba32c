"""`./run test`: the tests once for each database, on a real Redis; a few of them on RabbitMQ."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from restaurant.run.brief_server import brief_postgres, brief_redis, find_postgres
from restaurant.run.place import ROOT, sqlite_url
from restaurant.run.processes import python
from restaurant.run.rabbitmq import brief_rabbitmq, find_rabbitmq
from restaurant.run.refusal import Refusal

#: A folder in, the URL of an empty server out.
Server = Callable[[Path], AbstractContextManager[str]]

#: Seconds.
SHOWN_EVERY = 0.2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NAMES = "once, sqlite, postgres or rabbitmq"
DATABASES = ("sqlite", "postgres")
#: What says the same on every database is left to the lane `once`.
ON_EACH = ("not once",)
#: What another broker could do otherwise: the whole of an order's life, what is parked, queues
#: made while workers run, and what is told of them.
ON_RABBITMQ = (
    "tests/test_life.py",
    "tests/test_changed_life.py",
    "tests/test_parking.py",
    "tests/test_new_zones.py",
    "tests/test_rabbitmq.py",
)


@dataclass(frozen=True)
class Lane:
    """The tests on one kind of database and broker."""

    name: str
    database: Server
    broker: Server = brief_redis
    broker_variable: str = "REDIS_URL"
    #: Only these; none: all.
    tests: Sequence[str] = ()
    #: Marks that they have, or `not` have.
    marks: Sequence[str] = ()


def test(arguments: Sequence[str]) -> int:
    """Run the lanes side by side, show one after the other, then say in a line each how they ended.

    Tests mostly wait: for a worker, a browser, a lock. Two lanes take little longer than one.
    """
    chosen, pytest_arguments = split(arguments)
    lanes, remarks = _lanes(os.environ)
    if chosen:
        lanes = [lane for lane in lanes if lane.name == chosen]
        remarks = [] if lanes else remarks
    elif pytest_arguments:
        # They choose among all tests, which the lanes of the databases have.
        lanes = [lane for lane in lanes if lane.name in DATABASES]
    if pytest_arguments:
        lanes = [replace(lane, marks=()) if lane.name in DATABASES else lane for lane in lanes]
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        lanes = [replace(lane, marks=(*lane.marks, "not browser")) for lane in lanes]
        remarks.append("The tests in a browser were left out. Type: apt-get install chromium")
    if not any(map(shutil.which, ("nginx", "/usr/sbin/nginx"))):
        remarks.append("The tests through the proxy were left out. Type: apt-get install nginx")
    if remarks and os.environ.get("CI") == "true":
        raise Refusal("\n".join(remarks))  # nothing may be left out unseen
    if not lanes:
        raise Refusal("\n".join(remarks) or f"There is no lane {chosen!r}: {NAMES}.")
    signal.signal(signal.SIGTERM, _end)  # so that what was begun is ended then too
    with ExitStack() as stack:
        runs = [stack.enter_context(_begun(lane, pytest_arguments, browser)) for lane in lanes]
        # Ctrl-C in a terminal reaches pytest by itself.
        signal.signal(signal.SIGINT, lambda *_: None)
        codes = [run.show() for run in runs]
    verdicts = ["passed" if code == 0 else f"FAILED (pytest exit code {code})" for code in codes]
    lines = [f"{lane.name:<9} {verdict}" for lane, verdict in zip(lanes, verdicts, strict=True)]
    print("\n" + "\n".join([*remarks, *lines]))
    return max(codes)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def split(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take `--lane NAME` out of what is meant for pytest."""
    rest = list(arguments)
    for place, word in enumerate(rest):
        if word.startswith("--lane="):
            del rest[place]
            return word.removeprefix("--lane="), rest
        if word == "--lane":
            if place + 1 == len(rest):
                raise Refusal(f"--lane needs a name: {NAMES}.")
            name = rest[place + 1]
            del rest[place : place + 2]
            return name, rest
    return None, rest


def _lanes(environ: Mapping[str, str]) -> tuple[list[Lane], list[str]]:
    """The lanes that can be run here, and a remark for each that can't."""
    lanes = [Lane("once", _sqlite, marks=["once"]), Lane("sqlite", _sqlite, marks=ON_EACH)]
    remarks = []
    if url := environ.get("TEST_DATABASE_URL"):
        lanes.append(Lane("postgres", _given(url), marks=ON_EACH))
    elif programs := find_postgres():
        lanes.append(Lane("postgres", lambda _: brief_postgres(programs), marks=ON_EACH))
    else:
        remarks.append("The PostgreSQL lane was left out. Type: apt-get install postgresql")
    if server := find_rabbitmq():
        rabbitmq = partial(brief_rabbitmq, server)
        lanes.append(Lane("rabbitmq", _sqlite, rabbitmq, "BROKER_URL", ON_RABBITMQ))
    else:
        remarks.append("The RabbitMQ lane was left out. Type: apt-get install rabbitmq-server")
    return lanes, remarks


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield sqlite_url(folder / "tests.sqlite3")


def _given(url: str) -> Server:
    @contextmanager
    def database(folder: Path) -> Iterator[str]:
        yield url

    return database


@dataclass(frozen=True)
class Run:
    """A lane whose tests run, and what they say."""

    lane: Lane
    pytest: subprocess.Popen[bytes]
    said: BinaryIO

    def show(self) -> int:
        """Pass on what they have said, and say, until they end; answer pytest's exit code."""
        print(f"\n--- lane {self.lane.name} ---", flush=True)
        ended = False
        while not ended:
            ended = self.pytest.poll() is not None
            shutil.copyfileobj(self.said, sys.stdout.buffer)
            sys.stdout.flush()
            time.sleep(SHOWN_EVERY)
        return self.pytest.returncode


@contextmanager
def _begun(lane: Lane, pytest_arguments: Sequence[str], browser: str | None) -> Iterator[Run]:
    """Begin the tests of this lane; at the end, those that still run are stopped as by Ctrl-C."""
    with (
        tempfile.TemporaryDirectory(prefix="tamsang-test-", ignore_cleanup_errors=True) as name,
        lane.broker(Path(name)) as broker_url,
        lane.database(Path(name)) as database_url,
        open(f"{name}/said", "wb") as heard,
        open(f"{name}/said", "rb") as said,
    ):
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "restaurant.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": database_url,
            "BROKER_URL": "",
            lane.broker_variable: broker_url,
            "DEMO": "1",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "VAR": f"{name}/var",
        }
        if browser:
            env["CHROMIUM"] = browser
        if sys.stdout.isatty():
            env["PY_COLORS"] = "1"
        cache = f"cache_dir=.pytest_cache/{lane.name}"
        chosen = ("-m", " and ".join(lane.marks), *lane.tests, *pytest_arguments)
        command = python("-m", "pytest", "-o", cache, *chosen)
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=heard, stderr=heard) as pytest:
            try:
                yield Run(lane, pytest, said)
            finally:
                if pytest.poll() is None:
                    pytest.send_signal(signal.SIGINT)  # it first ends what its tests have started
