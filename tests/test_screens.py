"""The kitchen's screens in a real Chromium: pressed by touch and by key, cut off, and back."""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Route,
    ViewportSize,
    expect,
)

from conftest import bring_to_pass, cook, new_key, order_body, times_told
from kitchen import services as kitchen
from kitchen.models import MenuItem, Ticket, Tray
from orders.models import Order
from orders.services import cancel_order, serve_order
from restaurant.asgi import make_application
from restaurant.events.models import EventRecord
from restaurant.run.ports import choose_free
from tests.conftest import DESK, PATIENCE, PHONE, eventually

Opened = Callable[..., Order]
Enter = Callable[..., BrowserContext]


pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("menu")]
expect.set_options(timeout=PATIENCE * 1000)


@pytest.fixture
def enter(
    chromium: Browser, web: str, make_user: Callable[..., User], only_ours: Callable[..., None]
) -> Enter:
    """`enter("cook")`: a browser of its own in which somebody of this role is logged in."""

    def make(
        role: str, window: ViewportSize = DESK, house: str = web, locale: str = "en", **more: Any
    ) -> BrowserContext:
        client = Client()
        client.force_login(make_user(role))
        context = chromium.new_context(
            viewport=window, base_url=house, reduced_motion="reduce", locale=locale, **more
        )
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": house}])
        only_ours(context, house)
        return context

    return make


def screen(context: BrowserContext, url: str) -> Page:
    """The page, once it is live."""
    page = context.new_page()
    page.goto(url)
    expect(page.locator("#line[data-line=live]")).to_be_visible()
    return page


def card(page: Page, ticket: Ticket) -> Locator:
    return page.locator(f"#card-{ticket.pk}")


def button(page: Page, ticket: Ticket) -> Locator:
    return page.locator(f"#press-{ticket.pk}")


def press(page: Page, ticket: Ticket, key: str = "") -> None:
    """By key or by hand, once the screen takes it: neither has the card just moved below the
    finger, nor was it just pressed.
    """
    expect(card(page, ticket)).not_to_have_attribute("data-settling", "")
    if key:
        page.keyboard.press(key)
    else:
        button(page, ticket).click()


def at(zone: str, **more: Any) -> Ticket:
    return Ticket.objects.get(zone=zone, **more)


def state(ticket: Ticket) -> str:
    return Ticket.objects.values_list("state", flat=True).get(pk=ticket.pk)


@pytest.mark.usefixtures("relay", "worker")
def test_an_order_goes_from_its_post_to_the_guest_by_touch_and_by_key(
    enter: Enter, web: str, make_user: Callable[..., User]
) -> None:
    _, token = AuthToken.objects.create(user=make_user("waiter"))
    cooks = enter("cook", PHONE, has_touch=True)
    drinks, the_pass = screen(cooks, "/kitchen/drinks/"), screen(enter("waiter"), "/pass/")
    for page in (drinks, the_pass):
        page.evaluate("window.neverReloaded = true")
    expect(drinks.locator("#board")).to_contain_text("Nothing to do.")
    placed = drinks.request.post(
        f"{web}/api/v1/orders/",
        data=order_body("water", "thai-tea", allergies="milk"),
        headers={"Authorization": f"Bearer {token}", **new_key()},
    )
    assert placed.status == 201
    order = Order.objects.get()
    expect(drinks.locator("article")).to_have_count(2)
    expect(drinks.locator("#said")).to_contain_text("New: ")
    expect(the_pass.locator("article")).to_contain_text(order.label)
    water, tea = at("drinks", item="water"), at("drinks", item="thai-tea")
    expect(card(drinks, water)).to_contain_text("Allergies: milk")

    button(drinks, water).tap()
    expect(card(drinks, water)).to_have_attribute("data-state", "cooking")
    expect(the_pass.locator("article")).to_contain_text("Drinks: cooking")
    expect(card(drinks, water)).not_to_have_attribute("data-settling", "")
    button(drinks, water).tap()
    expect(card(drinks, water)).to_have_count(0)
    expect(the_pass.locator("article")).to_contain_text("Drinks: here, waits")
    expect(card(drinks, tea)).to_have_attribute("data-key", "1")
    press(drinks, tea, "Digit1")
    expect(card(drinks, tea)).to_have_attribute("data-state", "cooking")
    press(drinks, tea, "Numpad1")
    expect(drinks.locator("#board")).to_contain_text("Nothing to do.")

    the_pass.get_by_role("button", name="Serve").click()
    expect(the_pass.locator("article")).to_have_attribute("data-state", "served")
    expect(the_pass.locator("#said")).to_contain_text(f"Served: {order.label}")
    eventually(lambda: Order.objects.get().state == "served")
    assert (times_told("ticket.started"), times_told("ticket.done"), times_told("tray.served")) == (
        2,
        2,
        1,
    )
    for page in (drinks, the_pass):
        assert page.evaluate("window.neverReloaded")


