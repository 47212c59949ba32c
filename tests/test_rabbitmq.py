"""What is another thing on RabbitMQ: `./run test --lane rabbitmq`.

On Redis they are left out; `./run test` says what to type when there is no RabbitMQ.
"""

from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import pytest
from celery.contrib.testing.worker import start_worker
from django.test import Client

from kitchen.models import MenuItem
from restaurant import broker
from restaurant.celery import app
from restaurant.doctor import tasks
from restaurant.doctor.contract import State
from restaurant.doctor.examining import examine
from restaurant.doctor.reading import take_reading
from restaurant.queues import messages_in
from tests.conftest import eventually

pytestmark = pytest.mark.skipif(not broker.is_rabbitmq(), reason="for the lane rabbitmq")

#: Nobody listens there.
AWAY = "amqp://guest:guest@127.0.0.1:9//"


def send(queue: str) -> None:
    app.tasks["kitchen.tasks.begin_day"].apply_async(queue=queue)


@pytest.mark.usefixtures("clean_redis")
def test_a_queue_that_nobody_has_made_is_empty_and_asking_does_not_make_it() -> None:
    queue = f"zone.{token_hex(4)}"
    assert messages_in(app, queue) == 0
    # Had it been made by asking, it would now be of another kind than workers make it.
    send(queue)
    assert messages_in(app, queue) == 1


@pytest.mark.usefixtures("worker")
def test_a_worker_that_tells_of_many_tasks_at_once_goes_on() -> None:
    """The mend in restaurant/task_events.py: it stood still with its first full buffer of news."""
    for _ in range(60):
        send("orders")
    eventually(lambda: messages_in(app, "orders") == 0)


@pytest.mark.usefixtures("only_session", "clean_redis", "menu")
def test_what_waits_in_a_zone_when_its_worker_starts_is_worked_on() -> None:
    send("zone.grill")
    with start_worker(
        app, pool="threads", concurrency=1, perform_ping_check=False, queues=["orders"], zones=True
    ):
        eventually(lambda: messages_in(app, "zone.grill") == 0)


@pytest.mark.usefixtures("clean_redis")
def test_the_doctor_reads_the_queues_and_who_carries_them(menu: dict[str, MenuItem]) -> None:
    for _ in range(3):
        send("zone.grill")
    tasks.tick()
    found = {finding.name: finding for finding in examine()}
    assert found["queues"].says == "Waiting: zone.grill 3; being worked on: ?. Read 0 s ago."
    assert [gauge.name for gauge in found["queues"].gauges] == ["queue_messages"]
    assert found["rabbitmq"].state == State.OK
    assert found["rabbitmq"].says.endswith(" answers. Read 0 s ago.")
    assert "redis" not in found


@pytest.mark.parametrize("says_no", [False, True])
def test_a_rabbitmq_that_is_away_or_says_no_is_told_and_the_house_is_degraded(
    menu: dict[str, MenuItem], settings: Any, monkeypatch: pytest.MonkeyPatch, says_no: bool
) -> None:
    url = urlsplit(settings.CELERY_BROKER_URL)
    stranger = url._replace(netloc=f"stranger:wrong@{url.hostname}:{url.port}").geturl()
    away = stranger if says_no else AWAY
    assert Client().get("/readyz").json() == {"status": "ready"}
    # Celery first: it reads the settings when it is first asked, and keeps them.
    monkeypatch.setitem(app.conf, "broker_url", away)
    settings.CELERY_BROKER_URL = away
    assert Client().get("/readyz").json() == {"status": "degraded"}
    found = {finding.name: finding for finding in examine(take_reading())}
    assert (found["rabbitmq"].state, found["queues"].state) == (State.ILL, State.ATTENTION)
    assert found["rabbitmq"].says.startswith("RabbitMQ does not answer: ")
