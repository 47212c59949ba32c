"""The running restaurant: orders and presses at a steady rate, and screens that listen."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from threading import Event
from typing import Any
from uuid import uuid4

import httpx2

from bench.cost.meter import measured
from bench.cost.stack import Stack
from bench.cost.workload import one_order
from bench.rush.report import percentile
from bench.streams.screens import Heard
from restaurant.run.place import ROOT
from restaurant.run.processes import python
from restaurant.run.refusal import Refusal

#: Requests at once; at a steady rate few of them are used.
AT_ONCE = 16
#: Drinks that are made at once.
IN_HAND = 10
#: Seconds in which what was ordered comes to its zone.
PATIENCE = 120.0
#: Seconds in which the last news arrive.
LATE = 2.0
#: Seconds until a hundred long polls, which say nothing when they begin, are let in; or have left.
SETTLED = 5.0


@dataclass
class Round:
    """Requests at a steady rate, from when each was due; CPU seconds by process."""

    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: "Round") -> "Round":
        return Round(
            self.milliseconds + other.milliseconds,
            self.seconds + other.seconds,
            Counter(self.cpu) + Counter(other.cpu),
        )

    @property
    def rate(self) -> float:
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        return percentile(self.milliseconds, share) or 0.0


class House:
    """Guests, cooks, and whoever watches them."""

    def __init__(self, up: Stack) -> None:
        self.up = up
        self.http = httpx2.Client(base_url=up.env["API_URL"], timeout=30, trust_env=False)
        self.pool = ThreadPoolExecutor(AT_ONCE)

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)
        self.http.close()

    def ask(self, who: str, method: str, path: str, **more: Any) -> Any:
        """The answer; a database that is busy is asked the same again."""
        headers = {"Authorization": f"Bearer {self.up.env[who]}", "Idempotency-Key": uuid4().hex}
        answer = self.http.request(method, path, headers=headers, **more)
        while answer.status_code == 503:
            time.sleep(float(answer.headers["Retry-After"]))
            answer = self.http.request(method, path, headers=headers, **more)
        answer.raise_for_status()
        return answer.json()

    def order_teas(self, count: int) -> list[str]:
        """The ids of so many orders of one tea, when the drinks have all their tickets."""

        def order(_: int) -> str:
            line = {"item": "thai-tea", "quantity": 1, "tray": 1}
            return str(
                self.ask("GUEST", "POST", "orders/", json={**one_order(), "lines": [line]})["id"]
            )

        expected = self.zones()["drinks"]["fired"] + count
        ids = list(self.pool.map(order, range(count)))
        until = time.monotonic() + PATIENCE
        while self.zones()["drinks"]["fired"] < expected:
            if time.monotonic() > until:
                raise Refusal("The orders don't come to their zone.")
            time.sleep(0.1)
        return ids

    def zones(self) -> dict[str, Any]:
        return {zone["code"]: zone for zone in self.ask("COOK", "GET", "zones/")}

    def all_zones(self, screens: int) -> dict[str, int]:
        """So many screens, dealt out to the zones in turn."""
        codes = list(self.zones())
        return Counter(f"zones/{codes[number % len(codes)]}/" for number in range(screens))

    @contextmanager
    def screens(self, places: Mapping[str, int], waited_for: Sequence[str] = ()) -> Iterator[Heard]:
        """So many listen at each place, and each of these orders is waited for.

        What they have heard is there when the block has ended.
        """
        heard = Heard()
        streams = " ".join(f"{place}stream/={count}" for place, count in places.items())
        command = python("-m", "bench.streams.screens", streams, " ".join(waited_for))
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.up.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as clients:
            assert clients.stdin  # noqa: S101  for the type checker
            assert clients.stdout  # noqa: S101
            if not clients.stdout.readline():
                raise Refusal("The screens could not listen.")
            time.sleep(SETTLED)
            yield heard
            time.sleep(LATE)
            clients.stdin.write("tell\n")
            clients.stdin.flush()
            heard.add(Heard(**json.loads(clients.stdout.readline())))

    def post(self, count: int, rate: float) -> Round:
        """Orders at a steady rate; they are cancelled afterwards, so that each round finds the
        kitchen as the one before did.
        """
        ids: list[str] = []

        def order() -> None:
            ids.append(self.ask("GUEST", "POST", "orders/", json=one_order())["id"])

        posted = self.steadily([order] * count, rate)
        list(self.pool.map(self.cancel, ids))
        return posted

    def cancel(self, order: str) -> None:
        self.ask("GUEST", "POST", f"orders/{order}/cancel/", json={"reason": "bench"})

    def press(self, count: int, rate: float) -> Round:
        """Start and done of drinks that wait for it; a cook has a few of them in hand."""
        page = self.ask("COOK", "GET", "zones/drinks/tickets/?state=fired")
        tickets = [ticket["id"] for ticket in page["results"]]
        while page["next"]:
            page = self.ask("COOK", "GET", page["next"])
            tickets += [ticket["id"] for ticket in page["results"]]
        in_hand: list[tuple[int, Callable[[], None]]] = []
        for place, ref in enumerate(tickets):
            started = Event()
            in_hand += [
                (2 * place, partial(self.start, ref, started)),
                (2 * (place + IN_HAND) + 1, partial(self.finish, ref, started)),
            ]
        in_turn = [press for _, press in sorted(in_hand, key=itemgetter(0))]
        return self.steadily(in_turn[:count], rate)

    def start(self, ticket: str, started: Event) -> None:
        self.ask("COOK", "POST", f"tickets/{ticket}/start/")
        started.set()

    def finish(self, ticket: str, started: Event) -> None:
        """On a machine that is busy the start may take longer than the cook."""
        started.wait(PATIENCE)
        self.ask("COOK", "POST", f"tickets/{ticket}/done/")

    def steadily(self, requests: Sequence[Callable[[], object]], rate: float) -> Round:
        """One after the other is sent when it is due, whether others have been answered or not."""
        began = time.monotonic()

        def send(number: int) -> float:
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            requests[number]()
            return (time.monotonic() - due) * 1000

        with measured(self.up.watched) as usage:
            milliseconds = list(self.pool.map(send, range(len(requests))))
            seconds = time.monotonic() - began
            time.sleep(LATE)
        return Round(milliseconds, seconds, usage.cpu)