@pytest.mark.usefixtures("relay")
def test_two_cooks_who_press_at_once_have_pressed_once(enter: Enter, opened: Opened) -> None:
    opened("water")
    water = at("drinks")
    pages = [screen(enter("cook"), "/kitchen/drinks/") for _ in range(2)]
    for moved in ("cooking", "done"):
        for page in pages:
            expect(card(page, water)).not_to_have_attribute("data-settling", "")
        for page in pages:
            page.evaluate(
                "id => void setTimeout(() => document.getElementById(id).click(), 50)",
                f"press-{water.pk}",
            )
        eventually(lambda: Ticket.objects.filter(state=moved).exists())  # noqa: B023  asked at once
        for page in pages:
            expect(card(page, water)).to_have_count(1 if moved == "cooking" else 0)
            if moved == "cooking":
                expect(card(page, water)).to_have_attribute("data-state", "cooking")
                expect(card(page, water)).not_to_have_attribute("data-kept", "")
    assert (times_told("ticket.started"), times_told("ticket.done")) == (1, 1)


@pytest.mark.usefixtures("relay")
def test_the_next_card_is_not_pressed_by_a_finger_that_meant_the_one_before(
    enter: Enter, opened: Opened
) -> None:
    opened("water", "thai-tea")
    first, second = Ticket.objects.filter(zone="drinks").order_by("fire_at", "id")
    page = screen(enter("cook"), "/kitchen/drinks/")
    # As soon as the other one has moved up, before anybody can have seen it.
    page.evaluate(
        """id => document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
            if (document.querySelector("article").id === id)
                document.body.dispatchEvent(
                    new KeyboardEvent("keydown", {code: "Digit1", bubbles: true}));
        }))""",
        f"card-{second.pk}",
    )
    cook(first)
    expect(card(page, second).locator(".message")).to_contain_text("The cards have just moved")
    assert state(second) == "fired"


@pytest.mark.usefixtures("relay")
def test_a_finger_that_presses_twice_does_not_start_and_finish(
    enter: Enter, opened: Opened
) -> None:
    opened("water")
    water = at("drinks")
    page = screen(enter("cook"), "/kitchen/drinks/")
    button(page, water).dblclick()
    expect(card(page, water)).to_have_attribute("data-state", "cooking")
    expect(card(page, water)).not_to_have_attribute("data-kept", "")
    assert (state(water), times_told("ticket.done")) == ("cooking", 0)


@pytest.mark.usefixtures("relay")
def test_presses_of_a_cut_off_screen_are_kept_marked_and_sent_once(
    enter: Enter, opened: Opened
) -> None:
    opened("water", "thai-tea")
    water, tea = at("drinks", item="water"), at("drinks", item="thai-tea")
    context = enter("cook")
    page = screen(context, "/kitchen/drinks/")
    context.set_offline(True)
    expect(page.locator("#banner[data-line=offline]")).to_contain_text("OFFLINE")
    for ticket in (water, tea, tea):
        press(page, ticket)
    expect(card(page, water).locator(".message")).to_have_text("Start · will be sent")
    expect(card(page, tea).locator(".message")).to_have_text("Done · will be sent")
    # What was pressed to its end is not pressed a third time; what has not gone out can be undone.
    press(page, tea)
    kept = "Object.keys(localStorage).filter(name => name.startsWith('tamsang.press.')).length"
    assert page.evaluate(kept) == 3
    page.keyboard.press("KeyU")
    expect(card(page, tea).locator(".message")).to_have_text("Start · will be sent")
    press(page, tea)
    assert page.evaluate(kept) == 3
    assert (state(water), state(tea)) == ("fired", "fired")
    # Nobody has the page open any more, and the presses are still there.
    page.close()
    context.set_offline(False)
    page = screen(context, "/kitchen/drinks/")
    expect(card(page, water)).to_have_attribute("data-state", "cooking")
    expect(card(page, tea)).to_have_count(0)
    assert (state(water), state(tea)) == ("cooking", "done")
    assert (times_told("ticket.started"), times_told("ticket.done")) == (2, 1)
    assert page.evaluate(kept) == 0


