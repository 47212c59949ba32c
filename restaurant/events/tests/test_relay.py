"""The relay: numbers, claims and sends events, and tells them again until all have heard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from kombu import Connection
from kombu.messaging import Producer

from restaurant.celery import app
from restaurant.events import relay
from restaurant.events.models import EventRecord, Heard
from restaurant.events.relay import tell_again, tell_new
from restaurant.events.tests.conftest import FIRST, SECOND

Happen = Callable[..., EventRecord]
Sent = Callable[[], list[tuple[str, dict[str, Any]]]]

NOWHERE = "redis://127.0.0.1:1/0"

pytestmark = pytest.mark.usefixtures("two_hearers")


@contextmanager
def no_redis(*args: Any, **more: Any) -> Iterator[Producer]:
    with Connection(NOWHERE) as broker:
        yield Producer(broker, auto_declare=False)


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Redis refuses all connections; call it to bring Redis back."""
    with monkeypatch.context() as patch:
        patch.setattr(app, "producer_or_acquire", no_redis)
        patch.setattr(app, "connection_for_read", lambda: Connection(NOWHERE))
        yield patch.undo


def relay_once() -> int:
    """What `manage.py relay` does when it wakes, and each half second."""
    new = tell_new(app)
    tell_again(app)
    return new


def finished() -> dict[str, Any]:
    """A message of FIRST as `kitchen.parking` keeps it."""
    ref, kwargs = str(uuid4()), {"event_id": 0, "order_ref": "parked"}
    message = app.amqp.as_task_v2(ref, FIRST, kwargs=kwargs)
    return {
        "queue": "orders",
        "headers": message.headers,
        "properties": {"correlation_id": ref},
        "body": message.body,
    }


def make_due() -> None:
    EventRecord.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def waits() -> timedelta | None:
    """From the last telling to the next one."""
    event = EventRecord.objects.get()
    if event.due_at is None or event.sent_at is None:
        return None
    return event.due_at - event.sent_at


def told(event: EventRecord, *hearers: str, **more: bool) -> list[tuple[str, dict[str, Any]]]:
    return [(to, {"event_id": event.pk, **more, **event.data}) for to in hearers]


def test_each_hearer_is_told_once(happen: Happen, sent: Sent) -> None:
    event = happen()
    assert relay_once() == 1
    assert sent() == told(event, FIRST, SECOND)
    assert relay_once() == 0
    assert sent() == []
    event.refresh_from_db()
    assert event.tellings == 1


def test_what_nobody_hears_is_numbered_and_never_due(happen: Happen, sent: Sent) -> None:
    event = happen("nobody.cares")
    relay_once()
    event.refresh_from_db()
    assert (event.position, event.due_at) == (1, None)
    assert sent() == []


def test_positions_have_no_gaps_and_follow_the_order_of_writing(happen: Happen, sent: Sent) -> None:
    for _ in range(3):
        happen()
    with transaction.atomic():
        happen("never.was")
        transaction.set_rollback(True)
    happen("nobody.cares")
    relay_once()
    happen()
    relay_once()
    assert list(EventRecord.objects.order_by("id").values_list("position", flat=True)) == [
        *range(1, 6)
    ]


def test_a_pass_takes_a_batch_and_leaves_the_rest(
    happen: Happen, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BATCH", 2)
    events = [happen() for _ in range(5)]
    taken = []
    for _ in range(4):
        relay_once()
        taken.append([data["event_id"] for to, data in sent() if to == FIRST])
    ids = [event.pk for event in events]
    assert taken == [ids[:2], ids[2:4], ids[4:], []]
    assert list(EventRecord.objects.order_by("id").values_list("position", flat=True)) == [
        *range(1, 6)
    ]


def test_the_message_of_a_parked_task_goes_out_with_its_event(happen: Happen, sent: Sent) -> None:
    quiet = happen("nobody.cares", release=finished())
    loud = happen(release=finished())
    relay_once()
    parked = (FIRST, {"event_id": 0, "order_ref": "parked"})
    assert sent() == [parked, parked, *told(loud, FIRST, SECOND)]
    quiet.refresh_from_db()
    assert quiet.due_at is None
    make_due()
    relay_once()
    # Told again, but the task goes on once.
    assert sent() == told(loud, FIRST, SECOND, again=True)


def test_who_has_not_heard_after_5_seconds_is_told_again(happen: Happen, sent: Sent) -> None:
    event = happen()
    relay_once()
    sent()
    assert waits() == timedelta(seconds=5)
    Heard.objects.first_time(event.pk, FIRST)
    EventRecord.objects.update(due_at=timezone.now() + timedelta(seconds=1))
    relay_once()
    assert sent() == []
    make_due()
    relay_once()
    assert sent() == told(event, SECOND, again=True)
    event.refresh_from_db()
    assert event.tellings == 2


def test_what_all_have_heard_is_told_no_more(happen: Happen, sent: Sent) -> None:
    event = happen()
    relay_once()
    sent()
    for hearer in (FIRST, SECOND):
        Heard.objects.first_time(event.pk, hearer)
    make_due()
    relay_once()
    event.refresh_from_db()
    assert (event.due_at, event.tellings) == (None, 1)
    assert sent() == []


def test_each_time_the_wait_is_doubled_up_to_a_minute(happen: Happen, sent: Sent) -> None:
    happen()
    seconds = []
    for _ in range(6):
        make_due()
        relay_once()
        sent()
        seconds.append(waits())
    assert seconds == [timedelta(seconds=wait) for wait in (5, 10, 20, 40, 60, 60)]


def test_a_hearer_whose_queue_is_not_empty_is_late_and_not_told_again(
    happen: Happen, sent: Sent
) -> None:
    event = happen()
    relay_once()
    make_due()
    relay_once()
    assert sent() == told(event, FIRST, SECOND)
    event.refresh_from_db()
    assert event.tellings == 1
    assert event.due_at is not None
    assert 4 < (event.due_at - timezone.now()).total_seconds() <= 5


def test_one_late_hearer_does_not_keep_the_other_from_being_told_again(
    happen: Happen, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = happen()
    relay_once()
    sent()
    make_due()
    monkeypatch.setattr(relay, "queues_with_messages", lambda app: {FIRST})
    relay_once()
    assert sent() == told(event, SECOND, again=True)
    assert waits() == timedelta(seconds=10)


def test_while_redis_is_away_events_are_numbered_and_wait(
    happen: Happen, sent: Sent, redis_away: Callable[[], None]
) -> None:
    event = happen(release=finished())
    began = timezone.now()
    for _ in range(2):
        relay_once()
        event.refresh_from_db()
        assert (event.position, event.tellings) == (1, 0)
        assert event.due_at is not None
        assert 0.5 < (event.due_at - timezone.now()).total_seconds() <= 1
        make_due()
    # A relay that waits for Redis would number nothing meanwhile.
    assert (timezone.now() - began).total_seconds() < 2
    redis_away()
    relay_once()
    assert sent() == [
        (FIRST, {"event_id": 0, "order_ref": "parked"}),
        *told(event, FIRST, SECOND),
    ]
    event.refresh_from_db()
    assert (event.tellings, waits()) == (1, timedelta(seconds=5))


def test_what_was_told_is_not_told_again_while_redis_is_away(
    happen: Happen, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = happen()
    relay_once()
    sent()
    make_due()
    with monkeypatch.context() as patch:
        patch.setattr(app, "connection_for_read", lambda: Connection(NOWHERE))
        relay_once()
    event.refresh_from_db()
    assert event.tellings == 1
    assert sent() == []
    make_due()
    relay_once()
    assert sent() == told(event, FIRST, SECOND, again=True)
