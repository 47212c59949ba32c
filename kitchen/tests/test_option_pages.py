"""The manager's pages of options, and where people read what was chosen."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape
from rest_framework.test import APIClient

from conftest import open_trays
from kitchen.models import Option, OptionGroup
from orders.models import Order
from orders.services import NewLine, NewOrder, place_order

GROUP = "/admin/kitchen/optiongroup/extras/change/"
THAI = {"Accept-Language": "th"}

pytestmark = pytest.mark.usefixtures("choices")


@pytest.fixture
def page(client: Client, make_user: Callable[..., User]) -> Client:
    """A manager who is no superuser."""
    manager = make_user("manager")
    manager.is_staff = True
    manager.save()
    client.force_login(manager)
    return client


@pytest.fixture
def made_to_order(guest: User) -> Order:
    line = NewLine("pad-krapow", 2, 1, options=["tofu", "fried-egg"])
    order, _ = place_order(NewOrder("takeaway", "a-client", [line]), principal=guest)
    open_trays(order)
    return order


def form_of(*options: dict[str, Any], old: int = 0, **more: Any) -> dict[str, Any]:
    """The page of a group as it is posted; the first `old` of its options are there already."""
    fields = {
        f"options-{place}-{name}": value
        for place, option in enumerate(options)
        for name, value in option.items()
    }
    management = {"options-TOTAL_FORMS": len(options), "options-INITIAL_FORMS": old}
    group = {"name": "Extras", "name_th": "เพิ่ม", "many": "on", "place": 1}
    return {**group, "items": ["water"], **management, **fields, **more}


def row(option: Option, **changed: Any) -> dict[str, Any]:
    """An option in its group's form, with what somebody changed in it."""
    shown = {
        "id": option.pk,
        "group": option.group_id,
        "name": option.name,
        "name_th": option.name_th,
        "code": option.code,
        "price": option.price,
        "available": "on",
        "place": option.place,
    }
    return {name: value for name, value in (shown | changed).items() if value is not None}


def test_a_group_and_its_options_are_made_on_one_page(page: Client) -> None:
    ice = {"name": "No ice", "name_th": "ไม่ใส่น้ำแข็ง", "code": "no-ice", "price": "-5", "place": 0}
    answer = page.post("/admin/kitchen/optiongroup/add/", form_of(ice, code="ice"))
    assert answer.status_code == 302, answer.context["errors"]
    (group,) = APIClient().get("/api/v1/menu/water/").json()["options"]
    assert (group["code"], group["choose"], group["required"]) == ("ice", "any", False)
    # Its box was not ticked.
    assert [(o["code"], o["price"], o["available"]) for o in group["options"]] == [
        ("no-ice", "-5.00", False)
    ]


def test_a_code_that_another_option_has_is_refused(page: Client) -> None:
    pork = {"name": "Pork", "name_th": "หมู", "code": "pork", "price": "5", "place": 0}
    answer = page.post("/admin/kitchen/optiongroup/add/", form_of(pork, code="second-meat"))
    assert "Option with this Code already exists." in answer.content.decode()
    assert not OptionGroup.objects.filter(pk="second-meat").exists()


def test_an_option_that_is_sold_out_while_its_form_is_open_stays_sold_out(page: Client) -> None:
    egg, rice = Option.objects.filter(group="extras")
    assert 'name="initial-options-0-available"' in page.get(GROUP).content.decode()
    Option.objects.filter(pk=egg.pk).update(available=False)
    form = form_of(row(egg, price="12.00"), row(rice), old=2)
    # The box is still ticked, as it was shown.
    shown = {f"initial-options-{place}-available": "True" for place in (0, 1)}
    assert page.post(GROUP, form | shown).status_code == 302
    egg.refresh_from_db()
    assert (str(egg.price), egg.available) == ("12.00", False)