@pytest.mark.usefixtures("relay")
def test_a_done_that_comes_after_a_recall_does_not_act_and_says_so(
    enter: Enter, opened: Opened
) -> None:
    opened("water")
    water = at("drinks")
    kitchen.start(water.pk)
    context = enter("cook")
    page = screen(context, "/kitchen/drinks/")
    context.set_offline(True)
    press(page, water)
    expect(card(page, water).locator(".message")).to_contain_text("will be sent")
    kitchen.finish(water.pk)
    kitchen.recall(water.pk)
    context.set_offline(False)
    expect(card(page, water).locator(".message")).to_contain_text("taken back since you looked")
    assert state(water) == "cooking"
    assert times_told("ticket.done") == 1
    # Whoever has seen it may finish it.
    press(page, water)
    expect(card(page, water)).to_have_count(0)
    assert times_told("ticket.done") == 2


@pytest.mark.usefixtures("relay")
def test_a_press_whose_answer_is_lost_is_sent_again_with_the_same_key(
    enter: Enter, opened: Opened
) -> None:
    opened("water")
    water = at("drinks")
    page = screen(enter("cook"), "/kitchen/drinks/")
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            # It arrives, and its answer does not.
            route.fetch()
            route.abort()
        elif len(keys) == 2:
            route.fulfill(status=503, json={"status": 503, "code": "database_unavailable"})
        else:
            route.continue_()

    page.route("**/start/", lose)
    press(page, water)
    expect(card(page, water)).to_have_attribute("data-state", "cooking")
    expect(card(page, water)).not_to_have_attribute("data-kept", "")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert times_told("ticket.started") == 1


@pytest.mark.usefixtures("relay")
def test_a_screen_that_hears_nothing_says_so_and_looks_by_itself(
    enter: Enter, opened: Opened
) -> None:
    context = enter("cook")
    context.route("**/stream/", lambda route: route.abort())
    page = screen(context, "/kitchen/drinks/")
    banner = page.locator("#banner")
    expect(banner).to_contain_text("STALE")
    opened("water")
    expect(page.locator("article")).to_have_count(1)
    expect(banner).to_contain_text("STALE")
    context.route("**/board/", lambda route: route.abort())
    expect(banner).to_contain_text("OFFLINE")
    opened("thai-tea")
    context.unroute("**/stream/")
    context.unroute("**/board/")
    expect(page.locator("#line[data-line=live]")).to_contain_text("Live")
    expect(banner).to_be_hidden()
    expect(page.locator("article")).to_have_count(2)


class House:
    """A web process that can be stopped and started again at the same address."""

    def __init__(self) -> None:
        self.port = choose_free()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        config = uvicorn.Config(
            make_application(),
            host="127.0.0.1",
            port=self.port,
            log_level="critical",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)
        self.thread = Thread(target=self.server.run)
        self.thread.start()
        eventually(lambda: self.server.started)

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def house(only_session: None) -> Iterator[House]:
    house = House()
    house.start()
    yield house
    house.stop()


@pytest.mark.usefixtures("relay")
def test_a_screen_outlives_a_restart_of_the_web_process(
    enter: Enter, opened: Opened, house: House
) -> None:
    opened("water")
    water = at("drinks")
    page = screen(enter("cook", house=house.url), "/kitchen/drinks/")
    page.evaluate("window.neverReloaded = true")
    house.stop()
    expect(page.locator("#banner[data-line=offline]")).to_be_visible()
    press(page, water)
    expect(card(page, water).locator(".message")).to_contain_text("will be sent")
    opened("thai-tea")
    house.start()
    expect(page.locator("#line[data-line=live]")).to_contain_text("Live")
    expect(page.locator("article")).to_have_count(2)
    expect(card(page, water)).to_have_attribute("data-state", "cooking")
    assert times_told("ticket.started") == 1
    assert page.evaluate("window.neverReloaded")


