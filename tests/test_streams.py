"""Live streams over a real web process: who hears what, when, and how they end."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from time import sleep
from typing import Any

import httpx2
import pytest
from django.contrib.auth.models import Group, User
from django.db import OperationalError, connection, transaction
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from conftest import cook, failing
from kitchen import services as kitchen
from kitchen.models import Shop, Ticket, Zone
from orders import services as orders
from orders.events import OrderCancelled
from orders.models import Order
from restaurant.events.models import EventRecord
from restaurant.events.publish import publish
from restaurant.longpoll import LongPoll
from tests.conftest import eventually
from tests.listening import Listening, listening

pytestmark = pytest.mark.usefixtures("relay")

Place = Callable[..., Order]
Listen = Callable[..., AbstractContextManager[Listening]]


@pytest.fixture
def tokens(make_user: Callable[..., User], guest: User) -> dict[str, str]:
    roles = {"other": "app", "cook": "cook", "waiter": "waiter"}
    users = {"guest": guest, **{name: make_user(role) for name, role in roles.items()}}
    return {name: AuthToken.objects.create(user=user)[1] for name, user in users.items()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def listen(web: str, tokens: dict[str, str]) -> Listen:
    """`with listen("cook", "trays/stream/") as heard`."""

    def begin(who: str, path: str, **more: Any) -> AbstractContextManager[Listening]:
        headers = {**bearer(tokens[who]), **more.pop("headers", {})}
        return listening(f"{web}/api/v1/{path}", headers=headers, **more)

    return begin


def test_an_order_is_heard_live_by_its_owner(place: Place, listen: Listen) -> None:
    order, other = place("water"), place("water")
    with listen("guest", f"orders/{order.ref}/stream/", params={"after": 0}) as heard:
        orders.cancel_order(other, "no longer hungry")
        orders.cancel_order(order, "no longer hungry")
        eventually(lambda: "order.cancelled" in heard.names)
        assert heard.names[0] == "order.placed"
        assert {news.data["subject"] for news in heard.news} == {str(order.ref)}


def test_a_zone_hears_its_tickets_and_the_other_parts_of_their_trays(
    opened: Place, listen: Listen
) -> None:
    opened(("pad-krapow", 1), ("thai-tea", 1), ("gai-yang", 2))
    with listen("cook", "zones/fry/stream/") as heard:
        for zone in ("grill", "drinks", "fry"):
            cook(Ticket.objects.get(zone=zone))
        eventually(lambda: heard.names.count("ticket.done") == 2)
        zones = [news.data["data"]["zone"] for news in heard.news if "zone" in news.data["data"]]
        assert set(zones) == {"drinks", "fry"}


def test_a_zone_hears_that_its_cooks_are_to_read_something_else_or_to_hurry(
    opened: Place, listen: Listen
) -> None:
    order = opened("tom-yum")
    with listen("cook", "zones/boil/stream/") as heard:
        kitchen.change_notes(order.ref, 2, {str(order.lines.get().pk): "ALLERGIES: prawns"})
        eventually(lambda: heard.names == ["tray.changed"])
        kitchen.rush(order.ref, [1])
        eventually(lambda: heard.names == ["tray.changed"] * 2)


def test_the_pass_hears_all_trays(opened: Place, listen: Listen) -> None:
    first, second = opened("water"), opened("gai-yang")
    with listen("cook", "trays/stream/") as heard:
        for ticket in Ticket.objects.all():
            cook(ticket)
        eventually(lambda: heard.names.count("ticket.done") == 2)
        assert {news.data["subject"] for news in heard.news} == {str(first.ref), str(second.ref)}


@pytest.mark.parametrize(
    ("path", "status"),
    [("orders/{ref}/stream/", 404), ("zones/fry/stream/", 403), ("trays/stream/", 403)],
)
def test_what_is_not_yours_is_not_heard(
    place: Place, web: str, tokens: dict[str, str], path: str, status: int
) -> None:
    address = f"{web}/api/v1/{path.format(ref=place('water').ref)}"
    answer = httpx2.get(address, headers=bearer(tokens["other"]))
    assert answer.status_code == answer.json()["status"] == status
    assert httpx2.get(address).status_code == 401


def test_a_stream_is_neither_kept_nor_gathered_on_its_way(listen: Listen) -> None:
    with listen("cook", "trays/stream/") as heard:
        assert heard.headers["content-type"] == "text/event-stream"
        assert heard.headers["cache-control"] == "no-store"
        assert heard.headers["x-accel-buffering"] == "no"
        assert not {"content-length", "x-live-audience", "x-live-position"} & set(heard.headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/event-stream"},
        {"If-None-Match": "*"},
        {"If-None-Match": '"1-1"', "If-Modified-Since": "Sat, 01 Jan 2028 00:00:00 GMT"},
        {"Last-Event-ID": ""},
        {"Range": "bytes=0-1"},
    ],
)
def test_other_headers_do_not_matter(listen: Listen, headers: dict[str, str]) -> None:
    with listen("cook", "trays/stream/", headers=headers) as heard:
        assert [message.name for message in heard.said] == ["ping"]


def test_what_head_says_is_over_at_once(web: str, tokens: dict[str, str]) -> None:
    answer = httpx2.head(f"{web}/api/v1/trays/stream/", headers=bearer(tokens["cook"]))
    assert (answer.status_code, answer.content) == (200, b"")


def test_who_takes_no_streams_is_told_so(web: str, tokens: dict[str, str]) -> None:
    headers = {**bearer(tokens["cook"]), "Accept": "application/xml"}
    answer = httpx2.get(f"{web}/api/v1/trays/stream/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_a_page_hears_with_the_session_of_its_login(
    web: str, opened: Place, make_user: Callable[..., User]
) -> None:
    cook_at_work = make_user("cook")
    page = Client()
    page.force_login(cook_at_work)
    session = {"Cookie": f"sessionid={page.cookies['sessionid'].value}"}
    with listening(f"{web}/api/v1/trays/stream/", headers=session) as heard:
        opened("water")
        eventually(lambda: "ticket.fired" in heard.names)


def test_under_plain_wsgi_a_stream_tells_what_was_missed_and_ends(
    place: Place, client_of: Callable[..., APIClient], guest: User
) -> None:
    order = place("water")
    eventually(lambda: not EventRecord.objects.filter(position=None).exists())
    answer = client_of(guest).get(f"/api/v1/orders/{order.ref}/stream/", {"after": 0})
    retry, placed, ping = answer.content.decode().strip().split("\n\n")
    assert retry == "retry: 1000"
    assert '"name":"order.placed"' in placed
    assert "event: ping" in ping


# Coming back


@pytest.mark.parametrize("last_seen", ["soon", "-1", "1.5", "1e3", str(2**63)])
def test_a_position_that_can_not_be_understood_is_refused(
    web: str, tokens: dict[str, str], last_seen: str
) -> None:
    url, headers = f"{web}/api/v1/trays/stream/", bearer(tokens["cook"])
    for asked in (
        httpx2.get(url, headers=headers, params={"after": last_seen}),
        httpx2.get(url, headers={**headers, "Last-Event-ID": last_seen}),
    ):
        assert (asked.status_code, asked.json()["code"]) == (400, "invalid_query")


def test_who_comes_back_hears_what_it_has_missed_and_nothing_twice(
    place: Place, listen: Listen
) -> None:
    order = place("water")
    path = f"orders/{order.ref}/stream/"
    with listen("guest", path, params={"after": 0}) as heard:
        eventually(lambda: heard.names == ["order.placed"])
    orders.cancel_order(order, "no longer hungry")
    eventually(lambda: not EventRecord.objects.filter(position=None).exists())
    seen = {"Last-Event-ID": str(heard.said[-1].id)}
    # A browser comes back to the address that it was given; what it has seen since counts.
    with listen("guest", path, params={"after": 0}, headers=seen) as again:
        eventually(lambda: again.names == ["order.cancelled", "tray.voided"])
        assert again.named("ping")[0].id == again.news[-1].id


@pytest.mark.parametrize("after", [0, 2**62])
def test_who_is_too_far_behind_or_ahead_is_told_to_look_anew(
    opened: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr("restaurant.events.news.MOST_BEHIND", 2)
    first = opened("water", "thai-tea")
    eventually(lambda: not EventRecord.objects.filter(position=None).exists())
    with listen("cook", "trays/stream/", params={"after": after}) as heard:
        assert [message.name for message in heard.said] == ["reload"]
        orders.cancel_order(first, "no longer hungry")
        eventually(lambda: "tray.voided" in heard.names)


def come_and_go(listen: Listen, path: str, times: int) -> list[int]:
    """The positions that somebody hears whose connection is cut again and again."""
    positions: list[int] = []
    last = 0
    for _ in range(times):
        with listen("cook", path, headers={"Last-Event-ID": str(last)}) as heard:
            seen = len(heard.said)
            eventually(lambda: len(heard.said) > seen)  # noqa: B023  it is called here
        positions += [news.id for news in heard.news]
        last = heard.said[-1].id
    return positions


@pytest.mark.parametrize("path", ["trays/stream/", "zones/drinks/stream/"])
def test_nothing_is_missed_or_told_twice_while_screens_come_and_go(
    opened: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("restaurant.live.PING_EVERY", 0.1)
    opened("water", "thai-tea")
    with ThreadPoolExecutor(4) as pool:
        screens = [pool.submit(come_and_go, listen, path, 12) for _ in range(4)]
        while not all(screen.done() for screen in screens):
            for ticket in Ticket.objects.filter(state="fired")[:1]:
                kitchen.start(ticket.pk)
                kitchen.finish(ticket.pk)
                kitchen.recall(ticket.pk)
                kitchen.finish(ticket.pk)
                opened("water")
                sleep(0.02)  # SQLite lets those wait for ever who stand behind a tireless writer
        heard = [screen.result() for screen in screens]
    eventually(lambda: not EventRecord.objects.filter(position=None).exists())
    events = EventRecord.objects.order_by("position")
    told = [event.position or 0 for event in events if "tray_ref" in event.data]
    for positions in heard:
        assert len(positions) > 20
        assert positions == [position for position in told if position <= positions[-1]]


def test_control_without_what_was_missed_there_is_a_gap(
    place: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.events.news.missed_by", lambda *_: [])
    order = place("water")
    eventually(lambda: not EventRecord.objects.filter(position=None).exists())
    with listen("guest", f"orders/{order.ref}/stream/", params={"after": 0}) as heard:
        orders.cancel_order(order, "no longer hungry")
        eventually(lambda: heard.names == ["order.cancelled", "tray.voided"])


# Signs of life, and ends


def test_a_sign_of_life_says_how_far_the_stream_has_come(
    opened: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.live.PING_EVERY", 0.05)
    with listen("cook", "trays/stream/") as heard:
        opened("water")
        eventually(lambda: "ticket.fired" in heard.names)
        newest = heard.news[-1].id
        eventually(lambda: heard.named("ping")[-1].data["position"] >= newest)
        last = heard.named("ping")[-1]
        assert last.id == last.data["position"]
        assert datetime.fromisoformat(last.data["at"]).tzinfo is not None


def test_without_the_database_there_is_no_sign_of_life_and_afterwards_nothing_is_missing(
    opened: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.live.PING_EVERY", 0.05)
    monkeypatch.setattr("restaurant.live.LOOK_AGAIN", 0.05)
    monkeypatch.setattr("restaurant.live.FRESH", 0.2)
    with listen("cook", "trays/stream/") as heard:
        eventually(lambda: len(heard.named("ping")) > 3)
        with pytest.MonkeyPatch.context() as away:
            error = failing(OperationalError("away"))
            away.setattr("restaurant.events.models.EventRecordQuerySet.after", error)
            opened("water")
            eventually(lambda: heard.silences > 3)
            pings = len(heard.named("ping"))
            eventually(lambda: heard.silences > 6)
            assert len(heard.named("ping")) == pings
            assert heard.news == []
        eventually(lambda: "ticket.fired" in heard.names)
        eventually(lambda: len(heard.named("ping")) > pings)
        assert not heard.over


def test_a_cut_connection_of_the_reader_costs_nothing(
    opened: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to be cut.")
    monkeypatch.setattr("restaurant.live.LOOK_AGAIN", 0.05)
    with listen("cook", "trays/stream/") as heard:
        with connection.cursor() as cursor:
            # The reader of the feed, and not the relay, which asks for what has no position.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                " AND (query LIKE 'LISTEN event_numbered%%' OR query LIKE '%%position\" > %%')"
            )
        opened("water")
        eventually(lambda: "ticket.fired" in heard.names)


def test_who_hangs_up_is_forgotten_at_once(application: LongPoll, listen: Listen) -> None:
    with listen("cook", "trays/stream/"):
        assert list(application.hub.listeners) == ["trays"]
    eventually(lambda: not application.hub.listeners)


def test_who_does_not_listen_is_let_go(
    application: LongPoll, web: str, place: Place, tokens: dict[str, str]
) -> None:
    order = place("water")
    with deaf(web, f"/api/v1/orders/{order.ref}/stream/", tokens["guest"]):
        eventually(lambda: f"order:{order.ref}" in application.hub.listeners)
        for _ in range(3):
            shout(order, 500)
            eventually(lambda: not EventRecord.objects.filter(position=None).exists())
        eventually(lambda: not application.hub.listeners)


def test_others_do_not_wait_for_who_does_not_listen(
    web: str, place: Place, tokens: dict[str, str], listen: Listen
) -> None:
    order = place("water")
    with (
        deaf(web, f"/api/v1/orders/{order.ref}/stream/", tokens["guest"]),
        listen("cook", f"orders/{order.ref}/stream/") as heard,
    ):
        shout(order, 300)
        eventually(lambda: heard.names.count("order.cancelled") == 300)


def test_a_token_that_was_taken_away_hears_no_more(
    listen: Listen, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.streams.ASK_AGAIN", 0.1)
    with listen("cook", "trays/stream/") as cooks, listen("waiter", "trays/stream/") as waiters:
        AuthToken.objects.filter(user__groups__name="cook").delete()
        eventually(lambda: cooks.over)
        assert not waiters.over
        User.objects.filter(groups__name="waiter").update(is_active=False)
        eventually(lambda: waiters.over)


def test_who_comes_to_a_shop_hears_all_of_the_house_no_more(
    place: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.streams.ASK_AGAIN", 0.1)
    kitchen.save_shop(Shop(code="nam", name="Nam", name_th="Nam"))
    Zone.objects.filter(code="drinks").update(shop="nam")
    place("water")
    with listen("cook", "zones/drinks/stream/") as heard:
        User.objects.get(groups__name="cook").groups.set(Group.objects.filter(name="shop:nam"))
        eventually(lambda: heard.over)


def test_while_nobody_can_say_who_may_hear_streams_go_on(
    opened: Place, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.streams.ASK_AGAIN", 0.05)
    asked: list[int] = []

    def away(*_: Any) -> None:
        asked.append(1)
        raise OperationalError("away")

    with listen("cook", "trays/stream/") as heard:
        monkeypatch.setattr("restaurant.events.views.catch_up", away)
        eventually(lambda: len(asked) > 2)
        opened("water")
        eventually(lambda: "ticket.fired" in heard.names)
        assert not heard.over


def test_streams_end_when_the_process_stops(application: LongPoll, listen: Listen) -> None:
    with listen("cook", "trays/stream/") as heard:
        application.hub.in_loop(application.hub.end)
        eventually(lambda: heard.over)
    with listen("cook", "trays/stream/") as late:
        eventually(lambda: late.over)
        assert [message.name for message in late.said] == ["ping"]


def shout(order: Order, times: int) -> None:
    """A history that fills every buffer between here and there."""
    news = OrderCancelled(order_ref=order.ref, version=2, reason="x" * 20_000)
    with transaction.atomic():
        publish(*[news] * times)


@contextmanager
def deaf(web: str, path: str, token: str) -> Iterator[None]:
    """A client that asks for a stream and never reads."""
    host, port = web.removeprefix("http://").split(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((host, int(port)))
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        client.sendall(request.encode())
        yield
