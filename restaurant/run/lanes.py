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
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from restaurant.run.brief_server import brief_postgres, brief_redis, find_postgres
from restaurant.run.place import ROOT, sqlite_url
from restaurant.run.processes import python
from restaurant.run.refusal import Refusal

#: A folder in, the URL of an empty database out.
Database = Callable[[Path], AbstractContextManager[str]]

#: pytest's exit code when it was stopped, or could not read the tests: the next lane could neither.
INTERRUPTED = 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Lane:
    """All tests on one kind of database."""

    name: str
    database: Database


def test(arguments: Sequence[str]) -> int:
    """Run the lanes one after the other, then say in a line each how they ended."""
    signal.signal(signal.SIGTERM, _end)  # so that the servers are stopped then too
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
    verdicts = remarks
    worst = 0
    for lane in lanes:
        started_at = time.monotonic()
        code = _run(lane, pytest_arguments, browser)
        verdict = "passed" if code == 0 else f"FAILED (pytest exit code {code})"
        verdicts.append(f"{lane.name:<9} {verdict} in {time.monotonic() - started_at:.0f} s")
        worst = max(worst, code)
        if code == INTERRUPTED:
            break
    print("\n" + "\n".join(verdicts))
    return worst


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _pytest(arguments: Sequence[str], env: Mapping[str, str]) -> int:
    """Run pytest; who stops us stops pytest, which first ends what its tests have started."""
    with subprocess.Popen(python("-m", "pytest", *arguments), cwd=ROOT, env=env) as child:
        # Ctrl-C in a terminal reaches pytest by itself.
        on_interrupt = signal.signal(signal.SIGINT, lambda *_: None)
        on_end = signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
        try:
            return child.wait()
        finally:
            signal.signal(signal.SIGINT, on_interrupt)
            signal.signal(signal.SIGTERM, on_end)


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


def _run(lane: Lane, pytest_arguments: Sequence[str], browser: str | None) -> int:
    """Run pytest in this lane; answer its exit code."""
    print(f"\n--- lane {lane.name} ---", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="tamsang-test-", ignore_cleanup_errors=True) as name,
        brief_redis(Path(name)) as redis_url,
        lane.database(Path(name)) as database_url,
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
        return _pytest(pytest_arguments, env)