@pytest.mark.usefixtures("relay")
def test_the_last_done_is_taken_back_by_key_by_button_and_from_the_list(
    enter: Enter, opened: Opened
) -> None:
    opened("water")
    water = at("drinks")
    page = screen(enter("cook"), "/kitchen/drinks/")
    undos: list[Callable[[], None]] = [
        lambda: page.keyboard.press("Backspace"),
        lambda: page.locator("#undo").click(),
        lambda: page.locator(f"#recall-{water.pk}").click(),
    ]
    press(page, water)
    for times, undo in enumerate(undos, start=1):
        expect(card(page, water)).to_have_attribute("data-state", "cooking")
        press(page, water)
        expect(page.locator("#last-press")).to_contain_text("Done: 1 × Water")
        expect(card(page, water)).to_have_count(0)
        undo()
        expect(card(page, water)).to_have_attribute("data-seen", str(times))
        expect(page.locator("#last-press")).to_contain_text("Taken back: 1 × Water")
    page.keyboard.press("Digit0")
    expect(page.locator("#last-press")).to_have_text("There is nothing to undo.")
    assert (times_told("ticket.done"), times_told("ticket.recalled")) == (3, 3)


@pytest.mark.usefixtures("relay")
def test_what_was_cancelled_is_cried_out_and_its_stop_confirmed(
    enter: Enter, opened: Opened
) -> None:
    order = opened("water")
    water = at("drinks")
    kitchen.start(water.pk)
    page = screen(enter("cook"), "/kitchen/drinks/")
    cancel_order(order, "the guest left")
    expect(card(page, water)).to_contain_text("Stop: cancelled")
    expect(page.locator("#cried")).to_contain_text("Stop, it was cancelled: 1 × Water")
    press(page, water, "Digit1")
    expect(card(page, water)).to_have_count(0)
    assert times_told("ticket.stopped") == 1


@pytest.mark.usefixtures("relay")
def test_a_refused_press_is_said_on_its_card_and_dropped(enter: Enter, opened: Opened) -> None:
    opened("tom-yum")
    boil, fry = at("boil"), at("fry")
    cook(boil)
    page = screen(enter("cook"), "/kitchen/boil/")
    page.route("**/board/", lambda route: route.abort())
    kitchen.start(fry.pk)
    page.locator(f"#recall-{boil.pk}").click()
    row = page.locator(f"li[data-ticket='{boil.pk}'] .message")
    expect(row).to_contain_text("The next zone has begun with it already.")
    assert (state(boil), times_told("ticket.recalled")) == ("done", 0)


@pytest.mark.usefixtures("relay")
def test_86_is_asked_twice_and_taken_back_at_once(enter: Enter, opened: Opened) -> None:
    opened("water")
    page = screen(enter("cook"), "/kitchen/drinks/")
    page.locator("#out-water").click()
    page.get_by_role("button", name="No, keep it").click()
    assert MenuItem.objects.get(pk="water").available
    page.locator("#out-water").click()
    page.locator("#ask").get_by_role("button", name="86: sold out").click()
    expect(page.locator("#back-water")).to_be_visible()
    assert not MenuItem.objects.get(pk="water").available
    page.locator("#back-water").click()
    expect(page.locator("#out-water")).to_be_visible()
    assert MenuItem.objects.get(pk="water").available


@pytest.mark.usefixtures("relay")
def test_what_a_guest_sends_back_is_cooked_again_for_a_reason(enter: Enter, opened: Opened) -> None:
    order = opened("water")
    bring_to_pass(order)
    serve_order(order)
    the_pass = screen(enter("waiter"), "/pass/")
    drinks = screen(enter("cook"), "/kitchen/drinks/")
    again = the_pass.locator(f"#again-{at('drinks').line_ref}")
    again.click()
    the_pass.locator("#ask").get_by_role("button", name="No").click()
    again.click()
    confirm = the_pass.locator("#ask").get_by_role("button", name="Cook again")
    confirm.click()
    # Nothing is thrown away without a reason.
    expect(the_pass.locator("#ask")).to_be_visible()
    the_pass.get_by_label("Why?").fill("a fly in it")
    confirm.click()
    expect(drinks.locator("article")).to_contain_text("Cooked again ×1")
    expect(the_pass.locator("#said")).to_contain_text("Cooked again: 1 × Water")
    expect(the_pass.locator("article")).to_have_attribute("data-state", "waiting")
    told_of = EventRecord.objects.get(name="line.refired").data
    assert told_of["reason"] == "a fly in it"


