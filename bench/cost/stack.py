"""The processes that are measured, started as `./run` starts them, each with servers of its own."""

import json
import os
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench.cost.meter import Watched, postmaster_of, redis_pid
from restaurant.run import ports
from restaurant.run.brief_server import brief_postgres, brief_redis, find_postgres, running
from restaurant.run.child import Process
from restaurant.run.place import ROOT, Place, sqlite_url
from restaurant.run.processes import manage, services, worker
from restaurant.run.refusal import Refusal


class Stack(NamedTuple):
    """What runs, and the environment of whoever drives it."""

    env: Mapping[str, str]
    watched: Watched


@contextmanager
def database_of(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database, `sqlite` or `postgres`."""
    if kind == "sqlite":
        yield sqlite_url(folder / "db.sqlite3")
        return
    programs = find_postgres()
    if programs is None:
        raise Refusal("There is no PostgreSQL on this machine. Type: apt-get install postgresql")
    with brief_postgres(programs) as url:
        yield url


@contextmanager
def stack(database: str, names: Sequence[str], **extra: str) -> Iterator[Stack]:
    """The restaurant with an empty order book; `names` of `web`, `relay`, `worker1`, `worker2` …"""
    with ExitStack() as up:
        folder = Path(up.enter_context(tempfile.TemporaryDirectory(prefix="tamsang-cost-")))
        redis_url = up.enter_context(brief_redis(folder))
        database_url = up.enter_context(database_of(database, folder))
        place = Place(folder, ports.choose_free(), ports.choose_free())
        (folder / "run").mkdir()
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "restaurant.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "BROKER_URL": "",
            "DEMO": "1",
            "ALLOWED_HOSTS": "127.0.0.1",
            "RATE_LIMIT": "1000000",
            "PYTHONUNBUFFERED": "1",
            **extra,
        }
        once(env, "migrate", "--verbosity", "0")
        tokens = json.loads(once(env, "demo"))["tokens"]
        pids = {"redis": redis_pid(redis_url)}
        if database == "postgres":
            pids["postgres"] = postmaster_of(database_url)
        workers = [worker(name) for name in names if name.startswith("worker")]
        for process in [bare_web(place), *services(place), *workers]:
            if process.name in names:
                log = folder / f"{process.name}.log"
                ready = partial(is_ready, process, log, place.port)
                pids[process.name] = up.enter_context(
                    running(process.command, log, ready, cwd=ROOT, env=env)
                )
        for_drivers = {
            "API_URL": f"http://127.0.0.1:{place.port}/api/v1/",
            "GUEST": tokens["app"],
            "COOK": tokens["cook"],
        }
        yield Stack({**env, **for_drivers}, Watched(pids, redis_url, database_url))


def is_ready(process: Process, log: Path, port: int) -> bool:
    if process.announces:
        return process.announces in log.read_text(errors="replace")
    return ports.answers_http(port, "/readyz", {200, 404})


def bare_web(place: Place) -> Process:
    """The web process with the bare view in our place."""
    (web,) = (process for process in services(place) if process.name == "web")
    command = [part.replace("restaurant.asgi", "bench.cost.bare") for part in web.command]
    return Process("bare", (*command[:-1], "off"))


def once(env: Mapping[str, str], *command: str) -> bytes:
    """What the management command prints."""
    done = subprocess.run(manage(*command), cwd=ROOT, env=env, check=True, capture_output=True)
    return done.stdout
