"""Each event counts once: with the cursor, whoever dies, and however many follow at once."""

from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from conftest import bring_to_pass, failing
from notifications.tests.conftest import number
from orders import services as orders
from orders.models import Order
from orders.reports import services as reports
from orders.reports.books import Books
from orders.reports.models import OF_PROJECTIONS, Projection, SoldLine, Waste
from orders.reports.services import following, rebuilding
from orders.reports.tests.conftest import House, hear, rows_of, shown
from restaurant.events.models import EventRecord
from tests.at_once import at_once

Place = Callable[..., Order]
Lived = Callable[[int], House]


class Killed(Exception):
    """The process dies here."""


def wasted_tea(opened: Place) -> Order:
    """An order that was cooked, and of which the tea was cooked again."""
    order = opened("thai-tea", "water")
    bring_to_pass(order)
    orders.follow_kitchen(order.ref)
    orders.refire_line(order, order.lines.get(item="thai-tea").pk, "cold", by="somchai")
    return order


@pytest.mark.django_db
@pytest.mark.parametrize("where", [(following, "move_on"), (Books, "write")])
def test_who_dies_before_the_commit_has_heard_nothing(
    opened: Place, monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str]
) -> None:
    wasted_tea(opened)
    number()
    Projection.objects.create(current=True)
    with monkeypatch.context() as patch:
        patch.setattr(*where, failing(Killed()))
        with pytest.raises(Killed):
            reports.follow()
    assert shown().position == 0
    assert not any(kind.objects.exists() for kind in OF_PROJECTIONS)
    hear()
    assert reports.waste(reports.ever()).total["quantity"] == 1
    assert reports.sales(reports.ever()).total["quantity"] == 2


@pytest.mark.django_db
def test_without_the_transaction_a_death_would_lose_what_was_heard(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    wasted_tea(opened)
    number()
    Projection.objects.create(current=True)
    with monkeypatch.context() as patch:
        patch.setattr(following, "transaction", SimpleNamespace(atomic=nullcontext))
        patch.setattr(Books, "write", failing(Killed()))
        with pytest.raises(Killed):
            reports.follow()
    assert shown().position == EventRecord.objects.newest()
    assert not Waste.objects.exists()


@pytest.mark.django_db
def test_an_event_that_is_heard_twice_changes_nothing(opened: Place) -> None:
    wasted_tea(opened)
    hear()
    before = rows_of(shown())
    assert reports.follow() == 0
    # As if the cursor had not been written: the rows themselves bear no second waste.
    Projection.objects.update(position=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        reports.follow()
    assert rows_of(shown()) == before


@pytest.mark.django_db(transaction=True)
def test_of_several_who_follow_at_once_each_event_is_heard_by_one(opened: Place) -> None:
    for _ in range(3):
        wasted_tea(opened)
    number()
    events = EventRecord.objects.newest()
    heard = at_once([reports.follow] * 6)
    assert sorted(heard) == [0, 0, 0, 0, 0, events]
    assert shown().position == events
    assert reports.waste(reports.ever()).total["quantity"] == 3


@pytest.mark.django_db(transaction=True)
def test_control_whoever_does_not_look_at_the_cursor_hears_all_of_it_again(
    opened: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    wasted_tea(opened)
    number()
    events = EventRecord.objects.newest()
    monkeypatch.setattr(following, "move_on", lambda projection, last: True)
    first, *others = sorted(at_once([reports.follow] * 3), key=str)
    assert 0 not in (first, *others)
    assert events in (first, *others)


@pytest.mark.django_db
def test_an_event_that_nobody_can_read_keeps_no_other_from_being_heard(opened: Place) -> None:
    wasted_tea(opened)
    number()
    broken = EventRecord.objects.filter(name="ticket.started").order_by("position")[0]
    EventRecord.objects.filter(pk=broken.pk).update(data={})
    hear()
    assert shown().position == EventRecord.objects.newest()
    assert reports.waste(reports.ever()).total["quantity"] == 1


@pytest.mark.django_db(transaction=True)
def test_who_follows_during_the_switch_follows_what_is_shown_after_it(opened: Place) -> None:
    for _ in range(3):
        wasted_tea(opened)
    hear()
    wasted_tea(opened)
    number()
    answers = at_once([rebuild_all, reports.follow, rebuild_all, reports.follow])
    assert not [answer for answer in answers if isinstance(answer, str)], answers
    hear()
    assert Projection.objects.filter(current=True).count() == 1
    assert reports.waste(reports.ever()).total["quantity"] == 4
    assert reports.sales(reports.ever()).total["quantity"] == 8


def rebuild_all() -> None:
    reports.rebuild()


@pytest.mark.django_db
def test_readers_see_the_old_rows_until_the_new_ones_are_complete(
    house: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    house(8).live_through(3)
    before = reports.sales(reports.ever(), "item")
    # What is shown is wrong, so that one can tell the two apart.
    SoldLine.objects.filter(item=before.rows[0]["key"]).update(gone=True)
    wrong = reports.sales(reports.ever(), "item")
    assert wrong.rows != before.rows
    monkeypatch.setattr("orders.reports.services.following.BATCH", 20)
    seen = []
    reports.rebuild(lambda position: seen.append(reports.sales(reports.ever(), "item").rows))
    assert len(seen) > 3
    assert all(rows == wrong.rows for rows in seen)
    assert reports.sales(reports.ever(), "item").rows == before.rows


@pytest.mark.django_db
def test_a_rebuilding_that_dies_leaves_what_was_shown(
    house: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    house(9).live_through(2)
    before, rows = shown(), rows_of(shown())
    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "show", failing(Killed()))
        with pytest.raises(Killed):
            reports.rebuild()
    assert (shown(), rows_of(shown())) == (before, rows)


@pytest.mark.django_db
def test_what_is_said_while_it_is_rebuilt_is_in_it(
    opened: Place, guest: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    wasted_tea(opened)
    hear()
    monkeypatch.setattr("orders.reports.services.following.BATCH", 10)
    said: list[Order] = []

    def go_on(position: int) -> None:
        if not said:
            said.append(wasted_tea(opened))
            hear()

    reports.rebuild(go_on)
    assert shown().position == EventRecord.objects.newest()
    assert reports.waste(reports.ever()).total["quantity"] == 2
