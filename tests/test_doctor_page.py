"""The page *How it runs*, and what is done from the admin about events that kill who hears them."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from kitchen.models import Ticket
from orders.models import Order
from restaurant.doctor.models import SignOfLife
from restaurant.events import relay
from restaurant.events.deaths import count_left_alone, hear_again
from restaurant.events.models import MOST_DEATHS, Death, EventRecord
from tests.test_admin_pages import DESK, browser

Opened = Callable[..., Order]
PAGE = "/admin/doctor/signoflife/"
HEARER = "kitchen.tasks.open_order"


@pytest.fixture
def page(client: Client, make_user: Callable[..., User]) -> Client:
    """A manager as most are: no superuser."""
    user = make_user("manager", "somsri")
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def deadly(deaths: int = MOST_DEATHS) -> EventRecord:
    """An event of which so many have died; the relay would tell it again in a minute."""
    later = timezone.now() + timedelta(minutes=1)
    event = EventRecord.objects.create(
        name="order.placed", subject=uuid4(), data={}, position=1, tellings=5, due_at=later
    )
    Death.objects.create(event=event, subscriber=HEARER, times=deaths, last_at=timezone.now())
    return event


def test_a_manager_sees_how_it_runs_and_what_to_do(page: Client, menu: Any) -> None:
    SignOfLife.objects.give("relay")
    text = page.get(PAGE).content.decode()
    assert 'id="finding-relay" data-state="ok"' in text
    assert 'id="finding-webhooks" data-state="ill"' in text
    assert "Start `manage.py webhooks`" in text
    assert "Start `manage.py relay`" not in text
    part = page.get(f"{PAGE}live/")
    assert "no-store" in part.headers["Cache-Control"]
    assert 'id="finding-relay" data-state="ok"' in part.content.decode()
    assert "<html" not in part.content.decode()
    assert f'href="{PAGE}"' in page.get("/admin/").content.decode()


def test_it_speaks_thai(page: Client, menu: Any) -> None:
    text = page.get(PAGE, headers={"accept-language": "th"}).content.decode()
    assert "ตัวส่งเหตุการณ์" in text
    assert "The relay" not in text
    assert "There" not in text.partition('id="findings"')[2]


def test_others_do_not_see_it(menu: Any, make_user: Callable[..., User]) -> None:
    waiter = make_user("waiter")
    waiter.is_staff = True
    waiter.save()
    inside, outside = Client(), Client()
    inside.force_login(waiter)
    for url in (PAGE, f"{PAGE}live/"):
        assert inside.get(url).status_code == 403
        assert outside.get(url).headers["Location"].startswith("/admin/login/")


# Deaths


def test_an_event_that_was_left_alone_is_found_and_told_again_by_a_button(page: Client) -> None:
    event, other = deadly(), EventRecord.objects.create(name="x", subject=uuid4(), data={})
    listed = page.get("/admin/events/eventrecord/?shown=left_alone")
    assert list(listed.context["cl"].result_list) == [event]
    url = f"/admin/events/eventrecord/{event.pk}/do/hear_again/"
    assert f'formaction="{url}"' in listed.content.decode()
    everything = page.get("/admin/events/eventrecord/").content.decode()
    assert f"/{other.pk}/do/hear_again/" not in everything
    answer = page.post(url, follow=True)
    assert [str(said) for said in answer.context["messages"]] == [f"Told again: {event}"]
    assert not Death.objects.exists()
    again, messages = relay.claim_unheard(set())
    assert again == [event]
    assert messages == [(HEARER, {"event_id": event.pk, "again": True})]
    (entry,) = LogEntry.objects.all()
    assert (entry.user.get_username(), entry.get_change_message()) == ("somsri", "Told again")
    twice = page.post(url, follow=True)
    assert [str(said) for said in twice.context["messages"]] == [f"{event}: that was done already."]


def test_who_may_only_look_has_no_such_button(
    client: Client, make_user: Callable[..., User]
) -> None:
    waiter = make_user("waiter")
    waiter.is_staff = True
    waiter.save()
    client.force_login(waiter)
    event = deadly()
    assert client.post(f"/admin/events/eventrecord/{event.pk}/do/hear_again/").status_code == 403
    assert count_left_alone() == 1


@pytest.mark.django_db
def test_an_event_that_all_have_heard_is_not_told_again() -> None:
    event = deadly()
    EventRecord.objects.update(due_at=None)
    assert hear_again(event) is False
    assert EventRecord.objects.get().due_at is None


@pytest.mark.django_db
def test_after_an_hour_it_counts_as_left_alone_no_more() -> None:
    deadly()
    assert count_left_alone() == 1
    Death.objects.update(last_at=timezone.now() - timedelta(minutes=61))
    assert count_left_alone() == 0


@pytest.mark.browser
def test_the_page_follows_the_house_without_a_reload(
    web: str, admin_user: User, client: Client, opened: Opened
) -> None:
    client.force_login(admin_user)
    opened("water")
    poison = Thread(target=quarantine_all)
    with browser(web, client, DESK) as page:
        page.goto(PAGE)
        page.evaluate("window.neverReloaded = true")
        expect(page.locator("#finding-quarantine")).to_have_attribute("data-state", "ok")
        poison.start()
        expect(page.locator("#finding-quarantine")).to_have_attribute(
            "data-state", "ill", timeout=10_000
        )
        assert page.evaluate("window.neverReloaded") is True
    poison.join()


def quarantine_all() -> None:
    """In a thread of its own, for Playwright runs a loop in the test's."""
    Ticket.objects.update(state="quarantined")
    connection.close()
