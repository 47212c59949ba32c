"""What a manager does all day in the admin, through the services and within the permissions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import bring_to_pass, cook
from kitchen import services as kitchen
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray, Zone
from kitchen.tasks import call_out
from orders import services as orders
from orders.history import WORDS
from orders.models import Order, OrderLine
from restaurant.events.contract import DECLARED
from restaurant.events.models import EventRecord

Opened = Callable[..., Order]
LATE = timedelta(minutes=5)


@pytest.fixture
def manager(make_user: Callable[..., User]) -> User:
    """A manager as most are: no superuser."""
    user = make_user("manager", "somsri")
    user.is_staff = True
    user.save()
    return user


@pytest.fixture
def page(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def waiters_page(make_user: Callable[..., User]) -> Client:
    """A waiter who may come into the admin, where there is nothing for waiters."""
    user = make_user("waiter")
    user.is_staff = True
    user.save()
    client = Client()
    client.force_login(user)
    return client


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def logged(row: Any) -> list[tuple[str, str]]:
    entries = LogEntry.objects.filter(object_id=str(row.pk)).order_by("id")
    return [(entry.user.get_username(), entry.get_change_message()) for entry in entries]


def promise_was(order: Order, ago: timedelta = LATE) -> None:
    """The order and its trays were promised for some time ago."""
    then = timezone.now() - ago
    Order.objects.filter(pk=order.pk).update(promised_at=then)
    Tray.objects.filter(order_ref=order.ref).update(promised_at=then)


def names(answer: Any) -> list[str]:
    return [str(row) for row in answer.context["cl"].result_list]


# Orders


def test_an_order_is_cancelled_with_a_reason_by_the_service_and_that_is_logged(
    page: Client, opened: Opened
) -> None:
    order = opened("tom-yum")
    url = f"/admin/orders/order/{order.pk}/do/cancel/"
    asked = page.get(url)
    assert "Reason" in asked.content.decode()
    empty = page.post(url, {"confirmed": "1", "reason": " "})
    assert "This field is required." in empty.content.decode()
    order.refresh_from_db()
    assert order.state == "placed"
    answer = page.post(
        url,
        {"confirmed": "1", "reason": "The guest left", "back": "/admin/orders/order/"},
        follow=True,
    )
    assert answer.redirect_chain == [("/admin/orders/order/", 302)]
    assert said(answer) == [f"Cancelled: {order.label}"]
    order.refresh_from_db()
    assert (order.state, order.cancel_reason) == ("cancelled", "The guest left")
    assert Tray.objects.get(order_ref=order.ref).state == "void"
    assert EventRecord.objects.filter(name="order.cancelled", subject=order.ref).count() == 1
    assert logged(order) == [("somsri", "Cancelled: The guest left")]


def test_several_orders_are_cancelled_at_once_and_each_refusal_is_said(
    page: Client, opened: Opened
) -> None:
    first, second, ready, other = (opened("water") for _ in range(4))
    bring_to_pass(ready)
    orders.follow_kitchen(ready.ref)
    orders.serve_order(ready)
    chosen = {"action": "cancel", "_selected_action": [first.pk, second.pk, ready.pk]}
    asked = page.post("/admin/orders/order/", chosen)
    text = asked.content.decode()
    assert all(order.label in text for order in (first, second, ready))
    assert other.label not in text
    answer = page.post(
        "/admin/orders/order/", {**chosen, "confirmed": "1", "reason": "Power cut"}, follow=True
    )
    assert said(answer) == [
        f"{ready.label}: That is not possible now; its state is: Served.",
        f"Cancelled: {second.label}, {first.label}",
    ]
    states = dict(Order.objects.values_list("pk", "state"))
    assert states == {
        first.pk: "cancelled",
        second.pk: "cancelled",
        ready.pk: "served",
        other.pk: "placed",
    }
    assert logged(ready) == []


def test_a_list_acts_on_what_was_ticked_and_never_on_all_pages(
    page: Client, opened: Opened
) -> None:
    chosen, other = opened("water"), opened("water")
    post = {"action": "cancel", "select_across": "1", "confirmed": "1", "reason": "x"}
    page.post("/admin/orders/order/", {**post, "_selected_action": [chosen.pk]})
    chosen.refresh_from_db()
    other.refresh_from_db()
    assert (chosen.state, other.state) == ("cancelled", "placed")


def test_one_tray_is_served_and_then_the_rest(page: Client, opened: Opened) -> None:
    order = opened("tom-yum", ("water", 2))
    bring_to_pass(order, 2)
    url = f"/admin/orders/order/{order.pk}/do/serve/"
    assert said(page.post(url, {"tray": "2"}, follow=True)) == [f"Served: {order.label}"]
    assert list(Tray.objects.order_by("number").values_list("state", flat=True)) == [
        "waiting",
        "served",
    ]
    refused = page.post(url, follow=True)
    assert said(refused) == [f"{order.label}: Tray 1 is not ready to be served."]
    unknown = page.post(url, {"tray": "7"}, follow=True)
    assert said(unknown) == [f"{order.label}: The order has no such tray."]
    bring_to_pass(order, 1)
    page.post(url)
    order.refresh_from_db()
    assert order.state == "served"
    assert logged(order) == [("somsri", "Served: 2"), ("somsri", "Served")]
    again = page.post(url, follow=True)
    assert said(again)[-1] == f"{order.label}: that was done already."
    assert len(logged(order)) == 2


def test_one_line_is_cancelled_by_its_button(page: Client, opened: Opened) -> None:
    order = opened("tom-yum", "water")
    kitchen.start(Ticket.objects.get(zone="boil").pk)
    shown = page.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert shown.count("/do/cancel_line/") == 2
    soup = OrderLine.objects.get(item="tom-yum")
    url = f"/admin/orders/order/{order.pk}/do/cancel_line/"
    assert said(page.post(url, {"line": soup.pk}, follow=True)) == [
        f"Line cancelled: {order.label}"
    ]
    assert Ticket.objects.get(zone="boil").cancel_requested
    assert Order.objects.get().total == 10
    shown = page.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert shown.count("/do/cancel_line/") == 1
    water = OrderLine.objects.get(item="water")
    assert said(page.post(url, {"line": water.pk}, follow=True)) == [
        f"{order.label}: Nothing would be left of it: cancel the order."
    ]
    assert logged(order) == [("somsri", f"Line cancelled: {soup.pk}")]
    # It is about a line, so it is no action for several orders.
    assert 'value="cancel_line"' not in page.get("/admin/orders/order/").content.decode()


def test_orders_are_found_by_number_table_reference_and_ref(page: Client, opened: Opened) -> None:
    order = opened("water", channel="dine_in", table="B12", client_ref="pos-7-000123")
    opened("water", channel="dine_in", table="C1")
    for words in (str(order.pk), f"#{order.pk}", "B12", "b12", "pos-7-000123", str(order.ref)):
        assert names(page.get("/admin/orders/order/", {"q": words})) == [order.label], words
    for words in ("B1", "pos-7", "9" * 30, "' or 1=1", "\u0e01"):
        assert names(page.get("/admin/orders/order/", {"q": words})) == [], words


def test_a_list_of_orders_shows_what_is_late_open_or_ready(page: Client, opened: Opened) -> None:
    late, in_time, ready, cancelled = (opened("water") for _ in range(4))
    promise_was(late)
    bring_to_pass(ready)
    orders.follow_kitchen(ready.ref)
    promise_was(ready)
    orders.cancel_order(cancelled, "x")
    promise_was(cancelled)
    shown = {
        view: set(names(page.get("/admin/orders/order/", {"shown": view})))
        for view in ("all", "open", "late", "ready", "cancelled", "nonsense")
    }
    assert shown == {
        "all": {late.label, in_time.label, ready.label, cancelled.label},
        "open": {late.label, in_time.label},
        "late": {late.label},
        "ready": {ready.label},
        "cancelled": {cancelled.label},
        "nonsense": {late.label, in_time.label, ready.label, cancelled.label},
    }
    text = page.get("/admin/orders/order/?shown=late").content.decode()
    assert '<span class="badge" data-state="placed">Placed</span>' in text
    assert '<span class="badge" data-state="late">late 5 min</span>' in text


def test_the_page_of_an_order_tells_its_whole_story(page: Client, opened: Opened) -> None:
    order = opened("tom-yum", ("water", 2), table="A3", allergies="peanuts")
    bring_to_pass(order, 2)
    text = page.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    for words in (
        "Order taken",
        "not heard yet by kitchen.tasks.open_order",
        "Drinks may begin: Water",
        "Drinks is done: Water",
        "Tray 2 at the pass",
        "Serve tray 2",
        "peanuts",
        "Boil → Fry",
        "฿130.00",
    ):
        assert words in text, words
    assert "Serve tray 1" not in text


def test_every_event_has_its_words() -> None:
    assert set(DECLARED) - {name for name in DECLARED if name.startswith("test.")} <= set(WORDS)


def test_the_kitchens_pages_lead_to_the_order(page: Client, opened: Opened) -> None:
    order = opened("water")
    listed = page.get("/admin/kitchen/ticket/").content.decode()
    assert f'href="/admin/orders/order/by-ref/{order.ref}/"' in listed
    answer = page.get(f"/admin/orders/order/by-ref/{order.ref}/")
    assert answer.headers["Location"] == f"/admin/orders/order/{order.pk}/change/"


# The kitchen


def test_the_pass_shows_what_waits_there_the_oldest_first(page: Client, opened: Opened) -> None:
    waiting, ready, served = opened("water"), opened("water"), opened("water")
    bring_to_pass(ready)
    bring_to_pass(served)
    orders.serve_order(served)
    promise_was(waiting)
    shown = {
        view: names(page.get("/admin/kitchen/tray/", {"shown": view}))
        for view in ("", "ready", "late", "served")
    }
    tray = {order: f"{order.label} tray 1" for order in (waiting, ready, served)}
    assert shown == {
        "": [tray[waiting], tray[ready]],
        "ready": [tray[ready]],
        "late": [tray[waiting]],
        "served": [tray[served]],
    }


def test_tickets_are_shown_by_zone_and_by_what_is_wrong(page: Client, opened: Opened) -> None:
    order = opened("tom-yum", "water", "thai-tea")
    soup, fry, water, tea = Ticket.objects.order_by("track", "position")
    cook(water)
    promise_was(order)
    Ticket.objects.filter(pk=tea.pk).update(state="quarantined")
    Ticket.objects.filter(pk=soup.pk).update(cancel_requested=True)

    def shown(**asked: str) -> set[str]:
        return set(names(page.get("/admin/kitchen/ticket/", asked)))

    assert shown() == {str(soup), str(fry), str(tea)}
    assert shown(shown="late") == {str(soup), str(fry), str(tea)}
    assert shown(zone__code__exact="boil") == {str(soup)}
    assert shown(shown="quarantined") == {str(tea)}
    assert shown(shown="stop") == {str(soup)}


def test_a_quarantined_ticket_is_tried_again_from_its_page_and_only_once(
    page: Client, opened: Opened
) -> None:
    opened("water")
    ticket = Ticket.objects.get()
    Ticket.objects.update(state="quarantined", attempts=8)
    url = f"/admin/kitchen/ticket/{ticket.pk}/do/try_again/"
    assert said(page.post(url, follow=True)) == [f"Tried again: {ticket}"]
    ticket.refresh_from_db()
    assert (ticket.state, ticket.attempts) == ("held", 0)
    kitchen.drive(ticket.tray_id, call_out)
    again = page.post(url, follow=True)
    assert said(again) == [f"{ticket}: That is not possible now; its state is: Fired."]
    assert logged(ticket) == [("somsri", "Tried again")]
    assert EventRecord.objects.filter(name="ticket.retried").count() == 1


def test_a_zone_is_closed_and_reopened_with_a_press(page: Client, menu: dict[str, Any]) -> None:
    fry = Zone.objects.get(pk="fry")
    page.post("/admin/kitchen/zone/fry/do/close/")
    assert not Zone.objects.get(pk="fry").is_open
    page.post("/admin/kitchen/zone/fry/do/reopen/")
    assert Zone.objects.get(pk="fry").is_open
    assert logged(fry) == [("somsri", "Closed"), ("somsri", "Open again")]


def test_an_item_is_86ed_from_the_list_which_is_shown_again(
    page: Client, menu: dict[str, MenuItem]
) -> None:
    back = "http://testserver/admin/kitchen/menuitem/?kind__exact=drink"
    listed = page.get("/admin/kitchen/menuitem/?kind__exact=drink").content.decode()
    assert 'formaction="/admin/kitchen/menuitem/water/do/eighty_six/"' in listed
    answer = page.post("/admin/kitchen/menuitem/water/do/eighty_six/", headers={"referer": back})
    assert answer.headers["Location"] == back
    assert not MenuItem.objects.get(pk="water").available
    sold_out = page.get("/admin/kitchen/menuitem/?shown=sold_out")
    assert names(sold_out) == ["Water"]
    assert 'formaction="/admin/kitchen/menuitem/water/do/bring_back/"' in sold_out.content.decode()
    elsewhere = page.post(
        "/admin/kitchen/menuitem/water/do/bring_back/", headers={"referer": "https://evil.example"}
    )
    assert elsewhere.headers["Location"] == "/admin/kitchen/menuitem/"


def recipe(*steps: tuple[int, int, str, int]) -> dict[str, Any]:
    item = {
        "name": "Rice soup",
        "name_th": "ข้าวต้ม",
        "code": "khao-tom",
        "kind": "dish",
        "price": "55.00",
        "available": "on",
        "place": "1",
        "steps-TOTAL_FORMS": len(steps),
        "steps-INITIAL_FORMS": 0,
    }
    fields = ("track", "position", "zone", "prep_seconds")
    return item | {
        f"steps-{place}-{name}": value
        for place, step in enumerate(steps)
        for name, value in zip(fields, step, strict=True)
    }


def test_an_item_and_its_recipe_are_made_on_one_page(page: Client, menu: dict[str, Any]) -> None:
    add = "/admin/kitchen/menuitem/add/"
    twice = page.post(add, recipe((1, 1, "boil", 180), (1, 1, "fry", 30)))
    assert "Two steps have the same place in the same track." in twice.content.decode()
    none = page.post(add, recipe())
    assert "An item needs at least one step: nobody could cook it." in none.content.decode()
    assert not MenuItem.objects.filter(pk="khao-tom").exists()
    made = page.post(add, recipe((1, 1, "boil", 180), (1, 2, "fry", 30), (2, 1, "rice", 20)))
    assert made.status_code == 302
    assert (
        "boil 180 s → fry 30 s + rice 20 s"
        in page.get("/admin/kitchen/menuitem/?q=khao-tom").content.decode()
    )


def test_settings_are_one_page_and_outside_of_the_demo_the_clock_is_not_changed(
    page: Client, menu: dict[str, Any], settings: Any
) -> None:
    KitchenSettings.objects.all().delete()
    url = "/admin/kitchen/kitchensettings/1/change/"
    assert page.get("/admin/kitchen/kitchensettings/").headers["Location"] == url
    assert not KitchenSettings.objects.exists()
    assert page.get(url).status_code == 200
    others = {
        "pass_limit_seconds": "300",
        "chit_limit_minutes": "60",
        "day_starts_at": "06:00",
    }
    page.post(url, {"time_scale": "60", **others})
    assert KitchenSettings.current().time_scale == 60
    wrong = page.post(url, {"time_scale": "-1", **others})
    assert "Ensure this value is greater than or equal to 0.1" in wrong.content.decode()
    settings.DEMO = False
    page.post(url, {"time_scale": "1", **others})
    assert KitchenSettings.current().time_scale == 60


# Permissions


@pytest.mark.parametrize(
    "verb",
    [
        "orders/order/{order}/do/cancel/",
        "orders/order/{order}/do/serve/",
        "kitchen/ticket/{ticket}/do/try_again/",
        "kitchen/zone/fry/do/close/",
        "kitchen/menuitem/water/do/eighty_six/",
    ],
)
def test_no_verb_is_done_by_a_get_or_by_who_may_not(
    page: Client, waiters_page: Client, opened: Opened, verb: str
) -> None:
    order = opened("water")
    url = f"/admin/{verb}".format(order=order.pk, ticket=Ticket.objects.get().pk)
    assert page.get(url).status_code == 200
    for client in (waiters_page, Client()):
        answer = client.post(url, {"confirmed": "1", "reason": "x"})
        assert answer.status_code in (302, 403)
        assert "/admin/login/" in answer.headers.get("Location", "/admin/login/")
    order.refresh_from_db()
    assert order.state == "placed"
    assert Zone.objects.get(pk="fry").is_open
    assert MenuItem.objects.get(pk="water").available
    assert LogEntry.objects.count() == 0


def test_a_verb_wants_its_csrf_token(manager: User, menu: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)
    assert client.post("/admin/kitchen/zone/fry/do/close/").status_code == 403
    assert Zone.objects.get(pk="fry").is_open


def test_unknown_verbs_and_rows_are_not_found(page: Client, menu: dict[str, Any]) -> None:
    for url in ("zone/fry/do/burn/", "zone/none/do/close/", "ticket/none/do/try_again/"):
        assert page.post(f"/admin/kitchen/{url}").status_code in (302, 404), url
    assert (
        page.get("/admin/orders/order/by-ref/00000000-0000-0000-0000-000000000000/").status_code
        == 404
    )


def test_a_waiter_finds_nothing_in_the_admin(waiters_page: Client, opened: Opened) -> None:
    order = opened("water")
    first = waiters_page.get("/admin/").content.decode()
    assert "There is nothing here for your role." in first
    assert "Late orders" not in first
    for url in (
        "orders/order/",
        f"orders/order/{order.pk}/change/",
        f"orders/order/by-ref/{order.ref}/",
        "orders/order/live/",
        "kitchen/tray/",
        "kitchen/ticket/",
        "kitchen/menuitem/",
        "kitchen/zone/",
        "kitchen/kitchensettings/1/change/",
        "events/eventrecord/",
        "knox/authtoken/",
        "admin/logentry/",
        "auth/user/",
    ):
        assert waiters_page.get(f"/admin/{url}").status_code == 403, url


def test_a_manager_can_not_make_himself_more(page: Client, manager: User) -> None:
    for url in (f"auth/user/{manager.pk}/change/", "auth/user/add/", "auth/group/"):
        assert page.get(f"/admin/{url}").status_code == 403
        assert page.post(f"/admin/{url}", {"is_superuser": "on"}).status_code == 403
    manager.refresh_from_db()
    assert not manager.is_superuser
    assert "Users" not in page.get("/admin/").content.decode()


def test_nobody_edits_a_state_by_hand_not_even_a_superuser(
    admin_client: Client, opened: Opened
) -> None:
    order = opened("water")
    tray, ticket = Tray.objects.get(), Ticket.objects.get()
    before = [list(table.objects.values()) for table in (Order, Tray, Ticket, EventRecord)]
    for url in (
        f"orders/order/{order.pk}/",
        f"kitchen/tray/{tray.pk}/",
        f"kitchen/ticket/{ticket.pk}/",
        f"events/eventrecord/{EventRecord.objects.latest('id').pk}/",
    ):
        assert admin_client.post(f"/admin/{url}change/", {"state": "done"}).status_code == 403
        assert admin_client.post(f"/admin/{url}delete/", {"post": "yes"}).status_code == 403
        shown = admin_client.get(f"/admin/{url}change/").content.decode()
        assert 'name="state"' not in shown
        assert 'name="_save"' not in shown
    for lists in ("orders/order/", "kitchen/tray/", "kitchen/ticket/", "events/eventrecord/"):
        assert admin_client.get(f"/admin/{lists}add/").status_code == 403
        admin_client.post(f"/admin/{lists}", {"form-0-state": "done", "_save": "1"})
    after = [list(table.objects.values()) for table in (Order, Tray, Ticket, EventRecord)]
    assert after == before


# The dashboard


def test_the_dashboards_numbers_are_exactly_those_of_the_rows(page: Client, opened: Opened) -> None:
    late, ready, _open, cancelled = (opened("tom-yum") for _ in range(4))
    opened("water", ("crab", 2))
    promise_was(late, timedelta(minutes=12))
    bring_to_pass(ready)
    orders.follow_kitchen(ready.ref)
    orders.cancel_order(cancelled, "x")
    poison = Ticket.objects.get(tray__order_ref=late.ref, zone="boil")
    Ticket.objects.filter(pk=poison.pk).update(state="quarantined")
    water = Ticket.objects.get(item="water")
    kitchen.start(water.pk)
    kitchen.change_item(MenuItem.objects.get(pk="gai-yang"), available=False)
    kitchen.change_zone(Zone.objects.get(pk="rice"), is_open=False)
    shown = page.get("/admin/").context
    assert (shown["orders"].open, shown["orders"].late) == (3, 1)
    assert [order.pk for order in shown["orders"].most_late] == [late.pk]
    assert (shown["pass"].ready, shown["pass"].late) == (1, 1)
    assert shown["quarantined"] == 1
    assert {item.code for item in shown["stock"].sold_out} == {"gai-yang", "crab"}
    assert shown["placed"] == sum(hour.placed for hour, _ in shown["hours"]) == 5
    zones = {board.zone.code: board for board, _ in shown["zones"]}
    loads = {
        code: (b.load.held, b.load.fired, b.load.cooking, b.load.late) for code, b in zones.items()
    }
    assert loads == {
        "fry": (2, 1, 0, 1),
        "grill": (0, 0, 0, 0),
        "boil": (0, 1, 0, 0),
        "sides": (0, 0, 0, 0),
        "rice": (0, 0, 0, 0),
        "drinks": (0, 0, 1, 0),
    }
    # Two cooks: 60 + 60 + 200 s of frying.
    assert zones["fry"].wait == timedelta(seconds=160)
    text = page.get("/admin/orders/order/live/").content.decode()
    assert "late 12 min" in text
    assert "closed" in text
    sidebar = {
        str(item["title"]): item.get("badge")
        for group in shown["sidebar_navigation"]
        for item in group["items"]
    }
    assert (sidebar["Late orders"], sidebar["Late trays"], sidebar["Quarantine"]) == ("1", "1", "1")
    assert sidebar["Orders"] is None


def test_orders_per_hour_follow_the_clock_of_the_house(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    kolkata = ZoneInfo("Asia/Kolkata")  # half an hour beside the hours of UTC
    now = datetime(2026, 11, 21, 12, 10, tzinfo=UTC)  # 17:40 there
    monkeypatch.setattr(timezone, "now", lambda: now)
    for minutes in (0, 9, 41, 24 * 60 - 45, 24 * 60 + 45):
        order = opened("water")
        Order.objects.filter(pk=order.pk).update(placed_at=now - timedelta(minutes=minutes))
    with timezone.override(kolkata):
        hours = orders.placed_by_hour()
    local = [hour.start.astimezone(kolkata) for hour in hours]
    assert [start.strftime("%d %H:%M") for start in (local[0], local[-1])] == [
        "20 18:00",
        "21 17:00",
    ]
    assert [hour.placed for hour in hours] == [1, *[0] * 21, 1, 2]


def test_flower_is_linked_where_it_runs(page: Client, settings: Any) -> None:
    assert "Flower" not in page.get("/admin/").content.decode()
    settings.FLOWER_URL = "http://127.0.0.1:5599"
    assert 'href="http://127.0.0.1:5599"' in page.get("/admin/").content.decode()


# Speed


def asked(page: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert page.get(url).status_code == 200, url
    counts = [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]
    whole = [sql for sql in counts if "WHERE" not in sql.upper() and "LIMIT" not in sql.upper()]
    assert whole == []
    return len(queries)


def test_a_page_asks_the_database_as_often_for_many_rows_as_for_few(
    page: Client, opened: Opened
) -> None:
    first = opened("tom-yum", ("water", 2))
    bring_to_pass(first, 2)
    pages = [
        "/admin/",
        "/admin/orders/order/live/",
        "/admin/orders/order/",
        "/admin/orders/order/?shown=late",
        "/admin/orders/order/?q=A1",
        f"/admin/orders/order/{first.pk}/change/",
        "/admin/kitchen/tray/",
        f"/admin/kitchen/tray/{Tray.objects.earliest('number').pk}/change/",
        "/admin/kitchen/ticket/",
        "/admin/kitchen/ticket/?shown=late&zone__code__exact=boil",
        "/admin/kitchen/menuitem/",
        "/admin/kitchen/zone/",
        "/admin/events/eventrecord/",
        "/admin/admin/logentry/",
    ]
    for url in pages:
        page.get(url)  # content types are asked for once in a process
    few = {url: asked(page, url) for url in pages}
    for place in range(30):
        order = opened("tom-yum", "thai-tea", ("water", 2), table=f"A{place % 3}")
        bring_to_pass(order, 2)
        promise_was(order)
        page.post(f"/admin/kitchen/ticket/{Ticket.objects.earliest('fire_at').pk}/do/try_again/")
    many = {url: asked(page, url) for url in pages}
    assert many == few
    assert max(many.values()) <= 26
    assert many["/admin/orders/order/live/"] <= 14


def test_a_list_looks_one_row_ahead_and_no_further(page: Client, opened: Opened) -> None:
    for _ in range(52):
        opened("water")
    first = page.get("/admin/orders/order/")
    assert len(first.context["cl"].result_list) == 50
    assert 'rel="next" href="?p=2"' in first.content.decode()
    second = page.get("/admin/orders/order/?p=2&shown=open")
    assert len(second.context["cl"].result_list) == 2
    assert 'rel="prev" href="?p=1&amp;shown=open"' in second.content.decode()
    assert 'rel="next"' not in second.content.decode()
    for beyond in ("99", "9" * 30, "-1", "x"):
        answer = page.get(f"/admin/orders/order/?p={beyond}", follow=True)
        assert answer.status_code == 200, beyond
    everything = page.get("/admin/orders/order/?all=")
    assert everything.status_code == 302 or len(everything.context["cl"].result_list) == 50
