"""An event is a row of the transaction of its move, or it is not at all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import transaction

from restaurant.events.contract import Event
from restaurant.events.models import EventRecord
from restaurant.events.publish import PublishedOutsideTransaction, publish


@dataclass(frozen=True, kw_only=True)
class DishDropped(Event):
    """Not declared with a name, so that no other test knows it."""

    name = "dish.dropped"
    height: int


def test_an_event_becomes_a_row_that_nobody_has_sent(db: None) -> None:
    ref = uuid4()
    publish(DishDropped(order_ref=ref, height=3), release={"task": "parked"})
    row = EventRecord.objects.get()
    assert (row.name, row.subject) == ("dish.dropped", ref)
    assert row.data == {"order_ref": str(ref), "height": 3}
    assert row.release == {"task": "parked"}
    assert (row.position, row.tellings, row.sent_at, row.due_at) == (None, 0, None, None)


def test_an_event_without_a_parked_task_carries_no_message(db: None) -> None:
    publish(DishDropped(order_ref=uuid4(), height=3))
    assert EventRecord.objects.get().release is None


def test_an_event_has_the_time_of_its_move(db: None) -> None:
    then = datetime(2026, 11, 21, 12, 0, 0, 123456, UTC)
    publish(DishDropped(order_ref=uuid4(), height=3), at=then)
    assert EventRecord.objects.get().happened_at == then


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_nothing_can_be_said() -> None:
    with pytest.raises(PublishedOutsideTransaction, match=r"^dish\.dropped$"):
        publish(DishDropped(order_ref=uuid4(), height=3))
    assert not EventRecord.objects.exists()


def test_what_is_rolled_back_was_never_said(db: None) -> None:
    def drop_and_fail() -> None:
        with transaction.atomic():
            publish(DishDropped(order_ref=uuid4(), height=3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drop_and_fail()
    assert not EventRecord.objects.exists()
