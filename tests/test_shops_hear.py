"""Each shop hears of its own tickets and lines, and nothing that it is told tells of another's."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Q
from knox.models import AuthToken
from rest_framework.test import APIClient

from conftest import assert_problem, cook
from kitchen import services as kitchen
from kitchen.models import RecipeStep, Shop, Ticket, Zone
from kitchen.tasks import call_out
from notifications import services as notifications
from notifications.models import Delivery
from notifications.tests.conftest import number
from orders import services as orders
from orders.models import Order, OrderLine
from orders.services import Change, NewLine, Tender
from orders.shares import HEARD, shares_of
from restaurant.events.contract import DECLARED
from restaurant.events.models import EventRecord
from restaurant.events.news import EVERYTHING, audience_at, news_for
from tests.conftest import eventually
from tests.listening import Listening, listening
from tests.test_access import ALLOWED

pytestmark = pytest.mark.usefixtures("food_court")

API = "/api/v1"
Place = Callable[..., Order]
ClientOf = Callable[..., APIClient]
#: What no shop hears: money, which is the house's, and what the house says to itself.
OF_THE_HOUSE = {
    *("order.payment_taken", "order.paid", "order.refund_due", "order.refunded"),
    *("trays.started", "trays.ready", "tray.repaired"),
}
#: What the events say that shops hear: of each name somebody has asked whether it tells of others.
DECIDED = {
    *("order_ref", "version", "placed_by", "callback_url", "label", "channel", "promised_at"),
    *("lines", "notes", "allergies", "added", "cancelled", "by", "trays", "course", "reason"),
    *("tray_ref", "tray", "canvas", "expected_at", "limit_seconds", "ticket_ref", "line", "zone"),
    *("item", "quantity", "to_pass", "attempts", "why"),
}


@pytest.fixture
def lived(mixed: Order) -> Order:
    """Whatever can happen to an order has happened to it, and is in the feed."""
    lines = {line.item: line for line in mixed.lines.all()}
    orders.rush_order(mixed, by="somchai")
    everybody = Change(
        add=[NewLine("gai-yang", 1, 4), NewLine("water", 1, 4), NewLine("pad-krapow", 1, 4)],
        cancel=[lines["water"].pk],
        line_notes=[(lines["thai-tea"].pk, "no ice"), (lines["tom-yum"].pk, "no spice")],
    )
    orders.change_order(mixed.ref, lambda now, progress: True, everybody)
    tea = Ticket.objects.get(item="thai-tea")
    cook(tea)
    kitchen.recall(tea.pk)
    kitchen.finish(tea.pk)
    all_is_cooked(mixed)
    for item in ("thai-tea", "tom-yum"):
        orders.refire_line(mixed, lines[item].pk, f"the {item} was cold", by="somchai")
    orders.pay_order(mixed, Tender("cash", orders.read_bill(mixed).balance.due), by="somchai")
    orders.cancel_line(mixed, lines["thai-tea"].pk)
    number()
    return mixed


def all_is_cooked(order: Order) -> None:
    """All that is fired, and fired by that, is done; the trays are at the pass."""
    trays = kitchen.trays_of(order.ref)
    for tray in trays:
        kitchen.drive(tray.pk, call_out)
    while ticket := Ticket.objects.filter(state="fired").first():
        cook(ticket)
    for tray in kitchen.trays_of(order.ref):
        kitchen.plate(tray.pk, tray.canvas)
    orders.follow_kitchen(order.ref)


def words_of_others(order: Order, shop: str) -> set[str]:
    """What tells of another's lines and tickets wherever it stands; zones that have nothing to do
    with the shop's lines among them.
    """
    own, others = order.lines.filter(shop=shop), order.lines.exclude(shop=shop)
    tickets = Ticket.objects.filter(line_ref__in=others.values("pk")).exclude(zone__shop=shop)
    known = Ticket.objects.filter(line_ref__in=own.values("pk")).values("zone")
    zones = Zone.objects.exclude(Q(shop=shop) | Q(pk__in=known))
    words = {str(word) for line in others for word in (line.pk, line.item, line.name)}
    words |= {str(ticket.pk) for ticket in tickets} | {f'"{zone.pk}"' for zone in zones}
    return words - {word for line in own for word in (line.item, line.name)}


def answers_to(client: APIClient, order: Order, shop: str) -> Iterator[tuple[str, str]]:
    """Every address that a shop may read, and what it is answered there."""
    zones = Zone.objects.filter(shop=shop).values_list("pk", flat=True)
    hook = notifications.endpoints_of(User.objects.get(groups__name=f"shop:{shop}")).get()
    for route, methods in ALLOWED.items():
        readers = methods.get("GET", set())
        if "nobody" in readers or not readers & {"own shop", "other shop"}:
            continue
        ref = hook.pk if route.startswith("webhooks") else order.ref
        for zone in zones if "slug" in route else [""]:
            url = f"{API}/{route}".replace("<uuid:ref>", str(ref)).replace("<slug:code>", zone)
            query = "?after=0" if route.endswith("stream/") else ""
            answer = client.get(url + query)
            assert answer.status_code == 200, answer.content
            yield url, answer.content.decode()
    yield f"webhooks/{hook.pk}", json.dumps(list(hook.deliveries.values("body", "name")))


def leaks(client_of: ClientOf, order: Order, shop: str) -> list[tuple[str, str]]:
    """What of another shop stands in an answer: where, and which word."""
    others = words_of_others(order, shop)
    assert len(others) > 8
    account = User.objects.get(groups__name=f"shop:{shop}")
    found = answers_to(client_of(account), order, shop)
    return [(url, word) for url, text in found for word in others if word in text]


@pytest.fixture
def told(make_user: Callable[..., User]) -> dict[str, User]:
    """An account of each shop, with a webhook for all that there is to choose."""
    accounts = {shop: make_user(f"shop:{shop}") for shop in ("krua", "nam")}
    for account in accounts.values():
        names = notifications.may_be_chosen()
        notifications.add_endpoint(account, "https://shop.example/hook", names)
    return accounts


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("shop", ["krua", "nam"])
def test_no_answer_to_a_shop_tells_of_anothers_lines(
    lived: Order, client_of: ClientOf, shop: str
) -> None:
    notifications.follow(0)
    assert leaks(client_of, lived, shop) == []


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("taken_away", "leaky"),
    [
        ("orders.services.seeing.shop_of", f"{API}/orders/"),
        ("orders.bill_views.shop_of", "/bill/"),
        ("restaurant.events.shares.shop_of", "/events/"),
        ("restaurant.events.views.shop_of", "/stream/"),
        ("orders.shares.own", f"{API}/events/"),
    ],
)
def test_that_nothing_leaks_is_seen_to_fail(
    lived: Order,
    client_of: ClientOf,
    monkeypatch: pytest.MonkeyPatch,
    taken_away: str,
    leaky: str,
) -> None:
    """Each protection that is taken away is found missing, where it should be."""
    monkeypatch.setattr(taken_away, lambda *what: list(what[0]) if len(what) > 1 else None)
    found = leaks(client_of, lived, "nam")
    assert any(leaky in url for url, _ in found)


def test_every_event_is_one_that_shops_hear_or_that_is_the_houses() -> None:
    said = {name for name, event in DECLARED.items() if event.__module__.endswith(".events")}
    assert not OF_THE_HOUSE & HEARD.keys()
    assert OF_THE_HOUSE | HEARD.keys() == said


def test_every_field_that_shops_are_told_is_one_that_was_asked_about() -> None:
    assert {field for name in HEARD for field in DECLARED[name].told()} == DECIDED


@pytest.mark.parametrize("shop", ["krua", "nam"])
def test_a_shop_hears_of_its_own_tickets_and_lines(
    lived: Order, client_of: ClientOf, shop: str
) -> None:
    """So much of the house's history, by its tickets and lines, and nothing else."""
    lines = {str(pk) for pk in OrderLine.objects.filter(shop=shop).values_list("pk", flat=True)}
    zones = {zone.pk for zone in Zone.objects.filter(shop=shop)}
    heard = client_of(f"shop:{shop}").get(f"{API}/events/").json()["results"]
    expected = [
        event.position
        for event in EventRecord.objects.order_by("position")
        if event.name in HEARD
        and (event.data.get("zone") in zones or event.data.get("line") in lines)
    ]
    of_tickets = [event for event in heard if "line" in event["data"]]
    assert [event["position"] for event in of_tickets] == expected
    names = {event["name"] for event in heard}
    assert {"order.placed", "order.changed", "order.rushed", "line.refired", "ticket.done"} <= names
    assert {"tray.ready", "tray.extended", "order.ready"} <= names
    assert not names & OF_THE_HOUSE
    placed = next(event for event in heard if event["name"] == "order.placed")
    assert {line["shop"] for line in placed["data"]["lines"]} == {shop}
    assert (placed["data"]["placed_by"], placed["data"]["callback_url"]) == ("", "")
    history = client_of(f"shop:{shop}").get(f"{API}/orders/{lived.ref}/events/").json()["results"]
    assert [event["position"] for event in history] == [event["position"] for event in heard]


