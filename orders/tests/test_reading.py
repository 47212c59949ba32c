"""Reading orders: one, a list with filters, page by page, and an order's history."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass
from kitchen import services as kitchen
from kitchen.models import Ticket
from orders import services
from orders.models import Order
from orders.views import EventsInOrder, OrdersByTime

Place = Callable[..., Order]

URL = "/api/v1/orders/"


@pytest.fixture
def app(client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrdersByTime, "page_size", 2)
    monkeypatch.setattr(EventsInOrder, "page_size", 2)


def of(order: Order) -> str:
    return f"{URL}{order.ref}/"


def numbers(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    assert answer.json().keys() == {"next", "previous", "results"}
    return [order["number"] for order in answer.json()["results"]]


def test_an_order_known_already_is_not_sent_again(app: APIClient, place: Place) -> None:
    url = of(place("water"))
    tag = app.get(url).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}'):
        answer = app.get(url, headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["ETag"] == tag
    for other in ('"9-9"', "x", tag.strip('"')):
        assert app.get(url, headers={"If-None-Match": other}).status_code == 200


def test_each_move_of_the_order_or_its_trays_changes_the_etag(
    app: APIClient, opened: Place
) -> None:
    order = opened("water")
    ticket = Ticket.objects.get()
    tags = [app.get(of(order)).headers["ETag"]]
    moves: list[Callable[[], Any]] = [
        lambda: kitchen.start(ticket.pk),
        lambda: services.mark_preparing(order.ref),
        lambda: kitchen.finish(ticket.pk),
        lambda: kitchen.plate(ticket.tray_id, canvas=1),
        lambda: services.follow_kitchen(order.ref),
        lambda: services.serve_order(order),
    ]
    for move in moves:
        move()
        tags.append(app.get(of(order), headers={"If-None-Match": tags[-1]}).headers["ETag"])
    assert len(set(tags)) == 7


@pytest.mark.parametrize("role", ["app", "waiter", "cook", "manager"])
def test_somebody_elses_order_is_there_for_staff_only(
    client_of: Callable[..., APIClient], place: Place, role: str
) -> None:
    order, client = place("water"), client_of(role)
    if role == "app":
        assert_problem(client.get(of(order)), 404, "not_found")
        assert_problem(client.get(f"{of(order)}events/"), 404, "not_found")
        assert_problem(client.post(f"{of(order)}cancel/", {"reason": "x"}), 404, "not_found")
        assert numbers(client.get(URL)) == []
        assert Order.objects.get().state == "placed"
    else:
        assert client.get(of(order)).json()["id"] == str(order.ref)
        assert client.get(f"{of(order)}events/").status_code == 200
        assert numbers(client.get(URL)) == [order.number]


def test_an_order_that_never_was_is_not_found(client_of: Callable[..., APIClient]) -> None:
    manager = client_of("manager")
    assert_problem(manager.get(f"{URL}{uuid4()}/"), 404, "not_found")
    assert_problem(manager.get(f"{URL}42/"), 404, "not_found")


def test_a_list_shows_each_order_as_it_is_read_alone(app: APIClient, opened: Place) -> None:
    order = opened("tom-yum", ("water", 2), channel="dine_in", table="A3")
    bring_to_pass(order, tray=2)
    assert app.get(URL).json() == {
        "next": None,
        "previous": None,
        "results": [app.get(of(order)).json()],
    }


def test_a_list_is_filtered_by_state_table_and_client_ref(app: APIClient, place: Place) -> None:
    a3 = place("water", channel="dine_in", table="A3", client_ref=" pos-1")
    b4 = place("water", channel="dine_in", table="B4", client_ref="pos-1")
    services.cancel_order(b4, "gone")
    assert numbers(app.get(URL)) == [b4.number, a3.number]
    for query, found in [
        ({"state": "placed"}, [a3]),
        ({"state": "cancelled"}, [b4]),
        ({"state": "ready"}, []),
        ({"table": "A3"}, [a3]),
        ({"table": "a3"}, []),
        ({"client_ref": "pos-1"}, [b4]),
        ({"client_ref": " pos-1"}, [a3]),
        ({"table": "B4", "state": "placed"}, []),
        ({"table": "B4", "state": "cancelled", "client_ref": "pos-1"}, [b4]),
    ]:
        assert numbers(app.get(URL, query)) == [order.number for order in found]


def test_a_list_is_filtered_by_the_time_of_placing(app: APIClient, place: Place) -> None:
    old, new = place("water"), place("water")
    noon = timezone.now().replace(hour=5, minute=0, second=0, microsecond=0)
    Order.objects.filter(pk=old.pk).update(placed_at=noon)
    Order.objects.filter(pk=new.pk).update(placed_at=noon + timedelta(seconds=1))
    for moment in (noon.isoformat(), f"{noon:%Y-%m-%d}T12:00:00+07:00"):
        assert numbers(app.get(URL, {"placed_after": moment})) == [new.number]
    before = (noon - timedelta(seconds=1)).isoformat()
    assert numbers(app.get(URL, {"placed_after": before})) == [new.number, old.number]


@pytest.mark.parametrize(
    "query",
    [
        "state=eaten",
        "state=",
        "table=%00",
        "table=" + "x" * 21,
        "client_ref=" + "x" * 65,
        "placed_after=yesterday",
        "placed_after=2026-13-01T00:00:00Z",
        "placed_after=0001-01-01T00:00:00",
        "placed_after=9999-12-31T23:59:59-12:00",
        "limit=1000000",
        "ordering=placed_by__password",
        "placed_by__password__startswith=x",
        "state__in=placed",
        "page=2",
        "wait=1",
        "format=xml",
        "State=placed",
        "&".join(["a=1"] * 1500),
    ],
)
def test_a_filter_that_is_not_understood_is_refused(
    app: APIClient, place: Place, query: str
) -> None:
    place("water")
    problem = assert_problem(app.get(f"{URL}?{query}"), 400, "invalid_query")
    assert len(problem["errors"]) == 1


@pytest.mark.parametrize("wait", ["-1", "61", "1.5", "x", "", "%00", "1e1", "9" * 5000])
def test_a_wait_is_0_to_60_seconds(app: APIClient, place: Place, wait: str) -> None:
    url = of(place("water"))
    problem = assert_problem(app.get(f"{url}?wait={wait}"), 400, "invalid_query")
    assert [error["pointer"] for error in problem["errors"]] == ["/wait"]


def test_a_wait_is_not_a_filter_of_the_order(app: APIClient, place: Place) -> None:
    url = of(place("water"))
    assert app.get(f"{url}?wait=60").json() == app.get(url).json()
    assert_problem(app.get(f"{url}?state=placed"), 400, "invalid_query")


@pytest.mark.usefixtures("small_pages")
def test_pages_show_each_order_once_forwards_and_backwards(app: APIClient, place: Place) -> None:
    placed = [place("water").number for _ in range(5)]
    url, pages, answers = URL, [], []
    while url:
        answers.append(app.get(url))
        pages.append(numbers(answers[-1]))
        url = answers[-1].json()["next"]
        # What comes in meanwhile stands before the first page.
        place("water")
    newest_first = placed[::-1]
    assert pages == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert answers[0].json()["previous"] is None
    back = app.get(answers[-1].json()["previous"])
    assert numbers(back) == pages[1]
    assert numbers(app.get(back.json()["previous"])) == pages[0]
    assert numbers(app.get(back.json()["next"])) == pages[2]


@pytest.mark.usefixtures("small_pages")
def test_orders_of_one_moment_are_shown_once_each(app: APIClient, place: Place) -> None:
    placed = [place("water").number for _ in range(5)]
    Order.objects.update(placed_at=timezone.now())
    url, seen = URL, []
    while url:
        page = app.get(url)
        seen += numbers(page)
        url = page.json()["next"]
    assert seen == placed[::-1]


@pytest.mark.usefixtures("small_pages")
def test_a_page_keeps_its_filters(app: APIClient, place: Place) -> None:
    for _ in range(3):
        place("water", table="A3")
    following = app.get(f"{URL}?table=A3&state=placed").json()["next"]
    query = parse_qs(urlsplit(following).query)
    assert (query["table"], query["state"], len(query["cursor"])) == (["A3"], ["placed"], 1)


@pytest.mark.usefixtures("small_pages")
def test_a_cursor_that_is_not_of_this_list_is_refused(
    app: APIClient, client_of: Callable[..., APIClient], opened: Place
) -> None:
    order, other = opened("water"), opened("water")
    opened("water")

    def cursor_of(url: str) -> str:
        return parse_qs(urlsplit(str(app.get(url).json()["next"])).query)["cursor"][0]

    for _ in range(3):
        services.mark_preparing(order.ref)
        Order.objects.update(state="placed")
    orders, events = cursor_of(URL), cursor_of(f"{of(order)}events/")
    for url, cursor in [
        (URL, events),
        (f"{of(order)}events/", orders),
        (f"{of(other)}events/", events),
        (URL, orders[:-1]),
        (URL, "x" + orders),
        (URL, "cD0yMDI2LTExLTIx"),
        (URL, "cD01"),
        (URL, "bz05OTk5OTk5OTk5OTk5OTk5"),
        (URL, "x"),
        (URL, ""),
        (URL, "\0"),
        (URL, "é:é:é"),
    ]:
        problem = assert_problem(app.get(url, {"cursor": cursor}), 400, "invalid_query")
        assert [error["pointer"] for error in problem["errors"]] == ["/cursor"]
    for url, cursor in ((URL, orders), (f"{of(order)}events/", events)):
        assert app.get(url, {"cursor": cursor}).status_code == 200
