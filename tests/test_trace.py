"""The trace of an order is what stands in the rows: no message is missing, and none is invented."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string
from rest_framework.test import APIClient

from conftest import cook
from kitchen import services as kitchen
from kitchen import traces as kitchens
from kitchen.models import Ticket, Tray
from kitchen.tasks import call_out
from notifications import moves
from notifications import services as notifications
from notifications.models import Delivery, Guest, Mail
from orders import services as orders
from orders import traces as of_orders
from orders.models import Order
from restaurant.events.models import EventRecord, Heard
from restaurant.subscriptions import SUBSCRIPTIONS, Style

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]
Json = dict[str, Any]


def tell_all(*, losing: bool = False) -> None:
    """What the relay and a worker would do; `losing` all that is released."""
    while new := EventRecord.objects.claim_new(200, SUBSCRIPTIONS, timedelta(seconds=5)):
        for event in new:
            for one in SUBSCRIPTIONS.get(event.name, []):
                import_string(one.to)(event_id=event.pk, **event.data)
            if event.release and not losing:
                tray = Tray.objects.get(pk=event.data["tray_ref"])
                kitchen.plate(tray.pk, tray.canvas)


def at(order: Order, zone: str, **more: Any) -> Ticket:
    return Ticket.objects.get(tray__order_ref=order.ref, zone=zone, finished_at=None, **more)


def cook_at(order: Order, *zones: str) -> None:
    for zone in zones:
        cook(at(order, zone))
        tell_all()


def repair() -> None:
    """The reconciler comes by an hour later."""
    Tray.objects.update(touched_at=timezone.now() - timedelta(hours=1))
    kitchen.repair(call_out, lambda queue: True)
    tell_all()


@pytest.fixture
def lived(place: Place, guest: User, make_user: Callable[..., User]) -> Order:
    """Two trays, a recall, a plate that was lost, a refire, two webhooks, a mail; served."""
    for user in (guest, make_user("manager")):
        notifications.add_endpoint(
            user, f"https://{user.username}.example/hook/secret", ["order.ready"]
        )
    order = place("tom-yum", "gai-yang", ("thai-tea", 1), ("water", 2))
    Guest.objects.create(
        order_ref=order.ref, email="a@b.example", language="en", number=1, tracking_url="/track/"
    )
    tell_all()
    water = at(order, "drinks", item="water")
    cook(water)
    tell_all()
    kitchen.recall(water.pk)
    tell_all()
    kitchen.finish(water.pk)
    tell_all()
    cook(at(order, "drinks"))
    cook_at(order, "boil", "fry")
    cook(at(order, "grill"))
    tell_all(losing=True)
    repair()
    notifications.follow(0)
    moves.deliver([mail.pk for mail in Mail.objects.all()], Mail, tries=1)
    orders.refire_line(order, order.lines.get(item="gai-yang").pk, "fell", "waiter")
    tell_all()
    cook_at(order, "grill")
    orders.serve_order(order)
    tell_all()
    notifications.follow(0)
    delivered = Delivery.objects.order_by("pk").first()
    assert delivered is not None
    moves.deliver([delivered.pk], tries=2, last_tried_at=timezone.now())
    return order


@pytest.fixture
def trace(lived: Order, client_of: Callable[..., APIClient]) -> Json:
    answer = client_of("cook").get(f"/api/v1/orders/{lived.ref}/trace/")
    assert answer.status_code == 200
    found: Json = answer.json()
    return found


def moment(value: datetime | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None


def test_every_event_is_a_message_and_no_message_is_of_another(lived: Order, trace: Json) -> None:
    said = {str(event.uuid) for event in EventRecord.objects.about(lived.ref)}
    assert {one["event"] for one in trace["messages"]} == said
    assert [one["at"] for one in trace["messages"]] == sorted(
        one["at"] for one in trace["messages"]
    )


def test_who_heard_what_when_and_in_which_style_is_as_the_rows_say(
    lived: Order, trace: Json
) -> None:
    events = {event.pk: event for event in EventRecord.objects.about(lived.ref)}
    styles = {(name, one.to): one.style for name, all_ in SUBSCRIPTIONS.items() for one in all_}
    heard = {
        (str(events[one.event_id].uuid), one.subscriber, moment(one.heard_at))
        for one in Heard.objects.filter(event__in=events)
    }
    shown = [one for one in trace["messages"] if (one["name"], one["to"]) in styles]
    assert {(one["event"], one["to"], one["heard_at"]) for one in shown} == heard
    assert len(shown) == len(heard) == 8
    of = {str(event.uuid): event for event in events.values()}
    for one in shown:
        event = of[one["event"]]
        assert one["style"] == styles[one["name"], one["to"]]
        assert (one["at"], one["sent_at"]) == (moment(event.happened_at), moment(event.sent_at))
        assert one["waited_seconds"] >= 0


def test_bars_are_as_long_as_the_tickets_and_trays_say(lived: Order, trace: Json) -> None:
    for ticket in Ticket.objects.filter(tray__order_ref=lived.ref):
        own = [one for one in trace["spans"] if one["ticket"] == str(ticket.pk)]
        fired = [one for one in own if one["kind"] == "fired"]
        cooking = [one for one in own if one["kind"] == "cooking"]
        assert [(one["begins"], one["ends"]) for one in fired] == [
            (moment(ticket.fired_at), moment(ticket.started_at))
        ]
        assert (cooking[0]["begins"], cooking[-1]["ends"]) == (
            moment(ticket.started_at),
            moment(ticket.done_at),
        )
        assert len(cooking) == 1 + ticket.recalls
        assert {one["lane"] for one in cooking} == {f"zone.{ticket.zone_id}"}
    for tray in Tray.objects.of_order(lived.ref):
        ready = [
            one for one in trace["spans"] if (one["tray"], one["kind"]) == (tray.number, "ready")
        ]
        assert (ready[-1]["begins"], ready[-1]["ends"]) == (
            moment(tray.ready_at),
            moment(tray.served_at),
        )


def test_parts_wait_at_the_pass_until_their_tray_is_there(lived: Order, trace: Json) -> None:
    """Each tray came to the pass twice, the second time with one part that was cooked again."""
    gathering = [one for one in trace["spans"] if one["kind"] == "gathering"]
    ready = [one for one in trace["spans"] if one["kind"] == "ready"]
    assert Counter(one["tray"] for one in ready) == {1: 2, 2: 2}
    together = Counter((one["tray"], one["ends"]) for one in gathering)
    assert [together[one["tray"], one["begins"]] for one in ready] == [1, 1, 3, 3]


def test_fan_out_and_fan_in_are_told_with_their_numbers(trace: Json) -> None:
    led = [one for one in trace["messages"] if one["style"] == "orchestration"]
    shown = [(one["name"], one["tray"], one["parts"], one["marks"]) for one in led]
    assert shown == [
        ("call_out", 1, 4, []),
        ("call_out", 2, 1, []),
        ("tray.ready", 2, 1, []),
        ("call_out", 2, 1, ["recalled"]),
        ("tray.ready", 2, 1, []),
        ("tray.ready", 1, 3, ["repaired"]),
        ("call_out", 1, 1, ["refired"]),
        ("tray.ready", 1, 3, []),
    ]
    assert led[0]["hearers"] == ["zone.boil", "zone.fry", "zone.grill", "zone.drinks"]
    assert [one["sender"] for one in led if one["name"] == "tray.ready"] == [
        *("zone.drinks", "zone.drinks"),
        "head_chef",
        "zone.grill",
    ]
    first = led[0]
    assert first["worked_seconds"] > 0
    assert first["answered_at"] == led[5]["heard_at"]


def test_a_zone_is_asked_by_the_head_chef_or_by_the_zone_before_it(trace: Json) -> None:
    asked = [one for one in trace["messages"] if one["name"] == "ticket.fired"]
    assert {one["style"] for one in asked} == {"request/async response"}
    assert ("zone.boil", ["zone.fry"]) in [(one["sender"], one["hearers"]) for one in asked]
    assert Counter(one["sender"] for one in asked) == {"head_chef": 5, "zone.boil": 1}
    assert all(one["waited_seconds"] >= 0 and one["worked_seconds"] >= 0 for one in asked)


def test_what_was_done_again_says_why(trace: Json) -> None:
    marks = Counter(mark for one in trace["messages"] for mark in one["marks"])
    assert marks.keys() == {"recalled", "refired", "repaired", "retried"}
    of_spans = Counter(mark for one in trace["spans"] for mark in one["marks"])
    assert of_spans["recalled"] == 1
    assert of_spans["wasted"] > 0
    assert of_spans["refired"] > 0


def test_receivers_are_told_by_their_server_and_a_guest_by_no_address(
    lived: Order, trace: Json
) -> None:
    outside = [one for one in trace["messages"] if one["sender"] == "notifications"]
    rows = Delivery.objects.filter(order_ref=lived.ref).count()
    kinds = Counter(one["style"] for one in outside)
    assert kinds == {"publish/async responses": rows, "notification": 1}
    assert rows == 4
    assert {one["to"].partition(".example")[1:] for one in outside} == {(".example", "/"), ("", "")}
    assert "secret" not in str(trace)
    assert "a@b" not in str(trace)
    delivered = [(one["times"], one["marks"]) for one in outside if one["heard_at"]]
    assert sorted(delivered) == [(1, []), (2, ["retried"])]


def test_all_styles_occur_in_one_life(trace: Json) -> None:
    assert {one["style"] for one in trace["messages"]} == set(Style)


def test_what_is_said_to_be_called_is_there() -> None:
    called = [*of_orders.CALLED.values(), *of_orders.CALLED_ON.values(), *kitchens.PRESSED.values()]
    assert all(callable(import_string(name)) for name in called)


def test_one_call_that_serves_two_trays_is_one_message(trace: Json) -> None:
    served = [
        one["sender"] for one in trace["messages"] if one["to"] == "orders.services.serve_order"
    ]
    assert served == ["guest"]


def test_a_cancelled_order_is_told_to_its_end(
    place: Place, client_of: Callable[..., APIClient]
) -> None:
    order = place("tom-yum", "water")
    tell_all()
    kitchen.start(at(order, "boil").pk)
    orders.cancel_order(order, "left")
    tell_all()
    url = f"/api/v1/orders/{order.ref}/trace/"
    cooking = [one for one in client_of("waiter").get(url).json()["spans"] if one["ends"] is None]
    assert [(one["kind"], one["lane"]) for one in cooking] == [("cooking", "zone.boil")]
    kitchen.stop(at(order, "boil").pk)
    tell_all()
    found = client_of("waiter").get(url).json()
    assert [one for one in found["spans"] if one["ends"] is None] == []
    calls = [one["to"] for one in found["messages"] if one["style"] == "request/response"]
    assert calls == [
        "orders.services.place_order",
        "kitchen.services.reserve",
        "kitchen.services.start",
        "orders.services.cancel_order",
        "kitchen.services.void",
        "kitchen.services.stop",
    ]


def test_an_order_that_nobody_has_heard_of_yet_has_a_trace(
    place: Place, client_of: Callable[..., APIClient]
) -> None:
    order = place("tom-yum")
    found = client_of("waiter").get(f"/api/v1/orders/{order.ref}/trace/").json()
    assert [(one["to"], one["heard_at"]) for one in found["messages"]] == [
        ("orders.services.place_order", None),
        ("kitchen.services.reserve", None),
        ("kitchen.tasks.open_order", None),
    ]
    assert found["spans"] == []


def test_an_order_that_was_cancelled_before_the_kitchen_opened_it_has_a_trace(
    place: Place, client_of: Callable[..., APIClient]
) -> None:
    order = place("tom-yum")
    orders.cancel_order(order, "left at once")
    for _ in range(2):
        found = client_of("waiter").get(f"/api/v1/orders/{order.ref}/trace/").json()
        calls = {one["to"] for one in found["messages"] if one["style"] == "request/response"}
        assert {"orders.services.cancel_order", "kitchen.services.void"} <= calls
        assert [one for one in found["messages"] if one["style"] == "orchestration"] == []
        tell_all()


def test_an_event_that_no_app_knows_any_more_is_told_all_the_same(
    place: Place, client_of: Callable[..., APIClient]
) -> None:
    order = place("tom-yum")
    old = EventRecord.objects.create(name="order.praised", subject=order.ref, data={})
    found = client_of("waiter").get(f"/api/v1/orders/{order.ref}/trace/").json()
    assert [one["name"] for one in found["messages"] if one["event"] == str(old.uuid)] == [
        "order.praised"
    ]


def queries(client: APIClient | Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_sixty_lines_need_as_many_queries_as_one(
    place: Place, make_user: Callable[..., User]
) -> None:
    small = place("tom-yum")
    large = place(*["tom-yum"] * 30, *[("water", 2)] * 30)
    tell_all()
    client = Client()
    client.force_login(make_user("manager"))
    assert Ticket.objects.filter(tray__order_ref=large.ref).count() == 90
    for ticket in Ticket.objects.filter(tray__order_ref=large.ref).order_by("track", "position"):
        cook(ticket)
    tell_all()
    for url in ("/api/v1/orders/{}/trace/", "/trace/{}/"):
        found = [queries(client, url.format(order.ref)) for order in (small, large)]
        assert found[0] == found[1] <= 14


@pytest.mark.parametrize("language", ["en", "th"])
def test_the_page_says_in_its_tables_all_that_is_told(
    lived: Order, trace: Json, make_user: Callable[..., User], language: str
) -> None:
    client = Client()
    client.force_login(make_user("waiter"))
    answer = client.get(f"/trace/{lived.ref}/", headers={"accept-language": language})
    text = answer.content.decode()
    assert text.count('<tr id="message-') == len(trace["messages"])
    legend = len(answer.context["kinds"]) + len(["again", "wasted"])
    assert text.count('<rect class="bar') == len(trace["spans"]) + legend
    assert len(answer.context["done"]) == len(trace["spans"])
    for style in Style:
        assert text.count(f'<span class="style" lang="en">{style}</span>') > 0
    assert ("Trace of order" in text) == (language == "en")
    assert "<script" not in text
    assert " style=" not in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_is_for_staff_and_linked_where_they_see_the_order(
    lived: Order, make_user: Callable[..., User], admin_user: User
) -> None:
    client, url = Client(), f"/trace/{lived.ref}/"
    assert client.get(url).status_code == 302
    client.force_login(make_user("app"))
    assert client.get(url).status_code == 403
    client.force_login(admin_user)
    assert client.get(f"/trace/{UUID(int=1)}/").status_code == 404
    for page in (f"/admin/orders/order/{lived.pk}/change/", "/pass/"):
        assert f'href="{url}"' in client.get(page).content.decode()