@pytest.mark.usefixtures("relay")
def test_the_focus_stays_where_it_was_when_the_board_is_swapped(
    enter: Enter, opened: Opened
) -> None:
    opened("water")
    water = at("drinks")
    page = screen(enter("cook"), "/kitchen/drinks/")
    button(page, water).focus()
    opened("thai-tea")
    expect(page.locator("article")).to_have_count(2)
    assert page.evaluate("document.activeElement.id") == f"press-{water.pk}"


@pytest.mark.usefixtures("relay")
def test_sound_needs_a_touch_and_its_switch_is_remembered(enter: Enter, opened: Opened) -> None:
    context = enter("cook")
    page = screen(context, "/kitchen/drinks/")
    sound = page.locator("#sound")
    expect(sound).to_have_text("Touch for sound")
    page.locator("h1").click()
    expect(sound).to_have_text("Sound on")
    page.keyboard.press("KeyM")
    expect(sound).to_have_text("Sound off")
    expect(sound).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(sound).to_have_text("Sound off")


@pytest.mark.usefixtures("relay")
def test_who_was_logged_out_is_told_and_loses_no_press(
    enter: Enter, opened: Opened, make_user: Callable[..., User], web: str
) -> None:
    opened("water")
    water = at("drinks")
    context = enter("cook")
    page = screen(context, "/kitchen/drinks/")
    context.clear_cookies()
    press(page, water)
    expect(page.locator("#banner[data-line=left]")).to_contain_text("You are logged out")
    assert state(water) == "fired"
    user = make_user("cook", "somchai")
    user.set_password("krapow-moo-sap")
    user.save()
    page.goto("/kitchen/drinks/")
    page.get_by_label("Username").fill("somchai")
    page.get_by_label("Password").fill("krapow-moo-sap")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(card(page, water)).to_have_attribute("data-state", "cooking")
    assert times_told("ticket.started") == 1


def make_busy(opened: Opened) -> Order:
    """Something of all that the screens can show; an order of which most is told."""
    order = opened("tom-yum", "pad-krapow", ("water", 2), allergies="peanuts", note="no rush")
    late, cancelled = opened("pad-krapow", "gai-yang"), opened("crab")
    kitchen.start(at("fry", tray__order_ref=late.ref).pk)
    kitchen.start(at("fry", tray__order_ref=cancelled.ref).pk)
    cancel_order(cancelled, "left")
    cook(at("boil"))
    bring_to_pass(order, 2)
    Ticket.objects.filter(tray__order_ref=late.ref).update(prep_seconds=1)
    Tray.objects.filter(order_ref=late.ref).update(promised_at=late.placed_at)
    MenuItem.objects.filter(pk="lobster").update(available=False)
    return order


@pytest.mark.once
@pytest.mark.parametrize(
    ("window", "language", "colours"),
    [(PHONE, "th", "dark"), (DESK, "en", "light")],
    ids=["phone", "desk"],
)
def test_every_page_fits_and_axe_finds_nothing(
    enter: Enter, opened: Opened, window: ViewportSize, language: str, colours: str
) -> None:
    trace = f"/trace/{make_busy(opened).ref}/"
    axe = Axe()
    manager, waiter = (
        enter(role, window, locale=language, color_scheme=colours) for role in ("manager", "waiter")
    )
    zones = [f"/kitchen/{zone}/" for zone in ("fry", "drinks", "grill")]
    visits = [(manager, url) for url in ("/login/", "/kitchen/", *zones, "/pass/", trace)]
    for context, url in [*visits, (waiter, "/kitchen/fry/")]:
        page = context.new_page()
        page.goto(url)
        page.wait_for_load_state()
        for opens in ("", "#help-button", "[data-available=false]"):
            if opens and not page.locator(opens).count():
                continue
            if opens:
                page.locator(opens).first.click()
            found = axe.run(page)
            assert found.violations_count == 0, (url, opens, found.generate_report())
            if opens:
                page.keyboard.press("Escape")
        wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], (url, wide)
        small = page.evaluate(
            "[...document.querySelectorAll('button, a')].filter(one => one.checkVisibility()"
            " && one.getBoundingClientRect().height < 47.5).map(one => one.outerHTML)"
        )
        assert small == [], (url, small)
        page.close()
