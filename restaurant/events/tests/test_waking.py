"""Waiting for somebody else's commit: woken by it, and by nothing else."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from restaurant.events.models import EventRecord
from restaurant.events.waking import EVENT_WRITTEN, Waking

pytestmark = pytest.mark.django_db(transaction=True)


def write() -> None:
    """Somebody else's commit, on a connection of its own."""
    EventRecord.objects.create(name="test.happened", subject=uuid4(), data={})
    connection.close()


def test_a_commit_of_somebody_else_wakes() -> None:
    waking = Waking(EVENT_WRITTEN)
    waking.wait(0)
    assert waking.wait(0.02) is False
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(write)
        assert waking.wait(10) is True
    assert waking.wait(0.02) is False


def test_what_was_committed_between_two_waits_is_not_missed() -> None:
    waking = Waking(EVENT_WRITTEN)
    waking.wait(0)
    waking.wait(0.02)
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(write).result()
    assert waking.wait(0.02) is True


def test_a_new_connection_can_not_know_what_it_has_missed_and_wakes() -> None:
    waking = Waking(EVENT_WRITTEN)
    waking.wait(0)
    waking.wait(0.02)
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(write).result()
    connection.close()
    assert waking.wait(0.02) is True
