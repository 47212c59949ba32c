"""Hearing: the effect and the mark that it was heard commit together, once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import F

from restaurant.events.hearing import hears
from restaurant.events.models import LEFT_ALONE, MOST_DEATHS, Death, EventRecord, Heard

Happen = Callable[..., EventRecord]

SUBSCRIBER = f"{__name__}.write_down"
written: list[dict[str, Any]] = []


@hears
def write_down(*, order_ref: str, **more: Any) -> None:
    written.append({"order_ref": order_ref, **more})


@hears
def write_and_fail(*, order_ref: str, **_: Any) -> None:
    """An effect of two rows, of which the second can't be."""
    for _again in range(2):
        EventRecord.objects.create(id=10**9, name="x", subject=order_ref, data={})


@pytest.fixture(autouse=True)
def _blank_page() -> None:
    written.clear()


def test_what_is_heard_twice_acts_once(happen: Happen) -> None:
    event = happen()
    for _ in range(3):
        write_down(event_id=event.pk, **event.data)
    assert written == [event.data]
    heard = Heard.objects.get()
    assert (heard.event_id, heard.subscriber) == (event.pk, SUBSCRIBER)


def test_a_hearer_is_called_without_the_events_number(happen: Happen) -> None:
    event = happen()
    write_down(event_id=event.pk, order_ref="1", tray=2)
    assert written == [{"order_ref": "1", "tray": 2}]


def test_another_event_and_another_hearer_are_heard_for_themselves(happen: Happen) -> None:
    first, second = happen(), happen()
    assert Heard.objects.first_time(first.pk, "somebody.else") is True
    for event in (first, second):
        write_down(event_id=event.pk, **event.data)
    assert written == [first.data, second.data]
    assert Heard.objects.count() == 3
    assert {ref: set(who) for ref, who in Heard.objects.by_event([first.pk]).items()} == {
        first.pk: {"somebody.else", SUBSCRIBER}
    }


def test_what_raises_was_not_heard_and_leaves_nothing(happen: Happen) -> None:
    event = happen()
    for _ in range(2):
        with pytest.raises(IntegrityError):
            write_and_fail(event_id=event.pk, **event.data)
    assert not Heard.objects.exists()
    assert EventRecord.objects.get() == event


def die_of(event: EventRecord, times: int) -> None:
    """So many processes have begun to hear it, and never came back."""
    for _ in range(times):
        assert Death.objects.may_begin(event.pk, SUBSCRIBER)


def test_an_event_that_kills_who_hears_it_is_left_alone_after_a_few_tries(happen: Happen) -> None:
    event, other = happen(), happen()
    die_of(event, MOST_DEATHS)
    for again in (event, other):
        write_down(event_id=again.pk, again=True, **again.data)
    assert written == [other.data]
    assert [heard.event_id for heard in Heard.objects.all()] == [other.pk]


def test_what_was_left_alone_is_tried_again_an_hour_later(happen: Happen) -> None:
    event = happen()
    die_of(event, MOST_DEATHS)
    Death.objects.update(last_at=F("last_at") - LEFT_ALONE)
    write_down(event_id=event.pk, again=True, **event.data)
    assert written == [event.data]
    assert Death.objects.get().times == 0


def test_one_try_less_is_tried(happen: Happen) -> None:
    event = happen()
    die_of(event, MOST_DEATHS - 1)
    write_down(event_id=event.pk, again=True, **event.data)
    assert written == [event.data]


def test_what_only_raises_is_tried_for_ever(happen: Happen) -> None:
    event = happen()
    for _ in range(2 * MOST_DEATHS):
        with pytest.raises(IntegrityError):
            write_and_fail(event_id=event.pk, again=True, **event.data)
    assert Death.objects.get().times == 0


def test_the_first_message_counts_nothing(happen: Happen) -> None:
    event = happen()
    write_down(event_id=event.pk, **event.data)
    assert not Death.objects.exists()
