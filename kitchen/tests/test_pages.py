"""The kitchen's screens as they are served: who may look, what stands there, what it costs."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import bring_to_pass, cook
from kitchen import services
from kitchen.models import MenuItem, Ticket, Tray, Zone
from orders.models import Order
from orders.services import cancel_order, serve_order
from restaurant.events.models import EventRecord

Opened = Callable[..., Order]

PAGES = ["/kitchen/", "/kitchen/fry/", "/pass/"]
PARTS = ["/kitchen/fry/board/", "/pass/board/"]
THAI = {"accept-language": "th"}

pytestmark = pytest.mark.usefixtures("menu")


@pytest.fixture
def screen_of(make_user: Callable[..., User]) -> Callable[[str], Client]:
    """`screen_of("cook")`: a browser in which somebody of this role is logged in."""

    def make(role: str) -> Client:
        client = Client()
        client.force_login(make_user(role))
        return client

    return make


@pytest.fixture
def screen(screen_of: Callable[[str], Client]) -> Client:
    return screen_of("cook")


def text(client: Client, url: str, **more: Any) -> str:
    """What the page says, without its tags; spaces as one reads them."""
    answer = client.get(url, **more)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def at(zone: str, **more: Any) -> Ticket:
    return Ticket.objects.get(zone=zone, **more)


@pytest.mark.parametrize("url", PAGES)
def test_who_is_not_logged_in_is_asked_to_and_comes_back(client: Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={url}")


@pytest.mark.parametrize("url", PARTS)
def test_a_part_of_a_page_never_becomes_the_form_to_log_in(client: Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("app", set()),
        ("waiter", {"/kitchen/", "/pass/", "/pass/board/"}),
        ("cook", {*PAGES, *PARTS}),
        ("manager", {*PAGES, *PARTS}),
    ],
)
def test_each_role_sees_its_screens(
    screen_of: Callable[[str], Client], role: str, may: set[str]
) -> None:
    client = screen_of(role)
    for url in (*PAGES, *PARTS):
        answer = client.get(url)
        assert answer.status_code == (200 if url in may else 403), url
        assert answer.headers["Cache-Control"] == "no-store"
        if url not in may:
            assert b"ask a manager for the role" in answer.content
    assert client.get("/kitchen/nowhere/").status_code == (404 if "/kitchen/fry/" in may else 403)


def test_a_cook_who_is_not_staff_of_the_admin_can_log_in(
    client: Client, make_user: Callable[..., User]
) -> None:
    user = make_user("cook", "somchai")
    user.set_password("krapow-moo-sap")
    user.save()
    assert not user.is_staff
    name = {"username": "somchai", "next": "/kitchen/fry/"}
    wrong = client.post("/login/", name | {"password": "gai"})
    assert b'role="alert"' in wrong.content
    answer = client.post("/login/", name | {"password": "krapow-moo-sap"})
    assert answer.headers["Location"] == "/kitchen/fry/"
    assert client.get("/kitchen/fry/").status_code == 200
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert client.get("/kitchen/fry/").status_code == 302


def test_a_waiter_is_led_to_the_pass_and_not_to_the_zones(
    screen_of: Callable[[str], Client], screen: Client
) -> None:
    assert b'href="/kitchen/fry/"' in screen.get("/kitchen/").content
    page = screen_of("waiter").get("/kitchen/").content
    assert b'href="/pass/"' in page
    assert b'href="/kitchen/fry/"' not in page


def test_a_card_tells_all_that_its_cook_must_know(screen: Client, opened: Opened) -> None:
    opened(
        "tom-yum",
        "pad-krapow",
        ("water", 2),
        table="A3",
        channel="dine_in",
        quantity=2,
        note="no rush",
        allergies="<peanuts>",
    )
    services.start(at("rice").pk)
    services.start(at("boil").pk)
    services.finish(at("boil").pk)
    order = Order.objects.get()
    page = screen.get("/kitchen/fry/board/").content.decode()
    assert "<b>Allergies:</b> <bdi>&lt;peanuts&gt;</bdi>" in page
    assert '<p class="note"><bdi>no rush</bdi></p>' in page
    said = text(screen, "/kitchen/fry/board/")
    assert f"#{order.number} · A3 tray 1 of 2 2 × Tom Yum" in said
    assert "from Boil" in said
    assert "Rice: cooking" in said
    assert "then Fry" not in said
    cards = re.findall(r'data-key="(\d)"', page)
    assert cards == ["1", "2"]
    assert 'data-seconds="120"' in page


def test_what_comes_after_a_step_is_said_before_it(screen: Client, opened: Opened) -> None:
    opened("tom-yum")
    assert "then Fry" in text(screen, "/kitchen/boil/board/")


def test_prep_times_run_as_fast_as_the_house(screen: Client, opened: Opened) -> None:
    opened("gai-yang")
    services.change_settings(time_scale=60)
    assert b'data-seconds="5"' in screen.get("/kitchen/grill/board/").content


def test_the_board_is_in_fire_order(screen: Client, opened: Opened) -> None:
    first, second = opened("water"), opened("thai-tea")
    Ticket.objects.filter(tray__order_ref=second.ref).update(
        fire_at=timezone.now() - timedelta(hours=1)
    )
    said = text(screen, "/kitchen/drinks/board/")
    assert said.index(f"#{second.number} ·") < said.index(f"#{first.number} ·")


def test_what_was_cancelled_while_it_cooked_asks_for_a_stop(screen: Client, opened: Opened) -> None:
    order = opened("water", "thai-tea")
    services.start(at("drinks", item="water").pk)
    cancel_order(order, "left")
    page = screen.get("/kitchen/drinks/board/").content.decode()
    assert page.count("<article") == 1
    assert "data-cancelled" in page
    assert 'data-verb="stop"' in page
    said = text(screen, "/kitchen/drinks/board/")
    assert "Stop: cancelled · 1 × Water" in said
    assert "All day Nothing." in said


def test_what_is_held_is_coming_and_what_was_done_lately_can_be_undone(
    screen: Client, opened: Opened
) -> None:
    opened("tom-yum")
    said = text(screen, "/kitchen/fry/board/")
    assert "Nothing to do." in said
    assert "Coming 1 × Tom Yum" in said
    assert "from Boil" in said
    cook(at("boil"))
    assert "Done lately 1 × Tom Yum" in text(screen, "/kitchen/boil/board/")
    Ticket.objects.filter(zone="boil").update(done_at=timezone.now() - timedelta(minutes=11))
    assert "Done lately" not in text(screen, "/kitchen/boil/board/")


def test_the_counts_of_the_day_are_of_what_is_still_to_be_made(
    screen: Client, opened: Opened
) -> None:
    opened("water", quantity=3)
    opened("water", "thai-tea", quantity=4)
    cook(at("drinks", item="water", quantity=3))
    said = text(screen, "/kitchen/drinks/board/")
    assert "All day Water × 4 86 Water Thai Tea × 1 86 Thai Tea" in said


def test_what_is_sold_out_can_be_brought_back_if_it_was_taken_off(screen: Client) -> None:
    MenuItem.objects.filter(pk="water").update(available=False)
    MenuItem.objects.filter(pk="thai-tea").update(portions_left=0)
    said = text(screen, "/kitchen/drinks/board/")
    assert "Sold out" in said
    assert "Water Bring back Water" in said
    assert "Thai Tea no portion left" in said
    assert "Crab" not in said


def test_more_than_fits_is_counted(screen: Client, opened: Opened) -> None:
    opened(*["water"] * 65)
    page = screen.get("/kitchen/drinks/board/").content.decode()
    assert page.count("<article") == 60
    assert "and 5 more" in page
    assert re.findall(r'data-key="(\d+)"', page) == [str(n) for n in range(1, 10)]


def test_the_pass_shows_what_is_missing_and_how_long_the_rest_has_waited(
    screen_of: Callable[[str], Client], opened: Opened
) -> None:
    late, early = opened("pad-krapow", ("water", 2)), opened("gai-yang")
    Tray.objects.filter(order_ref=late.ref).update(promised_at=timezone.now() + timedelta(hours=1))
    cook(at("rice"))
    services.start(at("fry").pk)
    bring_to_pass(late, 2)
    waiter = screen_of("waiter")
    said = text(waiter, "/pass/board/")
    ready, coming = said.split("Coming together")
    assert f"#{late.number} · takeaway tray 2 of 2" in ready
    assert "Serve" in ready
    assert coming.index(f"#{early.number} ·") < coming.index(f"#{late.number} ·")
    assert "Rice: here, waits" in coming
    assert "Fry: cooking" in coming
    assert "Serve" not in coming
    # Cooks look, waiters serve.
    assert (
        "Serve"
        not in text(screen_of("cook"), "/pass/board/").split("Coming")[0].split("Ready to serve")[1]
    )
    serve_order(late, 2)
    assert "Nothing waits to be served." in text(waiter, "/pass/board/")


def test_what_has_stood_at_the_pass_for_too_long_can_be_seen(
    screen: Client, opened: Opened
) -> None:
    services.change_settings(pass_limit_seconds=120, time_scale=4)
    assert b'data-limit="30"' in screen.get("/pass/board/").content


def test_what_was_thrown_away_is_neither_shown_as_done_nor_as_there(
    screen: Client, opened: Opened
) -> None:
    order = opened("water", "thai-tea")
    cook(at("drinks", item="water"))
    services.refire(order.ref, 1, at("drinks", item="water").line_ref, "spilt", "somchai")
    said = text(screen, "/kitchen/drinks/board/")
    assert "Done lately" not in said
    assert said.count("Cooked again ×1") == 1
    assert "here, waits" not in text(screen, "/pass/board/")


def test_a_waiter_can_have_cooked_again_what_was_begun_and_what_was_served_lately(
    screen_of: Callable[[str], Client], opened: Opened
) -> None:
    order = opened("water", ("thai-tea", 2))
    waiter = screen_of("waiter")
    assert "Cook again" not in text(waiter, "/pass/board/")
    bring_to_pass(order)
    serve_order(order)
    said = text(waiter, "/pass/board/").split("Served lately")[1]
    assert said.count("Cook again…") == 2
    assert "Cook again" not in text(screen_of("cook"), "/pass/board/")
    Tray.objects.update(served_at=timezone.now() - timedelta(minutes=11))
    assert "Served lately" not in text(waiter, "/pass/board/")


def test_a_page_speaks_its_readers_language(screen: Client, opened: Opened) -> None:
    Zone.objects.filter(pk="boil").update(name_th="ต้ม")
    MenuItem.objects.filter(pk="tom-yum").update(name_th="ต้มยำกุ้ง")
    opened("tom-yum", allergies="กุ้ง")
    thai = screen.get("/kitchen/boil/", headers=THAI).content.decode()
    assert '<html lang="th">' in thai
    for words in ("ต้มยำกุ้ง", "แพ้อาหาร", "เริ่ม"):
        assert words in thai
    assert "Tom Yum" not in thai
    assert "Tom Yum" in screen.get("/kitchen/boil/").content.decode()


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize("url", ["/kitchen/drinks/board/", "/pass/board/"])
def test_a_full_board_asks_no_more_than_an_empty_one(
    screen: Client, opened: Opened, url: str
) -> None:
    opened("water", ("thai-tea", 2))
    few = queries(screen, url)
    for _ in range(5):
        bring_to_pass(opened("water", "tom-yum", ("thai-tea", 2)), 2)
    assert queries(screen, url) == few
    # Session, user and roles among them.
    assert few <= 10


def test_a_press_of_the_page_is_a_press_of_the_api(
    make_user: Callable[..., User], opened: Opened
) -> None:
    opened("water")
    page = Client(enforce_csrf_checks=True)
    page.force_login(make_user("cook"))
    page.get("/kitchen/drinks/")
    url, body = f"/api/v1/tickets/{at('drinks').pk}/start/", {"seen": 0}
    assert page.post(url, body, "application/json").status_code == 403
    headers = {"X-CSRFToken": page.cookies["csrftoken"].value, "Idempotency-Key": "k" * 32}
    for _ in range(2):
        answer = page.post(url, body, "application/json", headers=headers)
        assert answer.json()["state"] == "cooking"
    assert EventRecord.objects.filter(name="ticket.started").count() == 1
