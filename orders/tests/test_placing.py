"""Placing an order: what is answered and written, and what the kitchen refuses."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem, new_key, order_body
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray
from orders.models import Order, OrderLine
from restaurant.events.models import EventRecord

URL = "/api/v1/orders/"


@pytest.fixture
def app(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def post(client: APIClient, body: Any) -> Any:
    return client.post(URL, body, format="json", headers=new_key())


def as_json(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def portions(code: str) -> int | None:
    return MenuItem.objects.get(pk=code).portions_left


def assert_nothing_placed() -> None:
    assert not Order.objects.exists()
    assert not OrderLine.objects.exists()
    assert not EventRecord.objects.exists()


def seconds_after(start: datetime, moment: str) -> float:
    return (datetime.fromisoformat(moment) - start).total_seconds()


def test_the_answer_has_exactly_what_the_contract_says(app: APIClient) -> None:
    body = order_body("tom-yum", note="window seat", allergies="nuts", client_ref="pos-1-000123")
    body["lines"][0]["note"] = "less hot"
    body["lines"].append({"item": "thai-tea", "quantity": 2, "tray": 1, "options": []})
    body["lines"].append({"item": "pad-krapow", "quantity": 3, "tray": 2})
    response = post(app, body)
    assert response.status_code == 201
    order = Order.objects.get()
    ids = [str(line.id) for line in order.lines.all()]

    def line(place: int, item: str, name: str, **more: Any) -> dict[str, Any]:
        shared = {"id": ids[place], "options": [], "course": 1, "state": "waiting", "note": ""}
        shared["shop"] = None
        return {**shared, "item": item, "name": name, **more}

    assert response.json() == {
        "id": str(order.ref),
        "number": order.number,
        "state": "placed",
        "channel": "dine_in",
        "table": "A3",
        "client_ref": "pos-1-000123",
        "note": "window seat",
        "allergies": "nuts",
        "placed_at": as_json(order.placed_at),
        "promised_at": as_json(order.promised_at),
        "ready_at": None,
        "total": "390.00",
        "currency": "THB",
        "version": 1,
        "tracking_url": f"http://testserver/track/{order.tracking_secret}/",
        "trays": [
            {
                "number": 1,
                "state": "waiting",
                "promised_at": order.tray_promises["1"],
                "lines": [
                    line(0, "tom-yum", "Tom Yum", quantity=1, unit_price="120.00", note="less hot"),
                    line(1, "thai-tea", "Thai Tea", quantity=2, unit_price="45.00"),
                ],
            },
            {
                "number": 2,
                "state": "waiting",
                "promised_at": order.tray_promises["2"],
                "lines": [line(2, "pad-krapow", "Pad Krapow", quantity=3, unit_price="60.00")],
            },
        ],
    }


def test_the_headers_name_the_order_and_its_version(app: APIClient) -> None:
    response = post(app, order_body("water"))
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Location"] == f"{URL}{UUID(response.json()['id'])}/"
    assert response.headers["ETag"] == '"1-0"'
    assert "Idempotency-Replayed" not in response.headers


def test_the_order_reads_as_it_was_answered(app: APIClient) -> None:
    placed = post(app, order_body("tom-yum", ("thai-tea", 2), ("water", 20), note="ไม่เผ็ด 🌶"))
    read = app.get(placed.headers["Location"])
    assert read.status_code == 200
    assert read.json() == placed.json()
    assert read.headers["ETag"] == placed.headers["ETag"]
    assert [tray["number"] for tray in read.json()["trays"]] == [1, 2, 20]


def test_one_event_tells_of_the_order_and_the_kitchen_is_left_alone(
    app: APIClient, guest: User
) -> None:
    body = order_body("tom-yum", note="no rush", allergies="nuts")
    body["lines"][0]["note"] = "less hot"
    assert post(app, body).status_code == 201
    order, event = Order.objects.get(), EventRecord.objects.get()
    line = order.lines.get()
    assert order.placed_by == guest
    assert (event.name, event.subject, event.position, event.tellings) == (
        "order.placed",
        order.ref,
        None,
        0,
    )
    assert event.data == {
        "order_ref": str(order.ref),
        "version": 1,
        "placed_by": guest.username,
        "callback_url": "",
        "label": f"#{order.number} · A3",
        "channel": "dine_in",
        "promised_at": order.tray_promises,
        "lines": [
            {
                "line": str(line.id),
                "item": "tom-yum",
                "quantity": 1,
                "tray": 1,
                "note": "less hot · no rush",
                "allergies": "nuts",
                "options": [],
                "course": 1,
                "unit_price": "120.00",
                "zone": "boil",
                "shop": "",
            }
        ],
    }
    assert not Tray.objects.exists()
    assert not Ticket.objects.exists()


def test_only_what_must_be_said_must_be_sent(app: APIClient) -> None:
    body = {
        "channel": "takeaway",
        "client_ref": " ",
        "lines": [{"item": "water", "quantity": 1}],
    }
    answer = post(app, body).json()
    assert (answer["table"], answer["note"], answer["allergies"]) == ("", "", "")
    assert (answer["client_ref"], answer["trays"][0]["number"]) == (" ", 1)


def test_the_largest_order_of_the_contract_is_taken(app: APIClient) -> None:
    body = order_body(
        *[("water", number % 20 + 1) for number in range(100)],
        table="T" * 20,
        client_ref="~" * 64,
        note="ก" * 500,
        allergies="x" * 500,
    )
    for line in body["lines"]:
        line.update(quantity=99, note="n" * 500)
    response = post(app, body)
    assert response.status_code == 201, response.content
    assert response.json()["total"] == "99000.00"
    assert OrderLine.objects.count() == 100


def test_each_tray_is_promised_for_when_its_longest_track_is_done(app: APIClient) -> None:
    before = timezone.now()
    answer = post(app, order_body("tom-yum", "thai-tea", ("water", 2))).json()
    tom_yum, water = (tray["promised_at"] for tray in answer["trays"])
    assert 300 <= seconds_after(before, tom_yum) < 302
    # One cook makes the tea, the other one has time for the water.
    assert 10 <= seconds_after(before, water) < 12
    assert answer["promised_at"] == tom_yum


def test_what_the_kitchen_has_before_it_puts_the_promise_off(
    app: APIClient, opened: Callable[..., Order]
) -> None:
    opened("gai-yang", "gai-yang")
    before = timezone.now()
    answer = post(app, order_body("gai-yang")).json()
    assert 600 <= seconds_after(before, answer["promised_at"]) < 602


def test_the_demos_clock_shortens_the_promise(app: APIClient) -> None:
    KitchenSettings.objects.update(time_scale=10)
    before = timezone.now()
    answer = post(app, order_body("tom-yum")).json()
    assert 30 <= seconds_after(before, answer["promised_at"]) < 32


@pytest.mark.parametrize("table", [{}, {"table": ""}, {"table": "  "}])
def test_a_table_is_needed_to_dine_in(app: APIClient, table: dict[str, str]) -> None:
    body = order_body("water")
    del body["table"]
    problem = assert_problem(post(app, {**body, **table}), 400, "invalid_body")
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == [("/table", "required")]
    assert_nothing_placed()


@pytest.mark.parametrize("channel", ["takeaway", "delivery"])
def test_no_table_is_needed_elsewhere(app: APIClient, channel: str) -> None:
    body = order_body("water", channel=channel)
    del body["table"]
    assert post(app, body).json()["table"] == ""


def test_a_line_keeps_its_name_and_price_of_the_moment(app: APIClient) -> None:
    placed = post(app, order_body("water"))
    MenuItem.objects.filter(pk="water").update(price=999, name="Champagne")
    assert app.get(placed.headers["Location"]).json() == placed.json()
