"""Receivers as real processes, and a sender that works beside the test."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from ipaddress import ip_network
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User

from notifications import services
from notifications.models import Endpoint
from notifications.sender import Sender
from restaurant.events.models import EventRecord
from tests.conftest import clean_redis, eventually, only_session, relay  # noqa: F401

Json = dict[str, Any]


class Receiver:
    """A process that is told; its answer is chosen by the end of the address."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def url(self, answer: str = "good") -> str:
        return f"http://127.0.0.1:{self.port}/{answer}"

    def calls(self) -> list[Json]:
        file = self.folder / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def loopback(settings: Any) -> None:
    """Receivers of the tests are inside."""
    settings.WEBHOOK_ALLOW = [ip_network("127.0.0.0/8")]


@contextmanager
def receiving(folder: Path, secret: str) -> Iterator[Receiver]:
    """A process that verifies with this secret."""
    folder.mkdir()
    program = str(Path(__file__).with_name("receiver.py"))
    with subprocess.Popen(
        [sys.executable, program, secret, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Receiver(folder, int(process.stdout.readline()))
        finally:
            process.kill()


@pytest.fixture
def receiver(tmp_path: Path, loopback: None) -> Iterator[Callable[..., Receiver]]:
    """`receiver(secret)`: a process that verifies with this secret."""
    with ExitStack() as started:
        names = count()

        def start(secret: str) -> Receiver:
            return started.enter_context(receiving(tmp_path / f"receiver{next(names)}", secret))

        yield start


@pytest.fixture
def told(
    receiver: Callable[..., Receiver], guest: User
) -> Callable[..., tuple[Endpoint, Receiver]]:
    """`told("order.placed", answer="good")`: the guest's webhook, and the receiver behind it."""

    def make(
        *events: str, answer: str = "good", principal: User = guest
    ) -> tuple[Endpoint, Receiver]:
        endpoint = services.add_endpoint(principal, "http://127.0.0.1:9/", list(events))
        behind = receiver(services.current_secret(endpoint))
        services.change_endpoint(endpoint, url=behind.url(answer))
        return endpoint, behind

    return make


@contextmanager
def sender_at_work() -> Iterator[Sender]:
    """A sender in a thread; it must end well."""
    sender = Sender()
    loop = asyncio.new_event_loop()
    faults: list[BaseException] = []

    def run() -> None:
        try:
            loop.run_until_complete(sender.work())
        except BaseException as fault:  # noqa: BLE001  told to the test
            faults.append(fault)
        loop.close()

    thread = Thread(target=run)
    thread.start()
    try:
        yield sender
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(sender.stop)
        thread.join()
        assert faults == []


@pytest.fixture
def sender(only_session: None) -> Iterator[Sender]:  # noqa: F811
    with sender_at_work() as at_work:
        yield at_work


def number() -> None:
    """Give the new events their positions, as the relay does."""
    while EventRecord.objects.filter(position=None).exists():
        EventRecord.objects.claim_new(500, ["nobody.hears"], timedelta(hours=1))
