"""Webhooks over HTTP: made, shown, changed, given new secrets, and told again."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from conftest import a_dead_letter, assert_problem, new_key, order_body
from kitchen.models import MenuItem
from notifications import services
from notifications.models import Delivery, Endpoint
from orders.models import Order
from restaurant.events.models import EventRecord

URL = "/api/v1/webhooks/"
Client = Callable[..., APIClient]


@pytest.fixture
def app(client_of: Client, guest: User) -> APIClient:
    return client_of(guest)


def make(client: APIClient, url: str = "https://8.8.8.8/hook", **more: Any) -> Any:
    return client.post(URL, {"url": url, "events": ["order.ready"], **more}, format="json")


def letter(endpoint: Endpoint, state: str = "dead") -> Delivery:
    return Delivery.objects.create(
        endpoint=endpoint,
        event=uuid4(),
        name="order.ready",
        order_ref=uuid4(),
        sequence=1,
        state=state,
        tries=10,
        last_status=500,
    )


def test_a_secret_is_shown_once(app: APIClient, guest: User) -> None:
    made = make(app)
    assert made.status_code == 201
    told = made.json()
    secret = told.pop("secret")
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert told == {
        "id": told["id"],
        "account": guest.username,
        "url": "https://8.8.8.8/hook",
        "events": ["order.ready"],
        "enabled": True,
        "disabled_because": "",
        "paused_until": None,
        "created_at": told["created_at"],
    }
    assert made.headers["Location"] == f"{URL}{told['id']}/"
    assert app.get(made.headers["Location"]).json() == told
    assert app.get(URL).json()["results"] == [told]
    for answer in (app.get(URL), app.get(made.headers["Location"])):
        assert b"whsec" not in answer.content
    [row] = Endpoint.objects.values_list()
    assert not any(secret.removeprefix("whsec_") in str(value) for value in row)


def test_the_same_key_makes_one_webhook(app: APIClient) -> None:
    key = new_key()
    body = {"url": "https://8.8.8.8/hook", "events": ["order.ready"]}
    first, second = (app.post(URL, body, format="json", headers=key) for _ in range(2))
    assert first.content == second.content
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:8000/", "refused_address"),
        ("http://localhost/", "refused_address"),
        ("http://169.254.169.254/", "refused_address"),
        ("https://user:pass@8.8.8.8/", "refused_address"),
        ("file:///etc/passwd", "refused_address"),
        ("", "blank"),
        (None, "null"),
        (17, "invalid"),
        ("https://8.8.8.8/\x00", "refused_address"),
        ("https://8.8.8.8/" + "x" * 500, "refused_address"),
    ],
)
def test_a_refused_address_is_said_with_its_place(app: APIClient, url: Any, why: str) -> None:
    problem = assert_problem(make(app, url), 400, "invalid_body")
    assert [(found["pointer"], found["code"]) for found in problem["errors"]] == [("/url", why)]
    made = make(app).json()
    answer = app.patch(f"{URL}{made['id']}/", {"url": url}, format="json")
    assert assert_problem(answer, 400, "invalid_body")["errors"][0]["pointer"] == "/url"
    assert Endpoint.objects.get().url == "https://8.8.8.8/hook"


@pytest.mark.parametrize(
    ("events", "pointer"),
    [
        ([], "/events"),
        ("order.ready", "/events"),
        (None, "/events"),
        (["order.ready", "ticket.fired"], "/events/1"),
        (["order.eaten"], "/events/0"),
        ([7], "/events/0"),
        (["*"], "/events/0"),
    ],
)
def test_only_events_that_there_are_can_be_chosen(
    app: APIClient, events: Any, pointer: str
) -> None:
    problem = assert_problem(make(app, events=events), 400, "invalid_body")
    assert problem["errors"][0]["pointer"] == pointer
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("field", ["secret", "salt", "principal", "since", "enabled"])
def test_nothing_else_can_be_set(app: APIClient, field: str) -> None:
    body = {"url": "https://8.8.8.8/", "events": ["order.ready"], field: True}
    assert_problem(app.post(URL, body, format="json"), 400, "unknown_field")


def test_a_webhook_is_changed_and_deleted(app: APIClient) -> None:
    place = f"{URL}{make(app).json()['id']}/"
    changes = {"url": "https://8.8.4.4/", "events": ["tray.ready", "order.ready", "tray.ready"]}
    changed = app.patch(place, {**changes, "enabled": False}, format="json").json()
    assert changed["url"] == "https://8.8.4.4/"
    assert changed["events"] == ["order.ready", "tray.ready"]
    assert changed["enabled"] is False
    assert app.get(place).json() == changed
    letter(Endpoint.objects.get())
    assert app.delete(place).status_code == 204
    assert_problem(app.get(place), 404, "not_found")
    assert not Delivery.objects.exists()


def test_enabling_it_again_ends_its_pause(app: APIClient) -> None:
    place = f"{URL}{make(app).json()['id']}/"
    Endpoint.objects.update(
        enabled=False, disabled_because="Gone.", failures=7, paused_until="2030-01-01T00:00:00Z"
    )
    told = app.patch(place, {"enabled": True}, format="json").json()
    assert (told["enabled"], told["disabled_because"], told["paused_until"]) == (True, "", None)
    assert Endpoint.objects.get().failures == 0


def test_a_rotation_shows_the_new_secret_once(app: APIClient) -> None:
    made = make(app).json()
    rotated = app.post(f"{URL}{made['id']}/rotate/")
    assert rotated.status_code == 200
    assert rotated.json()["secret"] not in (made["secret"], "")
    endpoint = Endpoint.objects.get()
    assert services.current_secret(endpoint) == rotated.json()["secret"]
    assert len(endpoint.salts) == 2


def test_a_hundred_webhooks_are_enough(app: APIClient, guest: User) -> None:
    for _ in range(100):
        services.add_endpoint(guest, "https://8.8.8.8/", ["order.ready"])
    assert assert_problem(make(app), 409, "too_many_endpoints")["most"] == 100


def test_somebody_elses_webhook_is_not_there(
    app: APIClient, client_of: Client, make_user: Callable[..., User]
) -> None:
    foreign = services.add_endpoint(make_user("app"), "https://8.8.8.8/", ["order.ready"])
    dead = letter(foreign)
    own = make(app).json()["id"]
    places = [
        f"{URL}{foreign.pk}/",
        f"{URL}{foreign.pk}/deliveries/",
        f"{URL}{foreign.pk}/deliveries/{dead.ref}/redeliver/",
        f"{URL}{own}/deliveries/{dead.ref}/redeliver/",
    ]
    for place in places:
        answer = app.post(place) if place.endswith("redeliver/") else app.get(place)
        assert_problem(answer, 404, "not_found")
    assert [one["id"] for one in app.get(URL).json()["results"]] == [own]
    manager = client_of("manager")
    assert manager.get(f"{URL}{foreign.pk}/").status_code == 200
    assert len(manager.get(URL).json()["results"]) == 2


def test_dead_letters_are_listed_and_redelivered(app: APIClient) -> None:
    made = make(app).json()
    endpoint = Endpoint.objects.get()
    dead, delivered = letter(endpoint), letter(endpoint, "delivered")
    place = f"{URL}{made['id']}/deliveries/"
    assert len(app.get(place).json()["results"]) == 2
    [shown] = app.get(f"{place}?state=dead").json()["results"]
    assert shown["id"] == str(dead.ref)
    assert (shown["event"], shown["tries"], shown["last_status"]) == (str(dead.event), 10, 500)
    assert "body" not in shown
    again = app.post(f"{place}{dead.ref}/redeliver/").json()
    assert (again["state"], again["tries"], again["event"]) == ("waiting", 0, str(dead.event))
    assert_problem(app.post(f"{place}{dead.ref}/redeliver/"), 409, "still_waiting")
    assert app.post(f"{place}{delivered.ref}/redeliver/").json()["state"] == "waiting"
    assert_problem(app.post(f"{place}{uuid4()}/redeliver/"), 404, "not_found")
    assert_problem(app.get(f"{place}?state=lost"), 400, "invalid_query")


def test_all_dead_letters_of_a_webhook_are_redelivered_at_once(app: APIClient) -> None:
    made = make(app).json()
    endpoint = Endpoint.objects.get()
    for _ in range(3):
        letter(endpoint)
    letter(endpoint, "delivered")
    place = f"{URL}{made['id']}/deliveries/redeliver/"
    assert app.post(place).json() == {"redelivered": 3}
    assert app.post(place).json() == {"redelivered": 0}
    assert Delivery.objects.filter(state="waiting").count() == 3


def test_an_order_takes_a_callback_url(app: APIClient, menu: dict[str, MenuItem]) -> None:
    body = order_body("water", callback_url="https://shop.example/ready/17")
    answer = app.post("/api/v1/orders/", body, format="json", headers=new_key())
    assert answer.status_code == 201
    assert "callback_url" not in answer.json()
    event = EventRecord.objects.get()
    assert event.data["callback_url"] == "https://shop.example/ready/17"
    assert event.data["placed_by"] == Order.objects.get().placed_by.username


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://[::1]/", "http://redis:80/", "ftp://shop.example/", 5]
)
def test_an_order_is_not_called_back_inside(
    app: APIClient, menu: dict[str, MenuItem], url: Any
) -> None:
    body = order_body("water", callback_url=url)
    answer = app.post("/api/v1/orders/", body, format="json", headers=new_key())
    problem = assert_problem(answer, 400, "invalid_body")
    assert problem["errors"][0]["pointer"] == "/callback_url"
    assert not Order.objects.exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one lock for all.")
def test_a_webhook_that_is_deleted_is_taken_before_what_was_sent_to_it(
    app: APIClient, place: Callable[..., Order]
) -> None:
    endpoint = a_dead_letter(place("water")).endpoint
    with CaptureQueriesContext(connection) as asked:
        services.remove_endpoint(endpoint)
    taking = [q["sql"] for q in asked if "FOR UPDATE" in q["sql"] or q["sql"].startswith("DELETE")]
    assert "FOR UPDATE" in taking[0]
    assert [sql.split('"')[1] for sql in taking] == [
        "notifications_endpoint",
        "notifications_delivery",
        "notifications_endpoint",
    ]
