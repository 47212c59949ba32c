"""The messages of parked tasks are most of an event's bytes; sent ones are forgotten."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from restaurant.events.models import EventRecord
from restaurant.events.tasks import KEPT, forget_releases

pytestmark = pytest.mark.django_db

MESSAGE = {"task": "kitchen.tasks.cook"}


def event(**more: Any) -> EventRecord:
    details: dict[str, Any] = {"name": "ticket.done", "subject": uuid4(), "data": {"n": 1}}
    sent = {"tellings": 1, "sent_at": timezone.now() - KEPT - timedelta(minutes=1)}
    return EventRecord.objects.create(**details, release=MESSAGE, **{**sent, **more})


def release_of(event: EventRecord) -> Any:
    return EventRecord.objects.values_list("release", flat=True).get(pk=event.pk)


def test_a_message_that_was_sent_long_ago_is_forgotten_and_its_event_stays() -> None:
    sent = event()
    forget_releases()
    assert release_of(sent) is None
    assert EventRecord.objects.filter(release__isnull=True).get().data == {"n": 1}


def test_a_message_that_was_sent_just_now_stays() -> None:
    fresh = event(sent_at=timezone.now())
    forget_releases()
    assert release_of(fresh) == MESSAGE


def test_a_message_that_waits_for_redis_stays() -> None:
    # So the relay leaves it when it could not be sent.
    waits = event(tellings=0)
    forget_releases()
    assert release_of(waits) == MESSAGE
