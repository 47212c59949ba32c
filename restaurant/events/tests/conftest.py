"""Events of this test alone, and what of them lies in Redis."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from restaurant.celery import app
from restaurant.events.models import EventRecord
from restaurant.subscriptions import SUBSCRIPTIONS, Style, Subscription

#: Hearers of `dish.dropped`, which only these tests know: tasks that exist, on one queue.
FIRST, SECOND = "orders.tasks.mark_preparing", "orders.tasks.follow_kitchen"


@pytest.fixture
def two_hearers(monkeypatch: pytest.MonkeyPatch) -> None:
    hearers = [Subscription(to, Style.PUBLISH_SUBSCRIBE) for to in (FIRST, SECOND)]
    monkeypatch.setitem(SUBSCRIPTIONS, "dish.dropped", hearers)


@pytest.fixture
def happen(db: None) -> Callable[..., EventRecord]:
    """`happen("dish.dropped", release={…})`: the event, as if a move had told of it."""

    def make(name: str = "dish.dropped", **more: Any) -> EventRecord:
        subject = uuid4()
        data = {"order_ref": str(subject)}
        return EventRecord.objects.create(name=name, subject=subject, data=data, **more)

    return make


@pytest.fixture
def sent() -> Iterator[Callable[[], list[tuple[str, dict[str, Any]]]]]:
    """`sent()`: the tasks and keywords that were put into the queue `orders`, which is emptied."""
    app.loader.import_default_modules()

    def take() -> list[tuple[str, dict[str, Any]]]:
        with app.connection_for_write() as broker:
            channel: Any = broker.default_channel
            redis = channel.client
            raw = [json.loads(message) for message in reversed(redis.lrange("orders", 0, -1))]
            redis.flushdb()
        bodies = [json.loads(base64.b64decode(message["body"])) for message in raw]
        return [
            (message["headers"]["task"], body[1]) for message, body in zip(raw, bodies, strict=True)
        ]

    take()
    yield take
    take()
