"""Which mails are written: each event once, in the guest's language, and shown to nobody."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, new_key, order_body
from kitchen.models import MenuItem, Ticket
from notifications import services
from notifications.models import Delivery, FeedReader, Guest, Mail
from notifications.tasks import forget_deliveries
from notifications.tests.conftest import number
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer

Place = Callable[..., Order]
URL = "/api/v1/orders/"
ADDRESS = "somchai@guests.example"


@pytest.fixture
def app(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> APIClient:
    return client_of(guest)


def post(app: APIClient, headers: dict[str, str] | None = None, **more: Any) -> Any:
    body = order_body("water", **more)
    return app.post(URL, body, format="json", headers={**new_key(), **(headers or {})})


def follow_all(position: int = 0) -> int:
    number()
    while (further := services.follow(position)) != position:
        position = further
    return position


def make_ready(order: Order) -> None:
    bring_to_pass(order)
    orders.follow_kitchen(order.ref)


def test_a_guest_is_written_to_when_the_order_is_ready(opened: Place) -> None:
    order = opened("water", email=ADDRESS, home="https://eat.example/")
    make_ready(order)
    follow_all()
    mail = Mail.objects.get()
    assert (mail.name, mail.state, mail.guest.email) == ("order.ready", "waiting", ADDRESS)
    assert mail.event == EventRecord.objects.get(name="order.ready").uuid
    assert mail.subject == f"Order #{order.number} is ready"
    assert mail.body == (
        f"Hello,\n\nyour order #{order.number} is ready.\n\n"
        f"Your order is here: https://eat.example/track/{order.tracking_secret}/\n\n"
        "You get this mail because this address was given with the order.\n"
    )


def test_a_guest_is_told_in_thai_that_and_why_it_was_cancelled(place: Place) -> None:
    order = place("water", email=ADDRESS, language="th")
    orders.cancel_order(order, "ไฟดับ\r\nSubject: x")
    follow_all()
    mail = Mail.objects.get()
    assert mail.subject == f"ออเดอร์ #{order.number} ถูกยกเลิกแล้ว"
    assert f"ออเดอร์ #{order.number} ของคุณถูกยกเลิกแล้ว เหตุผล: ไฟดับ Subject: x\n\n" in mail.body


def test_what_the_house_itself_says_is_said_in_the_guests_language(place: Place) -> None:
    order = place("water", email=ADDRESS, language="th")
    orders.following.cancel(order.ref, "The kitchen can make nothing of it.")
    follow_all()
    assert "ครัวไม่สามารถทำอาหารในออเดอร์นี้ได้" in Mail.objects.get().body


def test_who_gave_no_address_gets_no_mail_and_nothing_is_written(opened: Place) -> None:
    order = opened("water")
    last = follow_all()
    make_ready(order)
    assert follow_all(last) > last
    assert not Mail.objects.exists()
    assert not Guest.objects.exists()
    assert FeedReader.objects.get().position == last


def test_what_is_read_twice_is_written_once(opened: Place) -> None:
    order = opened("water", email=ADDRESS)
    make_ready(order)
    last = follow_all()
    assert services.follow(0) == last
    mail = Mail.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Mail.objects.create(guest=mail.guest, event=mail.event, name=mail.name)


def test_a_mail_that_still_waits_is_overtaken_by_what_came_later(opened: Place) -> None:
    order = opened("water", email=ADDRESS)
    make_ready(order)
    last = follow_all()
    line = Ticket.objects.get().line_ref
    orders.refire_line(order, line, "it fell", by="somsak")
    last = follow_all(last)
    assert not Mail.objects.exists()
    orders.cancel_order(order, "no more")
    follow_all(last)
    assert Mail.objects.get(state="waiting").name == "order.cancelled"


def test_nobody_who_has_eaten_is_told_that_it_is_ready(opened: Place) -> None:
    order = opened("water", email=ADDRESS)
    make_ready(order)
    orders.serve_order(order)
    follow_all()
    assert not Mail.objects.exists()


def test_a_mail_that_was_sent_is_not_overtaken(opened: Place) -> None:
    order = opened("water", email=ADDRESS)
    make_ready(order)
    last = follow_all()
    assert services.send_next()
    orders.refire_line(order, Ticket.objects.get().line_ref, "it fell", by="somsak")
    follow_all(last)
    assert Mail.objects.get().state == "delivered"


@pytest.mark.parametrize(
    ("headers", "more", "language"),
    [
        ({}, {}, "en"),
        ({"Accept-Language": "th"}, {}, "th"),
        ({"Accept-Language": "fr, th;q=0.5"}, {}, "th"),
        ({"Accept-Language": "th"}, {"language": "en"}, "en"),
        ({}, {"language": "th"}, "th"),
    ],
)
def test_the_body_says_the_language_or_else_the_request(
    app: APIClient, headers: dict[str, str], more: dict[str, str], language: str
) -> None:
    answer = post(app, headers, email=ADDRESS, **more)
    assert answer.status_code == 201
    guest = Guest.objects.get()
    assert guest.language == language
    assert guest.tracking_url == answer.json()["tracking_url"]
    assert guest.number == answer.json()["number"]


@pytest.mark.parametrize(
    "email",
    [
        *(
            "x",
            "a@b",
            "a@b.c, d@e.f",
            " a@b.example",
            "a@b.example ",
            "a@b.example\n",
            "สมชาย@b.example",
        ),
        *(
            "a@b.example\r\nBcc: c@d.example",
            "Somchai <a@b.example>",
            '"\t"@b.example',
            7,
            None,
            True,
        ),
        ["a@b.example"],
        "a" * 245 + "@b.example",
    ],
)
def test_what_is_no_address_is_refused(app: APIClient, email: Any) -> None:
    problem = assert_problem(post(app, email=email), 400, "invalid_body")
    assert problem["errors"][0]["pointer"] == "/email"
    assert not Guest.objects.exists()
    assert not Order.objects.exists()


def test_the_longest_address_is_taken(app: APIClient) -> None:
    local, domain = "a" * 60, ".".join(["b" * 62] * 3)
    longest = f"{local}@{domain}.example"[-254:]
    assert post(app, email=longest).status_code == 201
    assert Guest.objects.get().email == longest


def test_an_order_that_is_refused_leaves_no_address(app: APIClient) -> None:
    body = order_body("nothing-we-have", email=ADDRESS)
    answer = app.post(URL, body, format="json", headers=new_key())
    assert answer.status_code == 400
    assert not Guest.objects.exists()


def test_the_address_stands_in_its_row_and_nowhere_else(
    app: APIClient, guest: User, caplog: pytest.LogCaptureFixture, client_of: Callable[..., Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    services.add_endpoint(guest, "https://shop.example/hook", services.may_be_chosen())
    answer = post(app, email=ADDRESS)
    order = Order.objects.get()
    orders.cancel_order(order, "no time")
    follow_all()
    assert services.send_next()
    told = [
        answer.content.decode(),
        *(app.get(f"{URL}{path}").content.decode() for path in ("", f"{order.ref}/events/")),
        app.get("/api/v1/events/").content.decode(),
        client_of("cook").get(f"{URL}{order.ref}/").content.decode(),
        Client().get(f"/track/{order.tracking_secret}/").content.decode(),
        json.dumps(list(EventRecord.objects.values_list("data", flat=True))),
        *Delivery.objects.values_list("body", flat=True),
        *(bytes(body).decode() for body in StoredAnswer.objects.values_list("body", flat=True)),
        caplog.text,
    ]
    assert Delivery.objects.count() == 3
    assert [text for text in told if ADDRESS in text or "guests.example" in text] == []
    assert Mail.objects.get().guest.email == ADDRESS


def test_addresses_are_forgotten_with_what_was_written_there(opened: Place, settings: Any) -> None:
    old, fresh = (opened("water", email=ADDRESS) for _ in range(2))
    for order in (old, fresh):
        make_ready(order)
    follow_all()
    long_ago = timezone.now() - settings.MAILS_KEPT - timedelta(hours=1)
    Guest.objects.filter(order_ref=old.ref).update(placed_at=long_ago)
    forget_deliveries()
    assert Guest.objects.get().order_ref == fresh.ref
    assert Mail.objects.get().guest_id == fresh.ref


@pytest.fixture
def manager(client: Client, make_user: Callable[..., User]) -> Client:
    """Staff, with what the role brings and nothing else."""
    user = make_user("manager")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(user)
    return client


def test_a_manager_sees_what_was_written_and_sends_it_again(manager: Client, place: Place) -> None:
    order = place("water", email=ADDRESS)
    orders.cancel_order(order, "no time")
    follow_all()
    page = f"/admin/orders/order/{order.pk}/change/"
    said = manager.get(page).content.decode()
    assert ADDRESS in said
    assert "was cancelled" in said
    mail = Mail.objects.get()
    again = f"/admin/notifications/mail/{mail.pk}/do/mail_again/"
    manager.post(again, {"confirmed": "1"})
    assert services.send_next()
    assert "sent" in manager.post(again, {"confirmed": "1"}, follow=True).content.decode().lower()
    mail.refresh_from_db()
    assert (mail.state, mail.tries) == ("waiting", 0)
    Mail.objects.update(state="dead")
    listed = manager.get("/admin/notifications/mail/?shown=dead").content.decode()
    assert ADDRESS in listed
    assert services.count_dead_mails() == 1
