"""One order over several shops: one promise for the guest, and each shop works at its own part."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from conftest import assert_problem, cook, new_key, open_trays
from kitchen import services as kitchen
from kitchen.models import MenuItem, RecipeStep, Ticket, Zone
from orders import services as orders
from orders.models import Order
from orders.tracking import seen_by_guest
from restaurant.accounts.roles import Role, roles_of, shop_of

pytestmark = pytest.mark.usefixtures("food_court")

API = "/api/v1"
Place = Callable[..., Order]
ClientOf = Callable[..., APIClient]


def items_of(order: dict[str, Any]) -> list[str]:
    return [line["item"] for tray in order["trays"] for line in tray["lines"]]


# What the guest sees


def test_one_order_over_two_shops_is_one_promise_and_one_tracking_page(
    mixed: Order, client_of: ClientOf, guest: User
) -> None:
    answer = client_of(guest).get(f"{API}/orders/{mixed.ref}/").json()
    assert items_of(answer) == ["tom-yum", "thai-tea", "water", "pad-krapow"]
    assert answer["promised_at"] == max(tray["promised_at"] for tray in answer["trays"])
    shared = answer["trays"][0]
    assert [line["shop"] for line in shared["lines"]] == ["krua", "nam"]
    page = Client().get(f"/track/{mixed.tracking_secret}/").content.decode()
    assert page.count('<h3 class="shop">Krua</h3>') == 2
    assert page.count('<h3 class="shop">Ban Nam</h3>') == 2
    thai = Client().get(f"/track/{mixed.tracking_secret}/?lang=th").content.decode()
    assert thai.count("ครัว</h3>") == 2
    assert thai.count("บ้านน้ำ</h3>") == 2


def test_the_house_is_named_beside_a_shop_and_not_alone(opened: Place) -> None:
    both, alone = opened("gai-yang", "water"), opened("gai-yang")
    assert [str(part.name) for part in seen_by_guest(both).trays[0].parts] == [
        "The house's kitchen",
        "Ban Nam",
    ]
    assert [str(part.name) for part in seen_by_guest(alone).trays[0].parts] == [""]
    with translation.override("th"):
        assert str(seen_by_guest(both).trays[0].parts[1].name) == "บ้านน้ำ"
        assert str(seen_by_guest(both).trays[0].parts[0].name) == "ครัวกลาง"


def test_the_menu_and_the_shops_say_who_sells_what() -> None:
    menu = {item["code"]: item["shop"] for item in APIClient().get(f"{API}/menu/").json()}
    assert menu == {
        **dict.fromkeys(["tom-yum", "pad-krapow", "crab"], "krua"),
        **dict.fromkeys(["thai-tea", "water"], "nam"),
        **dict.fromkeys(["gai-yang", "lobster"], None),
    }
    assert APIClient().get(f"{API}/shops/").json() == [
        {"code": "krua", "name": "Krua", "name_th": "ครัว"},
        {"code": "nam", "name": "Ban Nam", "name_th": "บ้านน้ำ"},
    ]


def test_an_item_is_sold_by_whom_hands_it_over() -> None:
    """The last step of its first track: what others cook beside it changes nothing."""
    item = MenuItem.objects.create(code="float", kind="drink", name="Float", price=50)
    for track, position, zone in [(2, 1, "fry"), (1, 1, "boil"), (1, 2, "drinks")]:
        RecipeStep.objects.create(
            item=item, track=track, position=position, zone_id=zone, prep_seconds=5
        )
    assert item.shop == "nam"


def test_a_line_stays_whose_it_was_when_a_zone_changes_hands(mixed: Order) -> None:
    before = orders.read_bill(mixed).shops
    Zone.objects.filter(code="drinks").update(shop="krua")
    assert orders.read_bill(Order.objects.get()).shops == before
    assert set(before) == {"krua", "nam"}


# What a shop sees


def test_a_shop_sees_its_lines_of_an_order_and_what_they_cost(
    mixed: Order, client_of: ClientOf, guest: User
) -> None:
    whole = client_of(guest).get(f"{API}/orders/{mixed.ref}/").json()
    nam = client_of("shop:nam")
    answer = nam.get(f"{API}/orders/{mixed.ref}/")
    own = answer.json()
    trays = [
        {**tray, "lines": [line for line in tray["lines"] if line["shop"] == "nam"]}
        for tray in whole["trays"]
    ]
    assert own == {
        **whole,
        "total": "55.00",
        "tracking_url": None,
        "trays": [tray for tray in trays if tray["lines"]],
    }
    assert items_of(own) == ["thai-tea", "water"]
    assert nam.get(f"{API}/orders/").json()["results"] == [own]
    known = {"If-None-Match": answer.headers["ETag"]}
    assert nam.get(f"{API}/orders/{mixed.ref}/", headers=known).status_code == 304


def test_what_a_shop_has_cancelled_it_does_not_sell(mixed: Order, client_of: ClientOf) -> None:
    orders.cancel_line(mixed, mixed.lines.get(item="water").pk)
    own = client_of("shop:nam").get(f"{API}/orders/{mixed.ref}/").json()
    assert (own["total"], items_of(own)) == ("45.00", ["thai-tea", "water"])


def test_orders_without_a_line_of_the_shop_are_not_there(
    opened: Place, client_of: ClientOf
) -> None:
    order, nam = opened("tom-yum", "gai-yang"), client_of("shop:nam")
    assert nam.get(f"{API}/orders/").json()["results"] == []
    for part in ("", "events/", "stream/", "bill/"):
        assert_problem(nam.get(f"{API}/orders/{order.ref}/{part}"), 404, "not_found")


def test_the_bill_of_a_shop_is_its_part_and_the_parts_are_the_bill(
    mixed: Order, client_of: ClientOf
) -> None:
    Order.objects.update(service_percent=10, prices_include_vat=False)
    bill = client_of("waiter").get(f"{API}/orders/{mixed.ref}/bill/").json()
    parts = {part.pop("shop"): part for part in bill["shops"]}
    assert set(parts) == {"krua", "nam"}
    for name in ("subtotal", "service_charge", "vat", "total"):
        cents = sum(round(float(part[name]) * 100) for part in parts.values())
        assert cents == round(float(bill[name]) * 100)
    for shop, part in parts.items():
        own = client_of(f"shop:{shop}").get(f"{API}/orders/{mixed.ref}/bill/?guests=2").json()
        assert {name: own[name] for name in part} == part
        assert own["lines"] == [line for line in bill["lines"] if line["shop"] == shop]
        assert not {"payments", "paid", "due", "refunds", "shops", "guests"} & own.keys()


def test_a_shop_sees_and_works_at_its_own_zones_alone(mixed: Order, client_of: ClientOf) -> None:
    nam = client_of("shop:nam")
    assert [zone["code"] for zone in nam.get(f"{API}/zones/").json()] == ["drinks"]
    tea, soup = Ticket.objects.get(item="thai-tea"), Ticket.objects.get(zone="boil")
    assert nam.post(f"{API}/tickets/{tea.pk}/start/").json()["state"] == "cooking"
    assert nam.post(f"{API}/tickets/{tea.pk}/done/").json()["state"] == "done"
    for press in ("start", "done", "recall", "stop", "reprint"):
        answer = nam.post(f"{API}/tickets/{soup.pk}/{press}/", headers=new_key())
        assert_problem(answer, 404, "not_found")
    soup.refresh_from_db()
    assert soup.started_at is None
    assert_problem(nam.get(f"{API}/zones/boil/tickets/"), 404, "not_found")


def test_a_shop_takes_off_the_menu_what_it_alone_sells(
    client_of: ClientOf, choices: dict[str, Any]
) -> None:
    krua, off = client_of("shop:krua"), {"available": False}

    def change(what: str) -> Any:
        return krua.patch(f"{API}/menu/{what}/", off, format="json")

    assert change("pad-krapow").json()["available"] is False
    assert change("pad-krapow/options/pork").json()["available"] is False
    for others in ("water", "gai-yang", "gai-yang/options/fried-egg"):
        assert_problem(change(others), 403, "forbidden")
    assert set(MenuItem.objects.filter(available=False)) == {MenuItem(code="pad-krapow")}
    assert choices["fried-egg"].available


# The pages


@pytest.fixture
def at_nam(make_user: Callable[..., User]) -> Client:
    page = Client()
    page.force_login(make_user("shop:nam"))
    return page


def test_the_screens_of_a_shop_show_nothing_of_others(mixed: Order, at_nam: Client) -> None:
    home = at_nam.get("/kitchen/").content.decode()
    assert "/kitchen/drinks/" in home
    assert "/kitchen/fry/" not in home
    assert "/pass/" not in home
    for address in ("/kitchen/drinks/", "/kitchen/drinks/board/"):
        board = at_nam.get(address).content.decode()
        assert "Thai Tea" in board
        assert not {word for word in ("Tom Yum", "Pad Krapow", "Boil", "Fry") if word in board}
    assert at_nam.get("/kitchen/fry/").status_code == 404
    assert at_nam.get("/kitchen/fry/board/").status_code == 404
    assert at_nam.get("/pass/").status_code == 403
    assert at_nam.get("/pass/board/").status_code == 403
    assert at_nam.get(f"/receipt/{mixed.ref}/").status_code == 403


def test_a_cook_of_the_house_still_sees_the_rest_of_the_tray(
    mixed: Order, make_user: Callable[..., User]
) -> None:
    page = Client()
    page.force_login(make_user("cook"))
    assert "Boil: to start" in page.get("/kitchen/drinks/").content.decode()


def test_the_receipt_names_the_part_of_each_shop(
    mixed: Order, make_user: Callable[..., User]
) -> None:
    page = Client()
    page.force_login(make_user("waiter"))
    receipt = " ".join(page.get(f"/receipt/{mixed.ref}/").content.decode().split())
    assert '<th scope="row">Krua</th><td class="number">฿180.00</td>' in receipt
    assert '<th scope="row">Ban Nam</th><td class="number">฿55.00</td>' in receipt


# Who is of a shop


def test_an_account_of_a_shop_is_that_alone_unless_it_is_staff(
    make_user: Callable[..., User],
) -> None:
    def user_in(*groups: str) -> User:
        user = make_user("app")
        user.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
        return User.objects.get(pk=user.pk)

    both = user_in("shop:nam", "app")
    assert (roles_of(both), shop_of(both)) == ({Role.SHOP}, "nam")
    staff = user_in("shop:nam", "cook")
    assert (roles_of(staff), shop_of(staff)) == ({Role.COOK}, None)
    # A group that only sounds like it is no shop.
    assert roles_of(user_in("shop")) == set()
    assert shop_of(user_in()) is None


def test_a_shop_places_no_orders_and_takes_no_money(mixed: Order, client_of: ClientOf) -> None:
    nam = client_of("shop:nam")
    body: Any
    for path, body in {
        "": {"channel": "takeaway", "client_ref": "x", "lines": [{"item": "water", "quantity": 1}]},
        f"{mixed.ref}/pay/": {"method": "cash", "amount": "1.00"},
        f"{mixed.ref}/serve/": {},
        f"{mixed.ref}/cancel/": {"reason": "x"},
    }.items():
        answer = nam.post(f"{API}/orders/{path}", body, format="json", headers=new_key())
        assert_problem(answer, 403, "forbidden")


def test_a_ticket_cooked_by_its_shop_brings_the_order_to_the_guest(
    place: Place, client_of: ClientOf, guest: User
) -> None:
    order = place(("tom-yum", 1), ("thai-tea", 1))
    open_trays(order)
    clients = {shop: client_of(f"shop:{shop}") for shop in ("krua", "nam")}
    for shop, item in (("nam", "thai-tea"), ("krua", "tom-yum"), ("krua", "tom-yum")):
        ticket = Ticket.objects.filter(item=item, state="fired").get()
        for press in ("start", "done"):
            url = f"{API}/tickets/{ticket.pk}/{press}/"
            assert clients[shop].post(url).status_code == 200
    for tray in kitchen.trays_of(order.ref):
        kitchen.plate(tray.pk, tray.canvas)
    orders.follow_kitchen(order.ref)
    assert client_of(guest).get(f"{API}/orders/{order.ref}/").json()["state"] == "ready"
    assert clients["nam"].get(f"{API}/orders/{order.ref}/").json()["state"] == "ready"


def test_cooks_of_the_house_are_told_nothing_less(mixed: Order, client_of: ClientOf) -> None:
    cook(Ticket.objects.get(item="thai-tea"))
    everything = client_of("cook").get(f"{API}/orders/{mixed.ref}/").json()
    assert items_of(everything) == ["tom-yum", "thai-tea", "water", "pad-krapow"]
    assert everything["tracking_url"].endswith(f"/track/{mixed.tracking_secret}/")
