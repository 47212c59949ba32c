"""The real product, started as `./run` starts it, and what can be done to its processes."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGSTOP, Signals
from typing import Any

import httpx2
import redis

from restaurant.run.place import ROOT
from restaurant.run.ports import choose_free
from restaurant.run.tether import tether
from tests.chaos.startup.plan import PLAN, Plan, lay

STARTUP = Path(__file__).parent / "startup"
WORKERS = ("worker1", "worker2")
#: Those that work for the guests; Flower only looks on.
PROCESSES = ("web", "relay", *WORKERS, "beat", "redis")
#: The caller's; the product makes its own.
NOT_INHERITED = {
    *("DATABASE_URL", "REDIS_URL", "BROKER_URL"),
    *("SECRET_KEY", "DJANGO_SETTINGS_MODULE"),
}
#: Seconds in which the product starts, stops, or revives what died.
PATIENCE = 120.0
STOPS_WITHIN = 30.0


class HouseFault(Exception):
    """The product did not start, or did not come back."""


def wait_for(true: Callable[[], Any], what: str, within: float = PATIENCE) -> Any:
    """Look until the condition holds; raises HouseFault."""
    until = time.monotonic() + within
    while not (value := true()):
        if time.monotonic() > until:
            raise HouseFault(f"{what}: not within {within:g} s")
        time.sleep(0.02)
    return value


class House:
    """One Tamsang in its own folder, with its own ports, Redis and database."""

    demo: dict[str, Any]

    def __init__(self, folder: Path, database_url: str | None, patches: Sequence[str]) -> None:
        self.var = folder / "var"
        self.var.mkdir(parents=True)
        self.plan: Plan = lay(folder / "plan", patches)
        port = choose_free()
        self.env = {
            **{name: value for name, value in os.environ.items() if name not in NOT_INHERITED},
            "VAR": str(self.var),
            "PORT": str(port),
            "FLOWER_PORT": str(choose_free(taken={port})),
            # All callers use the demo's few tokens.
            "RATE_LIMIT": "1000000",
            PLAN: str(self.plan.folder),
            "PYTHONPATH": os.pathsep.join([str(STARTUP), str(ROOT)]),
        }
        if database_url:
            self.env["DATABASE_URL"] = database_url

    def __enter__(self) -> "House":
        with open(self.var / "screen.txt", "wb") as screen:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "restaurant.run"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
            )
        demo_file = self.var / "demo.json"
        try:
            wait_for(lambda: demo_file.exists() or self.supervisor.poll() is not None, "the start")
            if not demo_file.exists():
                raise HouseFault(f"the product did not start:\n{self.last_lines()}")
            self.demo = json.loads(demo_file.read_text())
            self.redis = redis.Redis.from_url(self.demo["redis_url"], socket_timeout=2)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.redis.close()
        self.let_go_on(*PROCESSES)
        until = time.monotonic() + STOPS_WITHIN
        while self.supervisor.poll() is None and time.monotonic() < until:
            # Asked a second time it ends everything at once: all has been judged.
            self.supervisor.send_signal(SIGINT)
            time.sleep(0.2)
        self.end()

    def end(self) -> None:
        """Leave nothing behind; the kernel ends its children with it."""
        self.supervisor.kill()
        self.supervisor.wait()

    def last_lines(self) -> str:
        return "\n".join((self.var / "screen.txt").read_text(errors="replace").splitlines()[-40:])

    @property
    def url(self) -> str:
        return str(self.demo["url"])

    @property
    def database_url(self) -> str:
        return str(self.demo["database_url"])

    # Its processes

    def pid(self, name: str) -> int:
        return int((self.var / "run" / f"{name}.pid").read_text())

    def pids(self, *names: str) -> list[int]:
        """Of those that live."""
        found = []
        for name in names:
            with contextlib.suppress(OSError, ValueError):
                found.append(self.pid(name))
        return found

    def signal(self, number: Signals, *names: str) -> None:
        """Send it to these; who is just dead gets nothing."""
        for name in names:
            with contextlib.suppress(OSError, ValueError):
                os.kill(self.pid(name), number)

    def end_and_await(self, number: Signals, name: str) -> None:
        """End it with this signal; returns when another one stands in its place."""
        before = self.pid(name)
        self.signal(number, name)
        wait_for(lambda: self.is_replaced(name, before), f"another {name}")

    def kill(self, name: str) -> None:
        """kill -9."""
        self.end_and_await(SIGKILL, name)

    def is_replaced(self, name: str, before: int) -> bool:
        with contextlib.suppress(OSError, ValueError):
            return self.pid(name) != before
        return False

    def let_go_on(self, *names: str) -> None:
        self.signal(SIGCONT, *names)

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """They stand still as long as the block takes."""
        self.signal(SIGSTOP, *names)
        try:
            yield
        finally:
            self.let_go_on(*names)

    @contextmanager
    def supervisor_frozen(self) -> Iterator[None]:
        """Nobody starts again what dies."""
        self.supervisor.send_signal(SIGSTOP)
        try:
            yield
        finally:
            self.supervisor.send_signal(SIGCONT)

    def run_beside(self, *words: str) -> "subprocess.Popen[bytes]":
        """One more process of the product, as the supervisor would start it."""
        run = {
            **self.env,
            "DJANGO_SETTINGS_MODULE": "restaurant.settings",
            "DEMO": "1",
            "SECRET_KEY": (self.var / "secret_key").read_text(),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": str(self.demo["redis_url"]),
            "ALLOWED_HOSTS": "127.0.0.1",
        }
        with open(self.var / "beside.txt", "ab") as said:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=run,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
            )

    # What it says of itself

    def is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=2, trust_env=False).status_code == 200
        except httpx2.TransportError:
            return False

    def queued(self) -> dict[str, int]:
        """Messages in Redis, by queue; those taken and not acknowledged are `unacked`."""
        waiting: dict[str, int] = {}
        keys: Any = self.redis.keys("*")
        for key in keys:
            name, kind = key.decode(), self.redis.type(key)
            if kind == b"list":
                waiting[name] = int(self.redis.llen(key))
            elif name == "unacked":
                waiting[name] = int(self.redis.hlen(key))
        return {name: number for name, number in waiting.items() if number}

    def change(self, path: str, **values: Any) -> None:
        """As the manager."""
        headers = {"Authorization": f"Bearer {self.demo['tokens']['manager']}"}
        answer = httpx2.patch(
            f"{self.url}/api/v1/{path}", json=values, headers=headers, timeout=10, trust_env=False
        )
        if answer.status_code != 200:
            raise HouseFault(f"PATCH {path} was answered with {answer.text}")

    def menu(self) -> list[dict[str, Any]]:
        answer = httpx2.get(f"{self.url}/api/v1/menu/", timeout=10, trust_env=False)
        menu: list[dict[str, Any]] = answer.json()
        return menu
