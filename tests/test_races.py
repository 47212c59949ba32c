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
from kitchen.exceptions import SoldOut
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


def test_control_without_the_guard_one_portion_is_sold_twice(
    client_of: Callable[..., APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_and_then_take(menu: Mapping[str, MenuItem], wanted: Iterable[Wanted]) -> None:
        for line in wanted:
            if not menu[line.item].portions_left:
                raise SoldOut("Of Crab 0 are left.", item=line.item, left=0)
            sleep(0.5)
            MenuItem.objects.filter(pk=line.item).update(portions_left=0)

    monkeypatch.setattr(reservations, "take_portions", look_and_then_take)
    answers = at_once(buyers(client_of("app"), *(order_body("crab") for _ in range(5))))
    # SQLite has one writer at a time: nobody looks before another has taken.
    sold_twice = kinds(answers)[(201, "")] > 1
    assert sold_twice == (connection.vendor == "postgresql")


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


def test_control_without_the_constraint_two_orders_have_one_client_ref(
    client_of: Callable[..., APIClient],
) -> None:
    (constraint,) = (c for c in Order._meta.constraints if c.name == "one_client_ref")
    client, body = client_of("app"), order_body("water")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Order, constraint)
    try:
        answers = at_once([partial(post, client, body, uuid4().hex) for _ in range(10)])
    finally:
        placed = Order.objects.count()
        OrderLine.objects.all().delete()
        Order.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Order, constraint)
    assert kinds(answers)[(201, "")] == placed
    # SQLite has one writer at a time: whoever comes second sees the first one's order.
    assert (placed > 1) == (connection.vendor == "postgresql")


def give_back_slowly(execute: Any, sql: str, *more: Any) -> Any:
    """So that those who cancel at once meet each other."""
    result = execute(sql, *more)
    if sql.startswith('UPDATE "kitchen_menuitem"'):
        sleep(0.2)
    return result


def cancel_slowly(client: APIClient, url: str) -> Answer:
    with connection.execute_wrapper(give_back_slowly):
        answer = client.post(f"{url}cancel/", {"reason": "gone"}, format="json")
    return answer.status_code, answer.json().get("code", ""), b"", False


def cancel_crossed_baskets(client: APIClient) -> Counter[tuple[int, str]]:
    """Place orders of two counted items in either order, cancel all of them at once."""
    MenuItem.objects.filter(pk__in=["crab", "lobster"]).update(portions_left=20)
    crossed = [("crab", "lobster"), ("lobster", "crab")] * 2
    urls = [
        client.post(
            "/api/v1/orders/",
            order_body(*basket),
            format="json",
            headers={"Idempotency-Key": uuid4().hex},
        ).headers["Location"]
        for basket in crossed
    ]
    return kinds(at_once([partial(cancel_slowly, client, url) for url in urls]))


def test_those_who_cancel_crossed_baskets_never_lock_each_other_out(
    client_of: Callable[..., APIClient],
) -> None:
    assert cancel_crossed_baskets(client_of("app")) == {(200, ""): 4}
    assert (left("crab"), left("lobster")) == (20, 20)


def test_control_portions_given_back_in_the_order_of_the_basket_lock_each_other_out(
    client_of: Callable[..., APIClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    # `give_back` is the one that sorts by a key.
    def leave_lines_as_they_are(things: Iterable[Any], key: Any = None) -> list[Any]:
        return list(things) if key else sorted(things)

    monkeypatch.setattr(reservations, "sorted", leave_lines_as_they_are, raising=False)
    locked_out = cancel_crossed_baskets(client_of("app"))[(503, "database_unavailable")] > 0
    # SQLite has one writer at a time: there is no circle to be caught in.
    assert locked_out == (connection.vendor == "postgresql")
