"""The manager's pages of the kitchen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client

from conftest import open_trays
from kitchen.models import MenuItem, Ticket, Zone
from orders.models import Order

Place = Callable[..., Order]


@pytest.fixture
def manager(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def recipe_form(item: MenuItem) -> dict[str, Any]:
    """The item's recipe as its page posts it."""
    steps = list(item.steps.all())
    management = {"TOTAL_FORMS": len(steps), "INITIAL_FORMS": len(steps), "MIN_NUM_FORMS": 0}
    fields = {
        f"{place}-{name}": value
        for place, step in enumerate(steps)
        for name, value in {
            "id": step.pk,
            "item": item.pk,
            "track": step.track,
            "position": step.position,
            "zone": step.zone_id,
            "prep_seconds": step.prep_seconds,
        }.items()
    }
    return {f"steps-{name}": value for name, value in (management | fields).items()}


def test_a_form_that_was_opened_before_an_order_does_not_give_its_portions_back(
    manager: Client, menu: dict[str, MenuItem]
) -> None:
    url = "/admin/kitchen/menuitem/crab/change/"
    page = manager.get(url)
    assert 'name="initial-portions_left" value="1"' in page.content.decode()
    form = page.context["adminform"].form
    shown = {name: value for name, value in form.initial.items() if value is not None}
    recipe = recipe_form(MenuItem.objects.get(pk="crab"))
    MenuItem.objects.filter(pk="crab").update(portions_left=F("portions_left") - 1)
    # The form still says 1; only the name is changed in it.
    shown_before = {f"initial-{name}": value for name, value in shown.items()}
    answer = manager.post(url, {**shown, **shown_before, **recipe, "name": "Blue crab"})
    assert answer.status_code == 302, answer.context["errors"]
    crab = MenuItem.objects.get(pk="crab")
    assert (crab.name, crab.portions_left, crab.stock_said_at) == ("Blue crab", 0, None)
    manager.post(url, {**shown, **shown_before, **recipe, "portions_left": "7"})
    crab.refresh_from_db()
    assert crab.portions_left == 7
    assert crab.stock_said_at is not None


def test_states_can_not_be_edited(manager: Client, place: Place) -> None:
    (tray,) = open_trays(place("water"))
    ticket = tray.tickets.get()
    for model, pk in (("ticket", ticket.pk), ("tray", tray.pk)):
        url = f"/admin/kitchen/{model}/{pk}/change/"
        assert manager.get(url).status_code == 200
        assert manager.post(url, {"state": "done"}).status_code == 403
    ticket.refresh_from_db()
    assert ticket.state == "fired"


def test_a_quarantined_ticket_is_tried_again_and_that_is_logged(
    manager: Client, place: Place
) -> None:
    (tray,) = open_trays(place("water", "thai-tea"))
    poison, _fine = tray.tickets.order_by("track")
    Ticket.objects.filter(pk=poison.pk).update(state="quarantined")
    answer = manager.post(
        "/admin/kitchen/ticket/",
        {"action": "try_again", "_selected_action": [poison.pk]},
        follow=True,
    )
    poison.refresh_from_db()
    assert poison.state == "held"
    said = [str(message) for message in answer.context["messages"]]
    assert said == [f"Tried again: {poison}"]
    history = manager.get(f"/admin/kitchen/ticket/{poison.pk}/history/").content.decode()
    assert "Tried again" in history


def test_every_page_of_the_kitchen_opens(manager: Client, place: Place) -> None:
    order = place("tom-yum", "water")
    (tray,) = open_trays(order)
    ticket = tray.tickets.first()
    assert ticket is not None
    assert ticket.parked is not None
    Ticket.objects.update(parked={"secret": "message"})
    zone = Zone.objects.first()
    assert zone is not None
    for page in (
        "",
        "kitchen/zone/",
        f"kitchen/zone/{zone.pk}/change/",
        "kitchen/menuitem/",
        "kitchen/menuitem/tom-yum/change/",
        "kitchen/tray/",
        f"kitchen/tray/{tray.pk}/change/",
        "kitchen/ticket/?zone__code__exact=boil",
        f"kitchen/ticket/{ticket.pk}/change/",
        "kitchen/kitchensettings/1/change/",
        "orders/order/?q=1",
        f"orders/order/{order.pk}/change/",
        "events/eventrecord/",
    ):
        answer = manager.get(f"/admin/{page}")
        assert answer.status_code == 200, page
        assert b"secret" not in answer.content, page