def test_a_shops_page_of_the_feed_goes_on_where_it_ended(lived: Order, client_of: ClientOf) -> None:
    nam = client_of("shop:nam")
    whole = [event["position"] for event in nam.get(f"{API}/events/").json()["results"]]
    after, found = 0, []
    while after is not None:
        page = nam.get(f"{API}/events/?after={after}&limit=3").json()
        found += [event["position"] for event in page["results"]]
        after = page["next"] and int(page["next"].split("after=")[1].split("&")[0])
    assert found == whole
    assert len(whole) > 9


def test_a_shop_is_told_by_webhook_of_its_own_alone(
    told: dict[str, User], lived: Order, opened: Place
) -> None:
    opened("gai-yang")
    opened("tom-yum")
    number()
    notifications.follow(0)
    by_shop = {
        shop: Delivery.objects.filter(endpoint__principal=user) for shop, user in told.items()
    }
    placed = {shop: told.filter(name="order.placed").count() for shop, told in by_shop.items()}
    assert placed == {"krua": 2, "nam": 1}
    assert not Delivery.objects.filter(name__in=OF_THE_HOUSE).exists()
    for deliveries in by_shop.values():
        sequences = deliveries.filter(order_ref=lived.ref).order_by("id")
        numbers = list(sequences.values_list("sequence", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


def test_an_account_that_is_of_a_shop_hears_nothing_as_an_app_any_more(
    told: dict[str, User], guest: User, place: Place
) -> None:
    notifications.add_endpoint(guest, "https://shop.example/hook", ["order.placed"])
    guest.groups.add(Group.objects.get(name="shop:nam"))
    place("tom-yum")
    number()
    notifications.follow(0)
    assert not Delivery.objects.filter(endpoint__principal=guest).exists()
    place("water")
    number()
    notifications.follow(0)
    assert Delivery.objects.filter(endpoint__principal=guest).count() == 1


def test_streams_tell_a_shop_its_part_and_the_house_all_of_it(lived: Order) -> None:
    events = list(EventRecord.objects.order_by("position"))
    order = f"order:{lived.ref}"
    own = {audience_at("nam", "zone:drinks"), audience_at("nam", order)}
    told = news_for(events, own)
    others = words_of_others(lived, "nam")
    assert {audience for news in told for audience in news.audiences & own} == own
    assert not [word for word in others for news in told if word.encode() in news.frame]
    whole = news_for(events, [order])
    assert [news.position for news in whole] == [event.position for event in events]
    # Whoever does not know yet what it may hear keeps all, and finds its own part among it.
    kept = news_for(events, [EVERYTHING])
    assert [news for news in kept if not news.audiences.isdisjoint(own)] == told


def both_are_done(heard: Listening) -> bool:
    return heard.names.count("ticket.done") == 2


@pytest.mark.usefixtures("relay")
def test_a_shop_hears_live_what_is_cooked_at_its_zone_and_not_beside_it(
    mixed: Order, web: str, make_user: Callable[..., User]
) -> None:
    _, token = AuthToken.objects.create(user=make_user("shop:nam"))
    bearer = {"Authorization": f"Bearer {token}"}
    with (
        listening(f"{web}/api/v1/zones/drinks/stream/", headers=bearer) as zone,
        listening(f"{web}/api/v1/orders/{mixed.ref}/stream/", headers=bearer) as order,
    ):
        for ticket in Ticket.objects.filter(zone__in=["boil", "fry", "rice"], state="fired"):
            cook(ticket)
        for ticket in Ticket.objects.filter(zone="drinks"):
            cook(ticket)
        for heard in (zone, order):
            eventually(partial(both_are_done, heard))
            told = [news.data["data"] for news in heard.news]
            assert {data["zone"] for data in told if "zone" in data} == {"drinks"}


def test_what_shops_hear_is_three_questions_however_much_has_happened(
    lived: Order, opened: Place, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        opened("water", "tom-yum")
    events = list(EventRecord.objects.all())
    with django_assert_num_queries(3):
        shares = shares_of(events)
    assert sum(len(share) for share in shares) > len(events)


def test_a_house_without_shops_asks_one_question_for_them(
    lived: Order, django_assert_num_queries: Any
) -> None:
    Zone.objects.update(shop=None)
    Shop.objects.all().delete()
    events = list(EventRecord.objects.order_by("position"))
    order = audience_at("nam", f"order:{lived.ref}")
    with django_assert_num_queries(1):
        assert news_for(events, [order]) == []


def test_what_a_shop_cooks_for_another_is_its_ticket_and_not_its_line(
    opened: Place, client_of: ClientOf
) -> None:
    """Of krua's dish nam makes a part: it sees and hears of that part, and not of the order."""
    RecipeStep.objects.create(item_id="crab", track=2, zone_id="drinks", prep_seconds=5)
    order, nam = opened("crab"), client_of("shop:nam")
    (ticket,) = nam.get(f"{API}/zones/drinks/tickets/").json()["results"]
    assert nam.post(f"{API}/tickets/{ticket['id']}/start/").status_code == 200
    assert_problem(nam.get(f"{API}/orders/{order.ref}/"), 404, "not_found")
    kitchen.rush(order.ref, [1])
    number()
    heard = nam.get(f"{API}/events/").json()["results"]
    assert [event["name"] for event in heard] == ["ticket.fired", "ticket.started", "tray.changed"]
    krua = client_of("shop:krua").get(f"{API}/events/").json()["results"]
    zones = {event["data"].get("zone") for event in krua if event["name"] == "ticket.fired"}
    assert zones == {"fry", "drinks"}
