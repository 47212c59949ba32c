"""Live streams over a real web process: who hears what, when, and how they end."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import pytest
from django.contrib.auth.models import User
from knox.models import AuthToken

from conftest import cook
from kitchen.models import Ticket
from orders import services as orders
from orders.models import Order
from tests.conftest import eventually
from tests.listening import Listening, listening

pytestmark = pytest.mark.usefixtures("relay")

Place = Callable[..., Order]
Listen = Callable[..., AbstractContextManager[Listening]]


@pytest.fixture
def tokens(make_user: Callable[..., User], guest: User) -> dict[str, str]:
    users = {"guest": guest, "other": make_user("app"), "cook": make_user("cook")}
    return {name: AuthToken.objects.create(user=user)[1] for name, user in users.items()}


@pytest.fixture
def listen(web: str, tokens: dict[str, str]) -> Listen:
    """`with listen("cook", "trays/stream/") as heard`."""

    def begin(who: str, path: str, **more: Any) -> AbstractContextManager[Listening]:
        return listening(f"{web}/api/v1/{path}", tokens[who], **more)

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
    answer = httpx2.get(address, headers={"Authorization": f"Bearer {tokens['other']}"})
    assert answer.status_code == answer.json()["status"] == status
    assert httpx2.get(address).status_code == 401
