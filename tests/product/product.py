"""The real product as `./run` starts it, and what people and accidents do to it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import redis

from conftest import new_key
from restaurant.run.place import ROOT
from restaurant.run.ports import choose_free
from restaurant.run.tether import tether
from tests.conftest import eventually

Json = dict[str, Any]

#: Each has its `$VAR/run/NAME.pid`.
PROCESSES = (
    "redis",
    "web",
    "relay",
    "webhooks",
    "worker1",
    "worker2",
    "beat",
    "printers",
    "flower",
)
WORKERS = ("worker1", "worker2")
#: What is lost is found again within this time.
PATIENCE = 70.0
#: The lane's; the product makes its own.
NOT_INHERITED = {"DATABASE_URL", "REDIS_URL", "BROKER_URL", "SECRET_KEY"}


class Product:
    """One Tamsang in its own folder, with its own ports and Redis."""

    demo: Json
    http: httpx2.Client
    redis: "redis.Redis"

    def __init__(self, var: Path, database_url: str | None, **settings: str) -> None:
        self.var = var
        self.resources = ExitStack()
        self.env = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED}
        port = choose_free()
        ours = {"VAR": str(var), "PORT": str(port), "FLOWER_PORT": str(choose_free(taken={port}))}
        self.env.update(ours)
        self.env.update(settings)
        if database_url:
            self.env["DATABASE_URL"] = database_url

    def __enter__(self) -> "Product":
        with open(self.var / "screen.txt", "wb") as screen:
            self.supervisor = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
            )
        try:
            self.meet()
        except BaseException:
            self.supervisor.kill()
            self.supervisor.wait()
            raise
        return self

    def meet(self) -> None:
        """Wait until it is open, and read where and with which secrets."""
        demo_file = self.var / "demo.json"
        eventually(lambda: demo_file.exists() or self.supervisor.poll() is not None, PATIENCE)
        assert demo_file.exists(), self.last_lines()
        self.demo = json.loads(demo_file.read_text())
        keep = self.resources.enter_context
        self.http = keep(httpx2.Client(base_url=self.demo["url"], timeout=10, trust_env=False))
        self.redis = keep(redis.Redis.from_url(self.demo["redis_url"]))

    def __exit__(self, *_: object) -> None:
        """Ctrl-C: it ends well and leaves nothing behind."""
        self.resources.close()
        try:
            self.heal()
            self.supervisor.send_signal(signal.SIGINT)
            assert self.supervisor.wait(PATIENCE) == 0, self.last_lines()
        finally:
            self.supervisor.kill()
            self.supervisor.wait()
        assert self.processes() == []
        assert sorted((self.var / "run").glob("*.pid")) == []
        assert not (self.var / "demo.json").exists()

    def command(self, *words: str) -> list[str]:
        """What `./run WORDS` becomes."""
        return [sys.executable, "-m", "restaurant.run", *words]

    def last_lines(self) -> str:
        return "\n".join((self.var / "screen.txt").read_text(errors="replace").splitlines()[-80:])

    # Its processes, and accidents

    def processes(self) -> list[str]:
        """The commands of all that live and were started for this folder."""
        ours = f"VAR={self.var}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                environment = (process / "environ").read_bytes().split(b"\0")
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it has just ended, or is somebody else's
                continue
            if ours in environment and command:
                found.append(command)
        return found

    def pid(self, name: str) -> int:
        return int((self.var / "run" / f"{name}.pid").read_text())

    def signal(self, number: signal.Signals, *names: str) -> None:
        for name in names:
            os.kill(self.pid(name), number)

    def kill(self, *names: str) -> None:
        """kill -9; returns when others stand in their place."""
        before = {name: self.pid(name) for name in names}
        self.signal(signal.SIGKILL, *names)
        eventually(lambda: all(self.pid(name) != pid for name, pid in before.items()), PATIENCE)

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """They stand still, and go on after the block.

        Nobody is caught while it holds the only write lock of SQLite, and no worker while Redis
        still hands it the next message: neither is asked here.
        """
        try:
            self.signal(signal.SIGSTOP, *names)
            while self.http.get("/readyz").status_code != 200:
                self.signal(signal.SIGCONT, *names)
                self.signal(signal.SIGSTOP, *names)
            if set(names) >= set(WORKERS):
                eventually(lambda: self.waiting_workers() == 0)
            yield
        finally:
            self.signal(signal.SIGCONT, *names)

    def waiting_workers(self) -> int:
        """How many ask Redis for a message at this moment."""
        clients: Any = self.redis.info("clients")
        return int(clients["blocked_clients"])

    def queued(self, queue: str) -> int:
        """How many messages wait there for a worker."""
        waiting: Any = self.redis.llen(queue)
        return int(waiting)

    def heal(self) -> None:
        """Nobody stands still, and the dead are alive again."""
        for name in PROCESSES:
            eventually(partial(self.goes_on, name), PATIENCE)

    def goes_on(self, name: str) -> bool:
        try:
            self.signal(signal.SIGCONT, name)
        except (OSError, ValueError):
            return False
        return True

    def wait_until_open(self) -> None:
        """Everybody is at work."""
        self.heal()
        eventually(self.answers, PATIENCE)

    def answers(self) -> bool:
        try:
            ready = self.http.get("/readyz").status_code == 200
            return ready and self.waiting_workers() >= len(WORKERS)
        except (httpx2.TransportError, redis.RedisError):
            return False

    def manage(self, *words: str) -> str:
        """`./run manage WORDS` beside the running product; what it prints."""
        command = self.command("manage", *words)
        done = subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout

    def rush(
        self, *, orders: int, speed: int, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[int, Json, list[Json]]:
        """`./run rush` with two cooks per zone: exit code, figures, and the orders it has placed.

        `meanwhile` is called once somebody cooks.
        """
        figures, opened = self.var / "figures.json", datetime.now(UTC).isoformat()
        options = {"--orders": orders, "--speed": speed, "--timeout": PATIENCE, "--json": figures}
        words = [str(word) for option in options.items() for word in option]
        with subprocess.Popen(self.command("rush", *words), cwd=ROOT, env=self.env) as rush:
            try:
                eventually(self.somebody_cooks, PATIENCE)
                meanwhile()
                code = rush.wait(100)
            finally:
                rush.kill()
        placed = self.pages("orders/", placed_after=opened)
        return code, json.loads(figures.read_text()), placed

    def somebody_cooks(self) -> bool:
        return any(zone["cooking"] for zone in self.get("zones/"))

    # What people do

    def ask(self, who: str, method: str, path: str, **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.demo['tokens'][who]}", **new_key()}
        return self.http.request(method, f"/api/v1/{path}", headers=headers, **more)

    def get(self, path: str, **params: str) -> Any:
        """As the manager, who sees everything."""
        answer = self.ask("manager", "GET", path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def pages(self, path: str, **params: str) -> list[Json]:
        """What a list holds, through all its pages."""
        page = self.get(path, **params)
        found: list[Json] = page["results"]
        while page["next"]:
            page = self.get(path, **dict(httpx2.URL(page["next"]).params))
            found += page["results"]
        return found

    def change(self, path: str, **values: Any) -> None:
        answer = self.ask("manager", "PATCH", path, json=values)
        assert answer.status_code == 200, answer.text

    def place(self, body: Json) -> Json:
        """A guest's order, which must be taken."""
        answer = self.ask("app", "POST", "orders/", json=body)
        assert answer.status_code == 201, answer.text
        order: Json = answer.json()
        return order

    def state(self, order: Json) -> str:
        return str(self.get(f"orders/{order['id']}/")["state"])

    def tickets(self, *states: str) -> list[Json]:
        """What is in these states on trays that are waited for."""
        trays = self.pages("trays/", state="waiting")
        return [t for tray in trays for t in tray["tickets"] if t["state"] in states]

    def press(self, ticket: Json, *verbs: str) -> None:
        for verb in verbs:
            answer = self.ask("cook", "POST", f"tickets/{ticket['id']}/{verb}/")
            assert answer.status_code == 200, answer.text

    def fired(self, item: str, zone: str) -> Json:
        """The ticket of this step, once its zone has been told to begin."""

        def look() -> Json | None:
            fired = self.tickets("fired")
            return next((t for t in fired if (t["item"], t["zone"]) == (item, zone)), None)

        ticket: Json = eventually(look, PATIENCE)
        return ticket

    def cook_until_ready(self, *orders: Json) -> None:
        """Cooks press start and done on everything that is fired until these orders are ready."""

        def cook_and_look() -> bool:
            self.cook_all()
            return all(self.state(order) == "ready" for order in orders)

        eventually(cook_and_look, PATIENCE)

    def cook_all(self) -> None:
        for ticket in self.tickets("fired"):
            self.press(ticket, "start", "done")
        for ticket in self.tickets("cooking"):
            self.press(ticket, "done")
