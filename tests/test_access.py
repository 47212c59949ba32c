"""Every route of the API against every role, from the address map itself."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from conftest import a_dead_letter, assert_problem, new_key, order_body
from kitchen import services as kitchen
from kitchen.models import Option, Shop, Ticket, Tray, Zone
from notifications.models import Delivery, Endpoint
from orders.models import Order
from restaurant.accounts.roles import Role
from restaurant.events.models import EventRecord

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STAFF = {"waiter", "cook", "manager"}
#: Of the shop whose the order, its ticket, the item and the zone are, and of another one.
SHOPS = {"own shop", "other shop"}
ANYONE = {"nobody", "owner", "other app", *STAFF, *SHOPS}
PLACERS = {"owner", "other app", "waiter", "manager"}
TOLD = {"owner", "other app", "manager", *SHOPS}
OWNERS = {"owner", "manager"}
LOOKERS = {*STAFF, "own shop"}
COOKS = {"cook", "manager", "own shop"}
#: Who may: a role that is not named is forbidden, a method that is not named is not there. To
#: "other app" an order of the owner is as if it were not, and so it is to "other shop".
ALLOWED: dict[str, dict[str, set[str]]] = {
    "orders/": {"GET": ANYONE - {"nobody"}, "POST": PLACERS},
    "orders/<uuid:ref>/": {
        "GET": {"owner", *LOOKERS},
        "PATCH": {"owner", "waiter", "manager"},
    },
    "orders/<uuid:ref>/events/": {"GET": {"owner", *LOOKERS}},
    "orders/<uuid:ref>/stream/": {"GET": {"owner", *LOOKERS}},
    "orders/<uuid:ref>/trace/": {"GET": STAFF},
    "orders/<uuid:ref>/cancel/": {"POST": {"owner", "waiter", "manager"}},
    "orders/<uuid:ref>/serve/": {"POST": {"waiter", "manager"}},
    "orders/<uuid:ref>/fire/": {"POST": {"waiter", "manager"}},
    "orders/<uuid:ref>/rush/": {"POST": {"waiter", "manager"}},
    "orders/<uuid:ref>/refire/": {"POST": {"waiter", "manager"}},
    "orders/<uuid:ref>/bill/": {"GET": {"owner", *LOOKERS}},
    "orders/<uuid:ref>/pay/": {"POST": {"waiter", "manager"}},
    "orders/<uuid:ref>/close/": {"POST": {"waiter", "manager"}},
    "menu/": {"GET": ANYONE},
    "shops/": {"GET": ANYONE},
    "menu/<slug:code>/": {"GET": ANYONE, "PATCH": COOKS},
    "menu/<slug:code>/options/<slug:option>/": {"PATCH": COOKS},
    "zones/": {"GET": {*STAFF, *SHOPS}},
    "zones/<slug:code>/": {"PATCH": {"manager"}},
    "zones/<slug:code>/tickets/": {"GET": LOOKERS},
    "zones/<slug:code>/stream/": {"GET": LOOKERS},
    "trays/": {"GET": STAFF},
    "trays/stream/": {"GET": STAFF},
    "schema/": {"GET": ANYONE},
    "docs/": {"GET": ANYONE},
    "settings/": {"GET": STAFF, "PATCH": {"manager"}},
    "settings/bill/": {"GET": STAFF, "PATCH": {"manager"}},
    "tickets/<uuid:ref>/start/": {"POST": COOKS},
    "tickets/<uuid:ref>/done/": {"POST": COOKS},
    "tickets/<uuid:ref>/recall/": {"POST": COOKS},
    "tickets/<uuid:ref>/stop/": {"POST": COOKS},
    "tickets/<uuid:ref>/reprint/": {"POST": COOKS},
    "events/": {"GET": TOLD},
    "webhooks/": {"GET": TOLD, "POST": TOLD},
    "webhooks/<uuid:ref>/": dict.fromkeys(["GET", "PATCH", "DELETE"], OWNERS),
    "webhooks/<uuid:ref>/rotate/": {"POST": OWNERS},
    "webhooks/<uuid:ref>/deliveries/": {"GET": OWNERS},
    "webhooks/<uuid:ref>/deliveries/redeliver/": {"POST": OWNERS},
    "webhooks/<uuid:ref>/deliveries/<uuid:delivery>/redeliver/": {"POST": OWNERS},
    "reports/sales/": {"GET": {"manager"}},
    "reports/kitchen/": {"GET": {"manager"}},
    "reports/lateness/": {"GET": {"manager"}},
    "reports/waste/": {"GET": {"manager"}},
}
#: Where "other app" is not told that the order exists; elsewhere its role alone forbids.
OWN_ONLY = {
    *("orders/<uuid:ref>/", "orders/<uuid:ref>/events/", "orders/<uuid:ref>/stream/"),
    *("orders/<uuid:ref>/cancel/", "orders/<uuid:ref>/bill/"),
    *(route for route in ALLOWED if route.startswith("webhooks/<")),
}
ROLES = (
    *("nobody", "wrong token", "owner", "other app", "waiter", "cook", "manager"),
    *("own shop", "other shop"),
)


def is_hidden(role: str, route: str, method: str) -> bool:
    """Whether this role is not told that there is such a thing."""
    if role == "other shop" and "own shop" in ALLOWED[route][method]:
        # What can be ordered everybody sees.
        return not route.startswith("menu/")
    if role in SHOPS:
        return route.startswith("webhooks/<")
    return role == "other app" and route in OWN_ONLY


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            yield address


API = sorted(
    route.removeprefix("api/v1/")
    for route in set(routes(get_resolver().url_patterns))
    if route.startswith("api/v1/")
)


@pytest.fixture
def order(choices: dict[str, Option], opened: Callable[..., Order]) -> Order:
    for code, zones in {"own": ["fry", "rice", "drinks"], "other": ["grill"]}.items():
        kitchen.save_shop(Shop(code=code, name=code, name_th=code))
        Zone.objects.filter(code__in=zones).update(shop=code)
    return opened("water")


@pytest.fixture
def as_role(
    client_of: Callable[..., APIClient], guest: User, order: Order
) -> Callable[[str], APIClient]:
    """A client of this role; the order is the owner's."""

    def make(role: str) -> APIClient:
        if role == "nobody":
            return APIClient()
        if role == "wrong token":
            client = APIClient()
            client.credentials(HTTP_AUTHORIZATION="Bearer " + "0" * 64)
            return client
        if role in SHOPS:
            return client_of(f"shop:{role.removesuffix(' shop')}")
        return client_of(guest if role == "owner" else role.removeprefix("other "))

    return make


