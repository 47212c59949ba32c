"""The Idempotency-Key: a repeated POST gets the first one's answer, and has no other effect."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, order_body
from kitchen.models import MenuItem, Ticket
from orders import services
from orders.models import Order
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer
from restaurant.idempotency.tasks import forget_answers
from tests.at_once import at_once

URL = "/api/v1/orders/"
KEY = "pos-1_0000000000000001"
#: All that a replay must repeat, beside the body.
KEPT = ("Content-Type", "Location", "ETag")


@pytest.fixture
def app(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def post(client: APIClient, body: Any, key: str | None = KEY, url: str = URL) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(url, body, format="json", headers=headers)


def assert_replayed(first: Any, second: Any) -> None:
    assert second.status_code == first.status_code
    assert second.content == first.content
    for name in KEPT:
        assert second.headers.get(name) == first.headers.get(name)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"


def make_older(age: timedelta) -> None:
    StoredAnswer.objects.update(stored_at=timezone.now() - age)


def test_an_order_needs_a_key(app: APIClient) -> None:
    assert_problem(post(app, order_body("crab"), None), 400, "idempotency_key_missing")
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "key",
    ["", "x" * 15, "x" * 256, "a" * 16 + " ", "a.b" * 8, "ключ" * 5, '"' + "a" * 16],
)
def test_a_malformed_key_is_refused(app: APIClient, key: str) -> None:
    assert_problem(post(app, order_body("crab"), key), 400, "idempotency_key_invalid")
    assert not Order.objects.exists()
    assert not StoredAnswer.objects.exists()


@pytest.mark.parametrize("key", ["x" * 16, "x" * 255, "AZaz09_-AZaz09_-"])
def test_a_key_has_16_to_255_characters(app: APIClient, key: str) -> None:
    assert post(app, order_body("crab"), key).status_code == 201


def test_a_quoted_key_is_the_same_key(app: APIClient) -> None:
    body = order_body("crab")
    assert_replayed(post(app, body), post(app, body, f'"{KEY}"'))


def test_a_repeated_order_gets_the_first_answer_byte_for_byte(app: APIClient) -> None:
    body = order_body("crab")
    first = post(app, body)
    assert first.status_code == 201
    for _ in range(3):
        assert_replayed(first, post(app, body))
    assert Order.objects.count() == EventRecord.objects.count() == 1
    assert MenuItem.objects.get(pk="crab").portions_left == 0


def test_the_first_answer_is_repeated_although_the_order_has_moved_on(app: APIClient) -> None:
    body = order_body("crab")
    first = post(app, body)
    services.cancel_order(Order.objects.get(), "changed my mind")
    assert_replayed(first, post(app, body))
    assert first.json()["state"] == "placed"
    assert Order.objects.get().state == "cancelled"


def test_the_same_body_may_be_written_in_another_way(app: APIClient) -> None:
    body = order_body("crab")
    first = post(app, body)
    raw = json.dumps(dict(reversed(body.items())), indent=2)
    second = app.generic(
        "POST", URL, raw, content_type="application/json", headers={"Idempotency-Key": KEY}
    )
    assert_replayed(first, second)


@pytest.mark.parametrize(
    "other", [{"client_ref": "x"}, {"note": "!"}, {"lines": [{"item": "water", "quantity": 1}]}]
)
def test_a_key_is_not_for_another_body(app: APIClient, other: dict[str, Any]) -> None:
    body = order_body("crab")
    first = post(app, body)
    assert_problem(post(app, {**body, **other}), 422, "idempotency_key_reused")
    assert Order.objects.count() == EventRecord.objects.count() == 1
    assert_replayed(first, post(app, body))


def test_somebody_elses_key_is_another_key(
    app: APIClient, client_of: Callable[..., APIClient]
) -> None:
    body = order_body("water")
    first, others = post(app, body), post(client_of("app"), body)
    assert others.status_code == 201
    assert "Idempotency-Replayed" not in others.headers
    assert others.json()["id"] != first.json()["id"]


def test_a_key_of_another_route_is_another_key(app: APIClient) -> None:
    placed = post(app, order_body("water"))
    cancelled = post(app, {"reason": "no"}, url=f"{placed.headers['Location']}cancel/")
    assert cancelled.status_code == 200
    assert "Idempotency-Replayed" not in cancelled.headers
    assert cancelled.json()["state"] == "cancelled"


def test_a_refusal_is_repeated_although_there_would_be_enough_now(app: APIClient) -> None:
    MenuItem.objects.filter(pk="crab").update(portions_left=0)
    body = order_body("crab")
    first = post(app, body)
    problem = assert_problem(first, 409, "sold_out")
    MenuItem.objects.filter(pk="crab").update(portions_left=5)
    second = post(app, body)
    assert_replayed(first, second)
    assert second.json()["request_id"] == problem["request_id"]
    assert not Order.objects.exists()
    assert MenuItem.objects.get(pk="crab").portions_left == 5
    assert post(app, body, uuid4().hex).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"channel": "boat"}, "invalid_body"), ({"price": 1}, "unknown_field")],
)
def test_a_malformed_order_does_not_use_the_key_up(
    app: APIClient, wrong: dict[str, Any], code: str
) -> None:
    body = order_body("crab")
    assert_problem(post(app, {**body, **wrong}), 400, code)
    assert not StoredAnswer.objects.exists()
    assert post(app, body).status_code == 201


def test_an_unknown_item_does_not_use_the_key_up(app: APIClient) -> None:
    assert_problem(post(app, order_body("crap")), 400, "unknown_item")
    assert not StoredAnswer.objects.exists()
    assert post(app, order_body("crab")).status_code == 201


def test_what_may_not_be_done_does_not_use_the_key_up(
    menu: dict[str, MenuItem], client_of: Callable[..., APIClient]
) -> None:
    assert_problem(post(client_of("cook"), order_body("crab")), 403, "forbidden")
    assert_problem(post(APIClient(), order_body("crab")), 401, "not_authenticated")
    assert not StoredAnswer.objects.exists()


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (OperationalError("gone"), 503, "database_unavailable"),
        (RuntimeError("a bug"), 500, "internal"),
    ],
)
def test_a_fault_of_ours_does_not_use_the_key_up(
    app: APIClient, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, code: str
) -> None:
    app.raise_request_exception = False
    body = order_body("crab")
    place_order = services.place_order

    def fail(*args: Any, **more: Any) -> None:
        place_order(*args, **more)
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(services, "place_order", fail)
        assert_problem(post(app, body), status, code)
    assert not StoredAnswer.objects.exists()
    assert not Order.objects.exists()
    assert MenuItem.objects.get(pk="crab").portions_left == 1
    assert post(app, body).status_code == 201


def test_while_the_first_is_worked_on_the_second_is_told_to_ask_again(
    app: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(**row: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(StoredAnswer.objects, "begin", held)
    response = post(app, order_body("crab"))
    problem = assert_problem(response, 409, "idempotency_in_progress")
    assert (problem["retryable"], problem["retry_after"]) == (True, 1)
    assert not Order.objects.exists()


def test_an_answer_is_kept_for_48_hours(app: APIClient) -> None:
    body = order_body("crab")
    first = post(app, body)
    make_older(timedelta(hours=48, minutes=-1))
    assert_replayed(first, post(app, body))


@pytest.mark.django_db(transaction=True)
def test_two_who_come_when_an_answer_is_just_forgotten_get_one_new_order(app: APIClient) -> None:
    assert post(app, order_body("water")).status_code == 201
    make_older(timedelta(hours=48, minutes=1))
    again = order_body("water")
    answers = at_once([lambda: statuses(post(app, again))] * 4)
    assert sorted(answers) == [(201, False), (201, True), (201, True), (201, True)]
    assert Order.objects.count() == 2


def statuses(answer: Any) -> tuple[int, bool]:
    return answer.status_code, "Idempotency-Replayed" in answer.headers


def test_after_48_hours_a_key_is_new_but_a_client_ref_is_not(app: APIClient) -> None:
    body = order_body("water")
    first = post(app, body)
    make_older(timedelta(hours=48, minutes=1))
    problem = assert_problem(post(app, body), 409, "duplicate_client_ref")
    assert problem["order"] == first.headers["Location"]
    make_older(timedelta(hours=48, minutes=1))
    another = post(app, order_body("water"))
    assert another.status_code == 201
    assert "Idempotency-Replayed" not in another.headers
    assert Order.objects.count() == 2
    assert StoredAnswer.objects.count() == 1


def test_only_old_answers_are_forgotten(app: APIClient) -> None:
    post(app, order_body("water"))
    make_older(timedelta(hours=48, minutes=1))
    post(app, order_body("water"), "b" * 16)
    forget_answers()
    assert StoredAnswer.objects.get().key == "b" * 16


def test_a_repeated_cancellation_gets_the_first_answer(
    app: APIClient, opened: Callable[..., Order]
) -> None:
    url = f"{URL}{opened('water').ref}/cancel/"
    first = post(app, {"reason": "no"}, url=url)
    assert first.status_code == 200
    events = EventRecord.objects.count()
    assert_replayed(first, post(app, {"reason": "no"}, url=url))
    assert_problem(post(app, {"reason": "so"}, url=url), 422, "idempotency_key_reused")
    assert EventRecord.objects.count() == events


def test_a_repeated_serving_gets_the_first_answer(
    client_of: Callable[..., APIClient], opened: Callable[..., Order]
) -> None:
    order, waiter = opened("water"), client_of("waiter")
    url = f"{URL}{order.ref}/serve/"
    refused = post(waiter, {}, url=url)
    assert_problem(refused, 409, "illegal_transition")
    bring_to_pass(order)
    # The refusal is repeated as well: who wants to try anew takes a new key.
    assert_replayed(refused, post(waiter, {}, url=url))
    first = post(waiter, {}, "b" * 16, url=url)
    assert first.json()["state"] == "served"
    assert_replayed(first, post(waiter, {}, "b" * 16, url=url))


def test_a_repeated_press_gets_the_first_answer(
    client_of: Callable[..., APIClient], opened: Callable[..., Order]
) -> None:
    opened("water")
    ticket, cook = Ticket.objects.get(), client_of("cook")
    url = f"/api/v1/tickets/{ticket.pk}/start/"
    first = post(cook, {}, url=url)
    assert first.json()["state"] == "cooking"
    assert post(cook, {}, url=f"/api/v1/tickets/{ticket.pk}/done/").json()["state"] == "done"
    assert_replayed(first, post(cook, {}, url=url))
    assert Ticket.objects.get().state == "done"
    assert_problem(post(cook, {}, "short", url=url), 400, "idempotency_key_invalid")
