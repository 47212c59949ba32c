"""Builders that all tests share: a small menu, users of every role, orders in any state."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import override_settings
from django.utils import translation
from knox.models import AuthToken
from rest_framework.test import APIClient

from kitchen import services as kitchen
from kitchen.models import (
    KitchenSettings,
    MenuItem,
    Option,
    OptionGroup,
    OptionStep,
    RecipeStep,
    Shop,
    Ticket,
    Tray,
    Zone,
)
from kitchen.tasks import call_out
from notifications.models import Delivery, Endpoint
from orders.models import Order
from orders.services import NewLine, NewOrder, follow_kitchen, place_order, serve_order
from restaurant.accounts.roles import SHOP_GROUP, Role
from restaurant.events.models import EventRecord
from tests.contract import Answer, assert_is_said

ZONES = ("fry", "grill", "boil", "sides", "rice", "drinks")
#: code: (kind, price, portions, tracks of (zone, seconds))
MENU: dict[str, tuple[str, str, int | None, list[list[tuple[str, int]]]]] = {
    "tom-yum": ("dish", "120.00", None, [[("boil", 240), ("fry", 60)]]),
    "gai-yang": ("dish", "90.00", None, [[("grill", 300)]]),
    "pad-krapow": ("dish", "60.00", None, [[("fry", 120)], [("rice", 30)]]),
    "crab": ("dish", "350.00", 1, [[("fry", 200)]]),
    "lobster": ("dish", "900.00", 1, [[("grill", 400)]]),
    "thai-tea": ("drink", "45.00", None, [[("drinks", 60)]]),
    "water": ("drink", "10.00", None, [[("drinks", 10)]]),
}
#: code: (items, many, required, options as code: (price, zone and seconds of a step))
OPTIONS: dict[str, tuple[list[str], bool, bool, dict[str, tuple[str, tuple[str, int] | None]]]] = {
    "meat": (
        ["pad-krapow"],
        False,
        False,
        {
            "pork": ("0.00", None),
            "tofu": ("-5.00", None),
            "prawns": ("20.00", None),
        },
    ),
    "extras": (
        ["pad-krapow", "gai-yang"],
        True,
        False,
        {"fried-egg": ("10.00", ("fry", 45)), "sticky-rice": ("15.00", ("rice", 20))},
    ),
    "sauce": (["lobster"], False, True, {"garlic": ("0.00", None), "chilli": ("0.00", None)}),
}


@pytest.fixture(scope="session", autouse=True)
def _static_files_when_asked() -> Iterator[None]:
    """Otherwise each test client reads all static files anew: a third of the tests' time."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def _the_next_reads_english_again() -> Iterator[None]:
    """Django leaves the language of the last request to whatever the thread does next."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _what_is_answered_is_what_the_schema_says() -> Iterator[None]:
    """In every test that asks the API: the schema can't fall behind."""
    ask = APIClient.request

    def ask_and_check(client: APIClient, **request: Any) -> Any:
        answer = ask(client, **request)
        if request["PATH_INFO"].startswith("/api/") and answer.headers["X-Request-ID"]:
            found = answer.wsgi_request.resolver_match
            route = f"/{found.route}" if found else request["PATH_INFO"]
            method = request["REQUEST_METHOD"]
            content = b"".join(answer) if answer.streaming else answer.content
            assert_is_said(Answer(route, method, answer.status_code, answer.headers, content))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(APIClient, "request", ask_and_check)
        yield


@pytest.fixture
def menu(db: None) -> dict[str, MenuItem]:
    """Six zones and a few items: see MENU. Nothing is held back, unless a test wants it so."""
    KitchenSettings.objects.update_or_create(pk=1, defaults={"pacing": False})
    Zone.objects.bulk_create(
        Zone(code=code, name=code.title(), name_th=code, cooks=2, place=place)
        for place, code in enumerate(ZONES)
    )
    MenuItem.objects.bulk_create(
        MenuItem(
            code=code,
            kind=kind,
            name=code.replace("-", " ").title(),
            name_th=code,
            price=Decimal(price),
            portions_left=portions,
        )
        for code, (kind, price, portions, _) in MENU.items()
    )
    RecipeStep.objects.bulk_create(
        RecipeStep(item_id=code, track=track, position=position, zone_id=zone, prep_seconds=seconds)
        for code, (*_, tracks) in MENU.items()
        for track, steps in enumerate(tracks, start=1)
        for position, (zone, seconds) in enumerate(steps, start=1)
    )
    return MenuItem.objects.in_bulk()


@pytest.fixture
def food_court(menu: dict[str, MenuItem]) -> dict[str, Shop]:
    """Two shops and their zones; grill, sides and rice stay the house's."""
    shops = [
        Shop(code="krua", name="Krua", name_th="ครัว"),
        Shop(code="nam", name="Ban Nam", name_th="บ้านน้ำ"),
    ]
    for shop, zones in zip(shops, [["fry", "boil"], ["drinks"]], strict=True):
        kitchen.save_shop(shop)
        Zone.objects.filter(code__in=zones).update(shop=shop)
    return {shop.code: shop for shop in shops}


