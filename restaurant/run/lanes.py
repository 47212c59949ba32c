"""`./run test`: the tests, once for each database, always on a real Redis."""

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
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from restaurant.run.brief_server import brief_postgres, brief_redis, find_postgres
from restaurant.run.place import ROOT, sqlite_url
from restaurant.run.processes import python
from restaurant.run.refusal import Refusal

#: A folder in, the URL of an empty database out.
Database = Callable[[Path], AbstractContextManager[str]]

#: Seconds.
SHOWN_EVERY = 0.2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Lane:
    """All tests on one kind of database."""

    name: str
    database: Database


def test(arguments: Sequence[str]) -> int:
    """Run the lanes side by side, show one after the other, then say in a line each how they ended.

    Tests mostly wait: for a worker, a browser, a lock. Two lanes take little longer than one.
    """
    chosen, pytest_arguments = split(arguments)
    lanes, remarks = _lanes(os.environ)
    if chosen:
        lanes = [lane for lane in lanes if lane.name == chosen]
        remarks = [] if lanes else remarks
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest_arguments = ["-m", "not browser", *pytest_arguments]
        remarks.append("The tests in a browser were left out. Type: apt-get install chromium")
    if remarks and os.environ.get("CI") == "true":
        raise Refusal("\n".join(remarks))  # nothing may be left out unseen
    if not lanes:
        raise Refusal("\n".join(remarks) or f"There is no lane {chosen!r}: sqlite or postgres.")
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
                raise Refusal("--lane needs a name: sqlite or postgres.")
            name = rest[place + 1]
            del rest[place : place + 2]
            return name, rest
    return None, rest


def _lanes(environ: Mapping[str, str]) -> tuple[list[Lane], list[str]]:
    """The lanes that can be run here, and a remark for one that can't."""
    lanes = [Lane("sqlite", _sqlite)]
    if url := environ.get("TEST_DATABASE_URL"):
        return [*lanes, Lane("postgres", _given(url))], []
    if programs := find_postgres():
        return [*lanes, Lane("postgres", lambda _: brief_postgres(programs))], []
    return lanes, ["The PostgreSQL lane was left out. Type: apt-get install postgresql"]


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield sqlite_url(folder / "tests.sqlite3")


def _given(url: str) -> Database:
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
        brief_redis(Path(name)) as redis_url,
        lane.database(Path(name)) as database_url,
        open(f"{name}/said", "wb") as heard,
        open(f"{name}/said", "rb") as said,
    ):
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "restaurant.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DEMO": "1",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "VAR": f"{name}/var",
        }
        if browser:
            env["CHROMIUM"] = browser
        if sys.stdout.isatty():
            env["PY_COLORS"] = "1"
        cache = f"cache_dir=.pytest_cache/{lane.name}"
        command = python("-m", "pytest", "-o", cache, *pytest_arguments)
        with subprocess.Popen(command, cwd=ROOT, env=env, stdout=heard, stderr=heard) as pytest:
            try:
                yield Run(lane, pytest, said)
            finally:
                if pytest.poll() is None:
                    pytest.send_signal(signal.SIGINT)  # it first ends what its tests have started
