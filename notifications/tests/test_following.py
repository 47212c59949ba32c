"""From the feed to deliveries: each event once, numbered for each receiver and order."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from conftest import bring_to_pass
from notifications import services
from notifications.models import Delivery, Endpoint, FeedReader, OrderOwner
from notifications.tests.conftest import number
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord

Place = Callable[..., Order]


@pytest.fixture
def endpoint(guest: User) -> Endpoint:
    return services.add_endpoint(guest, "https://shop.example/hook", ["order.placed"])


def follow_all(position: int = 0) -> int:
    """Until there is nothing new."""
    number()
    while (further := services.follow(position)) != position:
        position = further
    return position


def test_what_happened_before_a_webhook_was_made_is_not_told(place: Place, guest: User) -> None:
    place("water")
    number()
    endpoint = services.add_endpoint(guest, "https://shop.example/hook", ["order.placed"])
    after = place("water")
    follow_all()
    assert [d.order_ref for d in endpoint.deliveries.all()] == [after.ref]


def test_what_is_read_twice_is_told_once(place: Place, endpoint: Endpoint) -> None:
    place("water")
    place("water")
    last = follow_all()
    assert services.follow(0) == last
    assert services.follow(1) == last
    assert endpoint.deliveries.count() == 2
    assert services.newest_read() == last


@pytest.mark.django_db(transaction=True)
def test_two_that_follow_at_once_tell_each_event_once(place: Place, endpoint: Endpoint) -> None:
    placed = {place("water").ref for _ in range(20)}
    number()
    together = Barrier(2)

    def follow() -> None:
        together.wait()
        services.follow(0)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(follow) for _ in range(2)]:
            done.result()
    told = [delivery.order_ref for delivery in Delivery.objects.all()]
    assert len(told) == 20
    assert set(told) == placed


def test_nothing_is_written_while_nobody_is_to_be_told(place: Place) -> None:
    order = place("water")
    last = follow_all()
    assert OrderOwner.objects.get().order_ref == order.ref
    orders.cancel_order(order, "no time")
    assert follow_all(last) > last
    # The reader's row stands where the last owner was noted.
    assert FeedReader.objects.get().position == last
    assert not Delivery.objects.exists()


def test_the_sequence_of_an_order_has_no_gap_whatever_is_chosen(opened: Place, guest: User) -> None:
    few = services.add_endpoint(guest, "https://few.example/", ["order.placed", "order.served"])
    many = services.add_endpoint(guest, "https://many.example/", services.may_be_chosen())
    order = opened("tom-yum", ("thai-tea", 2))
    bring_to_pass(order)
    orders.follow_kitchen(order.ref)
    orders.serve_order(order)
    follow_all()
    assert list(few.deliveries.order_by("id").values_list("name", "sequence")) == [
        ("order.placed", 1),
        ("order.served", 2),
    ]
    assert list(many.deliveries.order_by("id").values_list("name", "sequence")) == [
        ("order.placed", 1),
        ("tray.ready", 2),
        ("tray.ready", 3),
        ("order.ready", 4),
        ("tray.served", 5),
        ("tray.served", 6),
        ("order.served", 7),
    ]


def told_version(name: str) -> Any:
    return [
        told["data"]["version"]
        for told in map(read_body, Delivery.objects.filter(name=name).order_by("id"))
    ]


def read_body(delivery: Delivery) -> Any:
    return json.loads(delivery.body)


def test_the_version_is_that_of_the_order_at_that_moment(opened: Place, guest: User) -> None:
    services.add_endpoint(guest, "https://many.example/", services.may_be_chosen())
    order = opened("tom-yum", ("thai-tea", 2))
    bring_to_pass(order, 2)
    orders.mark_preparing(order.ref)
    bring_to_pass(order, 1)
    orders.follow_kitchen(order.ref)
    orders.serve_order(order)
    follow_all()
    assert told_version("order.placed") == [1]
    assert told_version("order.preparing") == [2]
    assert told_version("tray.ready") == [1, 2]
    assert told_version("order.ready") == [3]
    order.refresh_from_db()
    assert told_version("order.served") == [order.version] == [4]


def test_a_body_tells_nothing_that_the_order_would_not_tell_its_owner(
    opened: Place, guest: User
) -> None:
    services.add_endpoint(guest, "https://many.example/", services.may_be_chosen())
    opened("tom-yum", note="my secret", allergies="nuts")
    follow_all()
    body = read_body(Delivery.objects.get())
    assert set(body) == {"type", "timestamp", "data"}
    assert set(body["data"]) == {"order", "version", "sequence"}


def test_an_account_that_may_not_log_in_is_not_told(
    place: Place, guest: User, endpoint: Endpoint
) -> None:
    User.objects.filter(pk=guest.pk).update(is_active=False)
    place("water")
    follow_all()
    assert not Delivery.objects.exists()


def test_who_is_no_manager_any_more_hears_of_own_orders_only(
    place: Place, make_user: Callable[..., User]
) -> None:
    manager = make_user("manager")
    services.add_endpoint(manager, "https://house.example/", ["order.placed"])
    place("water")
    last = follow_all()
    manager.groups.clear()
    place("water")
    follow_all(last)
    assert Delivery.objects.count() == 1


def test_an_account_has_so_many_webhooks_and_no_more(
    place: Place, guest: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.services.endpoints.MOST", 1)
    for host in ("one", "two"):
        order = place("water", callback_url=f"https://{host}.example/ready")
        orders.cancel_order(order, "no time")
    follow_all()
    assert Endpoint.objects.get().url == "https://one.example/"
    assert Delivery.objects.get().callback_url == "https://one.example/ready"


def test_a_disabled_webhook_is_not_called_back_either(place: Place, endpoint: Endpoint) -> None:
    services.change_endpoint(endpoint, enabled=False)
    order = place("water", callback_url="https://shop.example/ready/1")
    orders.cancel_order(order, "no time")
    follow_all()
    assert not Delivery.objects.exists()
    assert Endpoint.objects.count() == 1


def test_an_order_of_an_account_that_is_gone_belongs_to_nobody(place: Place) -> None:
    place("water")
    event = EventRecord.objects.get()
    EventRecord.objects.update(data={**event.data, "placed_by": "gone"})
    follow_all()
    assert not OrderOwner.objects.exists()