def test_the_code_of_an_option_that_is_there_is_not_changed(page: Client) -> None:
    egg, rice = Option.objects.filter(group="extras")
    form = form_of(row(egg, code="duck-egg", name="Duck egg"), row(rice), old=2)
    assert page.post(GROUP, form).status_code == 302
    egg.refresh_from_db()
    assert (egg.code, egg.name) == ("fried-egg", "Duck egg")


def test_nothing_of_it_is_deleted(page: Client) -> None:
    egg, rice = Option.objects.filter(group="extras")
    form = form_of(row(egg, DELETE="on"), row(rice), old=2)
    assert page.post(GROUP, form).status_code == 302
    for address in (GROUP, f"/admin/kitchen/option/{egg.pk}/change/"):
        delete = address.replace("change", "delete")
        assert page.post(delete, {"post": "yes"}).status_code == 403
    assert Option.objects.filter(group="extras").count() == 2


def test_the_steps_of_an_option_are_changed_on_its_own_page(page: Client) -> None:
    pork = Option.objects.get(code="pork")
    steps = {
        "steps-TOTAL_FORMS": 1,
        "steps-INITIAL_FORMS": 0,
        "steps-0-position": 1,
        "steps-0-zone": "grill",
        "steps-0-prep_seconds": 90,
    }
    answer = page.post(f"/admin/kitchen/option/{pork.pk}/change/", {**row(pork), **steps})
    assert answer.status_code == 302, answer.context["errors"]
    listed = page.get("/admin/kitchen/option/?q=pork").content.decode()
    assert "grill 90 s" in listed
    assert "grill 90 s" in page.get("/admin/kitchen/optiongroup/meat/change/").content.decode()


def test_an_option_is_86ed_from_the_list_and_brought_back(page: Client) -> None:
    prawns = Option.objects.get(code="prawns")
    for verb, available in (("eighty_six", False), ("bring_back", True)):
        page.post(f"/admin/kitchen/option/{prawns.pk}/do/{verb}/")
        prawns.refresh_from_db()
        assert prawns.available is available
        sold_out = page.get("/admin/kitchen/option/?shown=sold_out").context["cl"]
        assert list(sold_out.result_list) == ([] if available else [prawns])


def test_the_page_of_an_item_leads_to_its_groups(page: Client) -> None:
    shown = page.get("/admin/kitchen/menuitem/pad-krapow/change/").content.decode()
    assert 'href="/admin/kitchen/optiongroup/meat/change/">Meat</a>: Pork, Tofu, Prawns' in shown
    assert GROUP in shown
    none = page.get("/admin/kitchen/menuitem/water/change/").content.decode()
    assert "No options." in none
    assert "No options." in page.get("/admin/kitchen/menuitem/add/").content.decode()


def test_what_was_chosen_is_read_wherever_the_order_is_shown(
    page: Client, made_to_order: Order
) -> None:
    tray = made_to_order.lines.get()
    assert tray.options
    for address in (
        f"/admin/orders/order/{made_to_order.pk}/change/",
        "/admin/kitchen/ticket/",
        f"/track/{made_to_order.tracking_secret}/",
    ):
        assert "Tofu, Fried egg" in page.get(address).content.decode(), address
    thai = page.get(f"/admin/orders/order/{made_to_order.pk}/change/", headers=THAI)
    assert "tofu, fried-egg" in thai.content.decode()


def test_the_timeline_calls_an_egg_an_egg(page: Client, made_to_order: Order) -> None:
    shown = page.get(f"/admin/orders/order/{made_to_order.pk}/change/").content.decode()
    assert escape("Fry may begin: Pad Krapow") in shown
    assert escape("Fry may begin: Fried egg (Pad Krapow)") in shown


def test_cooks_and_waiters_read_what_was_chosen_in_their_language(
    page: Client, made_to_order: Order
) -> None:
    for address in ("/kitchen/fry/", "/pass/"):
        assert "<li><bdi>Fried egg</bdi></li>" in page.get(address).content.decode(), address
        assert "<li><bdi>fried-egg</bdi></li>" in page.get(address, headers=THAI).content.decode()
