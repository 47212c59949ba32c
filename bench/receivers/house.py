"""A restaurant that tells its receivers, and what they were told."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from standardwebhooks import Webhook

from bench.rush.report import percentile
from bench.streams.house import House
from restaurant.run.refusal import Refusal

#: Chosen by all. Without workers an order is placed and cancelled, and nothing else happens.
CHOSEN = ("order.placed", "order.cancelled")
#: Seconds until everything is delivered; the claim of a sender that was killed ends before that.
PATIENCE = 120.0
#: What is told of it counts nowhere.
BAD = "bad"


@dataclass
class Told:
    """What the good receivers heard: from when it happened to its arrival, and what it was."""

    milliseconds: list[float] = field(default_factory=list)
    #: By receiver, each as often as it came.
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    #: By receiver and order.
    sequences: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))

    def __iadd__(self, other: "Told") -> "Told":
        self.milliseconds += other.milliseconds
        return self

    def percentile(self, share: float) -> float:
        return percentile(self.milliseconds, share) or 0.0

    @property
    def repeated(self) -> int:
        return sum(len(ids) - len(set(ids)) for ids in self.ids.values())

    @property
    def gaps(self) -> int:
        """Orders of which a receiver has heard a number, and not all before it."""
        return sum(found != set(range(1, len(found) + 1)) for found in self.sequences.values())

    def note(self, call: dict[str, Any], secret: str) -> None:
        """Raises WebhookVerificationError for what the house has not signed."""
        said = Webhook(secret).verify(call["body"], call["headers"])
        happened = datetime.fromisoformat(said["timestamp"]).timestamp()
        self.milliseconds.append((call["at"] - happened) * 1000)
        self.ids[call["to"]].append(call["headers"]["webhook-id"])
        self.sequences[call["to"], said["data"]["order"]].add(said["data"]["sequence"])


class Receivers:
    """So many good ones, and whoever asks them what they heard."""

    def __init__(self, house: House, port: int, count: int) -> None:
        self.house = house
        self.url = f"http://127.0.0.1:{port}"
        self.secrets: dict[str, str] = {}
        for number in range(count):
            self.add(str(number), "good")

    def add(self, name: str, manner: str) -> str:
        """The address of its webhook in the API."""
        wanted = {"url": f"{self.url}/{name}/{manner}", "events": CHOSEN}
        made = self.house.ask("GUEST", "POST", "webhooks/", json=wanted)
        self.secrets[name] = made["secret"]
        return f"webhooks/{made['id']}/"

    @contextmanager
    def beside(self, manner: str) -> Iterator[None]:
        """A bad one that answers in this manner."""
        webhook = self.add(BAD, manner)
        yield
        self.house.ask("GUEST", "PATCH", webhook, json={"enabled": False})
        del self.secrets[BAD]

    def told(self, events: int) -> Told:
        """What came since the last time, once each has heard of so many events."""
        told, until = Told(), time.monotonic() + PATIENCE
        while any(len(set(told.ids[name])) < events for name in self.secrets if name != BAD):
            if time.monotonic() > until:
                raise Refusal("Not everything was delivered in time.")
            time.sleep(0.2)
            for call in httpx2.get(self.url, trust_env=False, timeout=30).json():
                if call["to"] != BAD:
                    told.note(call, self.secrets[call["to"]])
        return told
