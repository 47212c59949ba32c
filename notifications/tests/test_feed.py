"""The feed for those who poll: everything once, in one order, however late it was committed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from threading import Barrier, Event, Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem
from notifications import services
from notifications.models import FeedReader
from notifications.tests.conftest import number
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from tests.at_once import patient
from tests.conftest import eventually

URL = "/api/v1/events/"
Place = Callable[..., Order]
Client = Callable[..., APIClient]


def follow_all() -> None:
    number()
    position = 0
    while (further := services.follow(position)) != position:
        position = further


def pages(client: APIClient, **query: Any) -> Iterator[list[Any]]:
    """From the first to the last that there is now."""
    page = client.get(URL, query).json()
    yield page["results"]
    while page["next"]:
        found = urlsplit(page["next"])
        page = client.get(f"{found.path}?{found.query}").json()
        yield page["results"]


def everything(client: APIClient, **query: Any) -> list[Any]:
    return [event for page in pages(client, **query) for event in page]


def test_a_manager_sees_all_and_an_app_its_own(
    place: Place, client_of: Client, guest: User
) -> None:
    order = place("water")
    orders.cancel_order(order, "no time")
    follow_all()
    found = everything(client_of("manager"))
    assert {event["subject"] for event in found} == {str(order.ref)}
    assert [event["position"] for event in found] == list(range(1, len(found) + 1))
    assert [event["name"] for event in found][:2] == ["order.placed", "order.cancelled"]
    assert everything(client_of(guest)) == found
    assert everything(client_of("app")) == []
    history = client_of(guest).get(f"/api/v1/orders/{order.ref}/events/").json()
    assert history["results"] == found


def test_a_reader_goes_on_where_it_was(place: Place, client_of: Client, guest: User) -> None:
    for _ in range(7):
        place("water")
    follow_all()
    app = client_of(guest)
    assert [len(page) for page in pages(app, limit=3)] == [3, 3, 1]
    found = everything(app, limit=3)
    assert [event["position"] for event in found] == list(range(1, 8))
    assert everything(app, after=found[4]["position"]) == found[5:]
    assert everything(app, after=found[-1]["position"]) == []
    assert everything(app, after=10**12) == []


def test_an_app_with_few_orders_comes_to_them_over_empty_pages(
    place: Place, client_of: Client, make_user: Callable[..., User], monkeypatch: Any
) -> None:
    monkeypatch.setattr("notifications.services.feed.LOOKED_AT", 4)
    for _ in range(10):
        place("water")
    stranger = make_user("app")
    mine = place("water")
    EventRecord.objects.filter(subject=mine.ref).update(
        data={"order_ref": str(mine.ref), "placed_by": stranger.username}
    )
    follow_all()
    found = [len(page) for page in pages(client_of(stranger), limit=2)]
    assert found == [0, 0, 1]


def test_a_page_ends_before_an_order_of_which_the_owner_is_not_known(
    place: Place, client_of: Client, guest: User
) -> None:
    """The reader must not pass it: it may be its own."""
    first = place("water")
    follow_all()
    second = place("water")
    number()
    app = client_of(guest)
    assert [event["subject"] for event in everything(app)] == [str(first.ref)]
    follow_all()
    found = everything(app)
    assert [event["subject"] for event in found] == [str(first.ref), str(second.ref)]


def test_what_is_nobodys_holds_nobody_up(place: Place, client_of: Client, guest: User) -> None:
    with transaction.atomic():
        EventRecord.objects.create(name="order.placed", subject=uuid4(), data={})
    order = place("water")
    follow_all()
    assert [event["subject"] for event in everything(client_of(guest))] == [str(order.ref)]


def test_what_is_older_than_the_window_is_history(
    place: Place, client_of: Client, settings: Any, guest: User
) -> None:
    placed = [place("water") for _ in range(9)]
    follow_all()
    long_ago = timezone.now() - settings.FEED_WINDOW - timedelta(hours=1)
    EventRecord.objects.filter(position__lte=6).update(happened_at=long_ago)
    app = client_of(guest)
    assert [event["position"] for event in everything(app)] == [7, 8, 9]
    assert [event["position"] for event in everything(app, after=6)] == [7, 8, 9]
    assert_problem(app.get(URL, {"after": 3}), 400, "invalid_query")
    assert app.get(f"/api/v1/orders/{placed[0].ref}/events/").json()["results"][0]["position"] == 1


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=", "limit=0", "limit=501", "after=1e3", "before=1"]
)
def test_a_query_that_can_not_be_understood_is_refused(client_of: Client, query: str) -> None:
    assert_problem(client_of("app").get(f"{URL}?{query}"), 400, "invalid_query")


WRITERS, EACH = 10, 12


def write(writer: int, begin: Barrier) -> None:
    """Events in transactions of different length: who begins first may commit last."""
    dice, pause = Random(writer), Event()
    # SQLite has one writer at a time: who waits in a transaction makes all others wait.
    longest = 0.05 if connection.vendor == "postgresql" else 0.0
    begin.wait()
    for count in range(EACH):
        with transaction.atomic():
            EventRecord.objects.create(
                name="tray.ready", subject=uuid4(), data={"writer": writer, "count": count}
            )
            pause.wait(dice.uniform(0, longest))
    connection.close()


def relay(stop: Event) -> None:
    while not stop.is_set():
        EventRecord.objects.claim_new(3, ["nobody.hears"], timedelta(hours=1))
        stop.wait(0.002)
    connection.close()


def read_while_it_happens(read: Callable[[int], list[int]]) -> list[int]:
    """What a reader finds that goes on after the last that it has, beside ten writers."""
    stop, begin = Event(), Barrier(WRITERS)
    writers = [Thread(target=write, args=(n, begin)) for n in range(WRITERS)]
    relays = [Thread(target=relay, args=(stop,)) for _ in range(2)]
    found: list[int] = []
    with patient():
        for thread in (*writers, *relays):
            thread.start()
        while any(writer.is_alive() for writer in writers):
            found += read(found[-1] if found else 0)
        eventually(lambda: not EventRecord.objects.filter(position=None).exists())
        found += read(found[-1] if found else 0)
        stop.set()
        for thread in (*writers, *relays):
            thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_a_reader_beside_late_committers_and_two_relays_misses_nothing(
    make_user: Callable[..., User],
) -> None:
    manager = make_user("manager")

    def read(after: int) -> list[int]:
        found: list[int] = []
        feed = services.read_feed(manager, after, 5)
        found += [event.position or 0 for event in feed.events]
        while feed.next_after is not None:
            feed = services.read_feed(manager, feed.next_after, 5)
            found += [event.position or 0 for event in feed.events]
        return found

    found = read_while_it_happens(read)
    assert found == list(range(1, WRITERS * EACH + 1))


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_follows_the_rows_ids_misses_late_committers() -> None:
    """The negative control: an id is taken when a row is written, not when it is seen."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: nobody is late")

    def read(after: int) -> list[int]:
        fresh = EventRecord.objects.filter(pk__gt=after).order_by("pk")
        return list(fresh.values_list("pk", flat=True))

    found = read_while_it_happens(read)
    assert len(found) < WRITERS * EACH


def test_the_readers_row_says_how_far_the_owners_are_known(place: Place) -> None:
    place("water")
    assert services.newest_read() == 0
    follow_all()
    assert FeedReader.objects.get().position == services.newest_read() == 1