def address(route: str) -> str:
    """The route with what is there: the owner's order, a ticket of it, an item, a zone."""
    code = "pad-krapow" if route.startswith("menu") else "fry"
    found = f"/api/v1/{route}".replace("<slug:code>", code).replace("<slug:option>", "pork")
    if route.startswith("webhooks/<"):
        delivery = a_dead_letter(Order.objects.get())
        found = found.replace("<uuid:delivery>", str(delivery.ref))
        return found.replace("<uuid:ref>", str(delivery.endpoint_id))
    kind = Ticket.objects.get().pk if route.startswith("tickets") else Order.objects.get().ref
    return found.replace("<uuid:ref>", str(kind))


def ask(client: APIClient, method: str, url: str) -> Any:
    """With a body that is fine for placing an order and for nothing else that changes anything."""
    body = None if method == "GET" else order_body("water") if url.endswith("orders/") else {}
    return client.generic(
        method,
        url,
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers=new_key(),
    )


def rows() -> list[Any]:
    tables = (Order, Tray, Ticket, EventRecord, Endpoint, Delivery)
    return [list(table.objects.values()) for table in tables]


def test_every_route_of_the_api_has_its_line_here() -> None:
    assert sorted(ALLOWED) == API


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", API)
def test_a_route_is_for_its_roles_only(
    as_role: Callable[[str], APIClient], route: str, role: str
) -> None:
    client, url, allowed = as_role(role), address(route), ALLOWED[route]
    for method in METHODS:
        before = rows()
        answer = ask(client, method, url)
        if role == "wrong token":
            assert_problem(answer, 401, "not_authenticated")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        elif method not in allowed:
            assert_problem(answer, 405, "method_not_allowed")
        elif role in allowed[method]:
            assert answer.status_code not in (401, 403, 404, 405), answer.content
            continue
        elif role == "nobody":
            assert_problem(answer, 401, "not_authenticated")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        elif is_hidden(role, route, method):
            assert_problem(answer, 404, "not_found")
        else:
            assert_problem(answer, 403, "forbidden")
        assert rows() == before


@pytest.mark.parametrize("route", [route for route in API if "<uuid:ref>" in route])
def test_what_is_not_there_reads_as_what_is_somebody_elses(
    as_role: Callable[[str], APIClient], route: str
) -> None:
    url = re.sub(r"<uuid:\w+>", lambda _: str(uuid4()), f"/api/v1/{route}")
    for method in ALLOWED[route]:
        assert_problem(ask(as_role("manager"), method, url), 404, "not_found")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer a b", "Basic d2FpdGVyOng=", "Token x", "Bearer ÿ"],
)
def test_a_header_without_a_token_of_ours_opens_nothing(order: Order, header: str) -> None:
    answer = APIClient().get(address("orders/<uuid:ref>/"), headers={"Authorization": header})
    assert_problem(answer, 401, "not_authenticated")


def test_a_user_without_a_role_may_do_what_anyone_may(
    client_of: Callable[..., APIClient], order: Order
) -> None:
    stranger = client_of(User.objects.create_user("stranger"))
    for route in API:
        for method, roles in ALLOWED[route].items():
            answer = ask(stranger, method, address(route))
            if "nobody" in roles:
                assert answer.status_code == 200
            else:
                assert_problem(answer, 403, "forbidden")


def test_a_token_ends_with_its_user(
    client_of: Callable[..., APIClient], make_user: Callable[..., User], order: Order
) -> None:
    user = make_user("manager")
    client = client_of(user)
    assert client.get(address("orders/")).status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert_problem(client.get(address("orders/")), 401, "not_authenticated")


def test_a_role_taken_away_ends_with_the_next_request(
    client_of: Callable[..., APIClient], make_user: Callable[..., User], order: Order
) -> None:
    user = make_user("cook")
    client = client_of(user)
    assert client.get(address("trays/")).status_code == 200
    user.groups.clear()
    assert_problem(client.get(address("trays/")), 403, "forbidden")


def test_a_manager_may_all_that_waiters_and_cooks_may() -> None:
    for allowed in ALLOWED.values():
        for roles in allowed.values():
            assert not roles & {"waiter", "cook"} or "manager" in roles
    assert {str(role) for role in Role} == {"app", "waiter", "cook", "manager", "shop"}


def test_a_session_may_read_but_changes_nothing_without_its_csrf_token(
    make_user: Callable[..., User], order: Order
) -> None:
    page = APIClient(enforce_csrf_checks=True)
    page.force_login(make_user("manager"))
    assert page.get(address("orders/<uuid:ref>/")).status_code == 200
    answer = page.post(address("orders/<uuid:ref>/cancel/"), {"reason": "x"}, format="json")
    assert_problem(answer, 403, "forbidden")
    assert Order.objects.get().state == "placed"
