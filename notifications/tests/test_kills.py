"""kill -9 of the sender, again and again: nothing is lost, and who looks at the ids has it once."""

import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from notifications.models import Delivery, Endpoint
from notifications.tests.conftest import Receiver, number
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from tests.conftest import eventually

ROOT = Path(__file__).resolve().parents[2]
ORDERS, RECEIVERS, KILLS = 40, 3, 4
#: A claim of somebody who was killed ends by itself before that.
PATIENCE = 90.0


def database_url() -> str:
    """Of the tests' database."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()


def start_sender() -> "subprocess.Popen[bytes]":
    env = {**os.environ, "DATABASE_URL": database_url(), "WEBHOOK_ALLOW": "127.0.0.0/8"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "webhooks"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )


def kill_when_it_has_sent(receiver: Receiver) -> None:
    """Start one, and end it in the midst of its work."""
    sender, before = start_sender(), len(receiver.calls())
    try:
        eventually(lambda: len(receiver.calls()) > before + 3, PATIENCE)
    finally:
        sender.kill()
        sender.wait()


@pytest.mark.usefixtures("only_session")
def test_a_sender_that_is_killed_again_and_again_loses_nothing(
    place: Callable[..., Order], told: Callable[..., tuple[Endpoint, Receiver]]
) -> None:
    receivers = [told("order.placed", "order.cancelled")[1] for _ in range(RECEIVERS)]
    for _ in range(ORDERS):
        orders.cancel_order(place("water"), "no time")
    number()
    for _ in range(KILLS):
        kill_when_it_has_sent(receivers[0])
    sender = start_sender()
    try:
        wanted = 2 * ORDERS * RECEIVERS
        delivered = Delivery.objects.filter(state="delivered")
        eventually(lambda: delivered.count() == wanted, PATIENCE)
    finally:
        sender.terminate()
        assert sender.wait(30) == 0
    assert Delivery.objects.count() == wanted
    names = ["order.placed", "order.cancelled"]
    ids = {str(event.uuid) for event in EventRecord.objects.filter(name__in=names)}
    for receiver in receivers:
        assert_heard(receiver, ids)


def assert_heard(receiver: Receiver, ids: set[str]) -> None:
    """Each event at least once and hardly ever twice; no order with a gap."""
    calls = receiver.calls()
    assert all(call["verified"] for call in calls)
    heard = Counter(call["id"] for call in calls)
    assert heard.keys() == ids
    # One call was under way when the sender was killed.
    assert sum(heard.values()) <= len(ids) + KILLS
    sequences = defaultdict(set)
    for call in calls:
        sequences[call["told"]["data"]["order"]].add(call["told"]["data"]["sequence"])
    assert all(found == {1, 2} for found in sequences.values())
