"""A worker with `--zones` works for zones that are made while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import sleep
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone

from kitchen.channels import zone_queues
from kitchen.models import Zone
from restaurant import queues
from restaurant.celery import app
from restaurant.idempotency.models import StoredAnswer
from restaurant.queues import FollowQueues, messages_in
from tests.conftest import eventually

PIZZA = "zone.pizza"


@pytest.fixture
def old_answer(guest: User) -> StoredAnswer:
    """What the task of these tests takes away."""
    return StoredAnswer.objects.create(
        principal=guest, route="POST /", key="k", stored_at=timezone.now() - timedelta(days=9)
    )


@contextmanager
def worker(**options: Any) -> Iterator[None]:
    given: dict[str, Any] = {"pool": "threads", "concurrency": 1, "perform_ping_check": False}
    with start_worker(app, queues=["orders", *zone_queues()], **given, **options):
        yield


def make_pizza_and_send_work() -> None:
    Zone.objects.create(code="pizza", name="Pizza", name_th="pizza")
    app.tasks["restaurant.idempotency.tasks.forget_answers"].apply_async(queue=PIZZA)


@pytest.mark.usefixtures("only_session", "clean_redis", "menu")
def test_a_worker_with_zones_works_for_a_new_one(
    old_answer: StoredAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "LOOK_EVERY", 0.1)
    with worker(zones=True):
        make_pizza_and_send_work()
        eventually(lambda: not StoredAnswer.objects.exists())


@pytest.mark.usefixtures("only_session", "clean_redis", "menu")
def test_control_without_zones_the_work_of_a_new_one_lies_there(
    old_answer: StoredAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "LOOK_EVERY", 0.1)
    with worker():
        make_pizza_and_send_work()
        sleep(1)
        assert messages_in(app, PIZZA) == 1
        assert StoredAnswer.objects.exists()


class Consumer:
    """As much of Celery's as the step asks of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.add_task_queue: Callable[[str], None] = self.asked.append


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("menu")
def test_a_database_that_is_away_is_asked_again_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> list[str]:
        raise OperationalError("the database is away")

    consumer = Consumer()
    follower = FollowQueues(consumer)
    with monkeypatch.context() as patch:
        patch.setattr("kitchen.channels.zone_queues", away)
        follower.follow(consumer)
    assert consumer.asked == []
    follower.follow(consumer)
    assert "zone.fry" in consumer.asked