@pytest.fixture
def choices(menu: dict[str, MenuItem]) -> dict[str, Option]:
    """What can be chosen about some items of the menu: see OPTIONS."""
    for place, (code, (items, many, required, offered)) in enumerate(OPTIONS.items()):
        group = OptionGroup.objects.create(
            code=code, name=code.title(), name_th=code, many=many, required=required, place=place
        )
        group.items.set(menu[item] for item in items)
        for at, (option, (price, step)) in enumerate(offered.items()):
            made = Option.objects.create(
                group=group,
                code=option,
                name=option.replace("-", " ").capitalize(),
                name_th=option,
                price=Decimal(price),
                place=at,
            )
            if step:
                OptionStep.objects.create(option=made, zone_id=step[0], prep_seconds=step[1])
    return {option.code: option for option in Option.objects.all()}


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """`make_user("cook")`: a new user of this role; `make_user("shop:krua")`: of this shop."""

    def make(role: str, name: str = "") -> User:
        user = User.objects.create_user(name or f"{role.replace(':', '-')}-{uuid4().hex[:6]}")
        of_shop = role.startswith(SHOP_GROUP)
        group, _ = Group.objects.get_or_create(name=role if of_shop else Role(role))
        user.groups.add(group)
        return user

    return make


@pytest.fixture
def client_of(make_user: Callable[..., User]) -> Callable[..., APIClient]:
    """`client_of("cook")` or `client_of(user)`: an API client with a bearer token."""

    def make(who: str | User) -> APIClient:
        user = make_user(who) if isinstance(who, str) else who
        _, token = AuthToken.objects.create(user=user)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return make


@pytest.fixture
def guest(make_user: Callable[..., User]) -> User:
    """The user of an ordering app."""
    return make_user("app")


@pytest.fixture
def place(menu: dict[str, MenuItem], guest: User) -> Callable[..., Order]:
    """`place("tom-yum", ("thai-tea", 2))`: an order of these, each on tray 1 or as said."""

    def make(*items: str | tuple[str, int], **more: Any) -> Order:
        chosen = [(item, 1) if isinstance(item, str) else item for item in items]
        lines = [NewLine(item, more.pop("quantity", 1), tray) for item, tray in chosen]
        details = {"channel": "takeaway", "client_ref": uuid4().hex, **more}
        order, _ = place_order(NewOrder(lines=lines, **details), principal=guest)
        return order

    return make


@pytest.fixture
def served(opened: Callable[..., Order]) -> Callable[..., Order]:
    """`served("tom-yum")`: the guests have everything."""

    def make(*items: str | tuple[str, int], **more: Any) -> Order:
        order = opened(*items, **more)
        bring_to_pass(order)
        follow_kitchen(order.ref)
        serve_order(order)
        order.refresh_from_db()
        return order

    return make


@pytest.fixture
def opened(place: Callable[..., Order]) -> Callable[..., Order]:
    """`opened("tom-yum", ("water", 2))`: placed, and the kitchen has made its trays and tickets."""

    def make(*items: str | tuple[str, int], **more: Any) -> Order:
        order = place(*items, **more)
        open_trays(order)
        return order

    return make


def open_trays(order: Order) -> list[Tray]:
    """The kitchen opens the order as if it had just heard of it."""
    told = EventRecord.objects.get(name="order.placed", subject=order.ref).data
    promised = {
        int(tray): at and datetime.fromisoformat(at) for tray, at in told["promised_at"].items()
    }
    with transaction.atomic():
        kitchen.open_order(order.ref, told["label"], promised, told["lines"], call_out)
    return list(Tray.objects.of_order(order.ref))


def cook(ticket: Ticket) -> Ticket:
    """A cook starts and finishes the ticket."""
    kitchen.start(ticket.pk)
    return kitchen.finish(ticket.pk)


def bring_to_pass(order: Order, tray: int | None = None) -> None:
    """All tickets of one tray, or of the whole order, are done, and the trays are plated."""
    trays = Tray.objects.of_order(order.ref)
    for chosen in trays if tray is None else trays.filter(number=tray):
        for ticket in chosen.tickets.order_by("track", "position"):
            cook(ticket)
        kitchen.plate(chosen.pk, Tray.objects.get(pk=chosen.pk).canvas)


def a_dead_letter(order: Order) -> Delivery:
    """The owner's webhook, and something that it could not be told."""
    webhook = Endpoint.objects.create(principal=order.placed_by, url="https://shop.example/hook")
    return Delivery.objects.create(
        endpoint=webhook,
        event=uuid4(),
        name="order.placed",
        order_ref=order.ref,
        sequence=1,
        state="dead",
    )


def failing(error: Exception) -> Any:
    """Whatever is asked of it, it fails."""

    def fail(*args: Any, **more: Any) -> None:
        raise error

    return fail


def told(name: str) -> list[dict[str, Any]]:
    """What was said in all events of this name, the oldest first."""
    return [event.data for event in EventRecord.objects.filter(name=name).order_by("id")]


def times_told(name: str) -> int:
    return EventRecord.objects.filter(name=name).count()


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem, with all members of RFC 9457 and of the contract; return it."""
    assert response.status_code == status, response.content[:500]
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["type"] == f"urn:tamsang:problem:{code}"
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["instance"] == response.wsgi_request.path
    assert problem["request_id"] == response.headers["X-Request-ID"] != ""
    assert problem["title"]
    assert problem["detail"]
    assert problem["retryable"] is ("retry_after" in problem)
    assert response.headers.get("Retry-After", "") == str(problem.get("retry_after", ""))
    return problem


def order_body(*items: str | tuple[str, int], **more: Any) -> dict[str, Any]:
    """The body of a POST: each item on tray 1, or `(item, tray)`."""
    lines = [
        {"item": item, "quantity": 1, "tray": tray}
        for item, tray in ((i, 1) if isinstance(i, str) else i for i in items)
    ]
    return {
        "channel": "dine_in",
        "table": "A3",
        "client_ref": uuid4().hex,
        "lines": lines,
        **more,
    }


def new_key() -> dict[str, str]:
    """The `headers` of a request with a fresh Idempotency-Key."""
    return {"Idempotency-Key": uuid4().hex}
