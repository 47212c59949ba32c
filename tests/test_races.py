"""Many buyers at one moment, from separate processes. Each promise has its negative control."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from rest_framework.test import APIClient

from conftest import order_body
from kitchen.models import MenuItem
from kitchen.services import reservations
from kitchen.services.reservations import Wanted
from orders.models import Order, OrderLine
from restaurant.idempotency import views as idempotency
from restaurant.idempotency.models import StoredAnswer
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

BUYERS = 50
Answer = tuple[int, str, bytes, bool]


def post(client: APIClient, body: dict[str, Any], key: str) -> Answer:
    """Status, problem code, body, and whether it is a replay."""
    answer = client.post("/api/v1/orders/", body, format="json", headers={"Idempotency-Key": key})
    code = answer.json().get("code", "")
    return answer.status_code, code, answer.content, "Idempotency-Replayed" in answer.headers


def buyers(client: APIClient, *baskets: dict[str, Any]) -> list[Callable[[], Answer]]:
    return [partial(post, client, basket, uuid4().hex) for basket in baskets]


@pytest.fixture(autouse=True)
def warm(menu: dict[str, MenuItem]) -> None:
    """Load the product once, before it is forked: what races is the orders, not the imports."""
    assert APIClient().get("/api/v1/menu/").status_code == 200


def kinds(answers: Iterable[Any]) -> Counter[tuple[int, str]]:
    return Counter((answer[0], answer[1]) for answer in answers)


def left(code: str) -> int | None:
    return MenuItem.objects.values_list("portions_left", flat=True).get(pk=code)


def sold(code: str) -> int:
    return sum(OrderLine.objects.filter(item=code).values_list("quantity", flat=True))


def test_of_fifty_buyers_one_gets_the_last_portion(client_of: Callable[..., APIClient]) -> None:
    client = client_of("app")
    answers = at_once(buyers(client, *(order_body("crab") for _ in range(BUYERS))))
    assert kinds(answers) == {(201, ""): 1, (409, "sold_out"): BUYERS - 1}
    assert (left("crab"), sold("crab"), Order.objects.count()) == (0, 1, 1)


def test_control_without_the_guard_one_portion_is_sold_twice() -> None:
    def buy_after_looking() -> bool:
        """Look first, then take: what the guarded UPDATE does in one step."""
        if not left("crab"):
            return False
        sleep(0.5)
        MenuItem.objects.filter(pk="crab").update(portions_left=0)
        return True

    assert sum(at_once([buy_after_looking] * 5)) > 1


def test_crossed_baskets_of_scarce_items_never_lock_each_other_out(
    client_of: Callable[..., APIClient],
) -> None:
    MenuItem.objects.filter(pk__in=["crab", "lobster"]).update(portions_left=20)
    client = client_of("app")
    crossed = [("crab", "lobster"), ("lobster", "crab")] * (BUYERS // 2)
    answers = at_once(buyers(client, *(order_body(*basket) for basket in crossed)))
    assert kinds(answers) == {(201, ""): 20, (409, "sold_out"): BUYERS - 20}
    assert (left("crab"), left("lobster")) == (0, 0)
    assert (sold("crab"), sold("lobster")) == (20, 20)


def test_control_portions_taken_in_the_order_of_the_basket_lock_each_other_out(
    client_of: Callable[..., APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_in_given_order(menu: Mapping[str, MenuItem], wanted: Iterable[Wanted]) -> None:
        for line in wanted:
            MenuItem.objects.filter(pk=line.item).update(portions_left=F("portions_left") - 1)
            sleep(0.2)

    MenuItem.objects.filter(pk__in=["crab", "lobster"]).update(portions_left=20)
    monkeypatch.setattr(reservations, "take_portions", take_in_given_order)
    crossed = [order_body("crab", "lobster"), order_body("lobster", "crab")] * 2
    answers = at_once(buyers(client_of("app"), *crossed))
    # SQLite has one writer at a time: there is no circle to be caught in.
    locked_out = kinds(answers)[(503, "database_unavailable")] > 0
    assert locked_out == (connection.vendor == "postgresql")


def one_order_and_replays(answers: list[Answer]) -> None:
    """What equal POSTs with one key must be answered."""
    first = [answer for answer in answers if answer[0] == 201 and not answer[3]]
    assert len(first) == 1, kinds(answers)
    for status, code, body, replayed in answers:
        if replayed:
            assert (status, body) == (201, first[0][2])
        else:
            assert (status, code) in {(201, ""), (409, "idempotency_in_progress")}
    assert Order.objects.count() == 1


def test_fifty_equal_posts_with_one_key_are_one_order(
    client_of: Callable[..., APIClient],
) -> None:
    client, body, key = client_of("app"), order_body("tom-yum", "crab"), uuid4().hex
    one_order_and_replays(at_once([partial(post, client, body, key)] * BUYERS))
    assert (left("crab"), StoredAnswer.objects.count()) == (0, 1)


def test_control_without_the_key_the_repeats_are_refused(
    client_of: Callable[..., APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "take", lambda request, key: StoredAnswer())
    monkeypatch.setattr(idempotency, "store", lambda answer, response: None)
    client, body, key = client_of("app"), order_body("tom-yum"), uuid4().hex
    answers = at_once([partial(post, client, body, key)] * 10)
    with pytest.raises(AssertionError):
        one_order_and_replays(answers)


def test_two_orders_with_one_client_ref_are_one(client_of: Callable[..., APIClient]) -> None:
    client, body = client_of("app"), order_body("crab")
    MenuItem.objects.filter(pk="crab").update(portions_left=10)
    answers = at_once([partial(post, client, body, uuid4().hex) for _ in range(10)])
    assert kinds(answers) == {(201, ""): 1, (409, "duplicate_client_ref"): 9}
    assert (left("crab"), Order.objects.count()) == (9, 1)
