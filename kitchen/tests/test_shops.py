"""Shops in the admin, on the menu that is loaded, and among the roles."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from kitchen import services
from kitchen.models import MenuItem, Shop, Zone
from orders.models import Order
from restaurant.accounts.roles import shop_of

pytestmark = pytest.mark.django_db
SHOPS = "/admin/kitchen/shop/"


@pytest.fixture
def manager(make_user: Callable[..., User]) -> Client:
    user = make_user("manager")
    user.is_staff = True
    user.save()
    call_command("migrate", verbosity=0)
    page = Client()
    page.force_login(User.objects.get(pk=user.pk))
    return page


def test_a_manager_makes_a_shop_and_its_group_and_gives_it_a_zone(
    manager: Client, menu: dict[str, MenuItem]
) -> None:
    made = {"code": "kafae", "name": "Kafae", "name_th": "กาแฟ", "place": "0"}
    assert manager.post(f"{SHOPS}add/", made).status_code == 302
    assert Group.objects.filter(name="shop:kafae").exists()
    zone = "/admin/kitchen/zone/drinks/change/"
    form = manager.get(zone).context["adminform"].form
    fields = {name: form.initial.get(name) or "" for name in form.fields}
    initial = {f"initial-{name}": value for name, value in fields.items()}
    changed = {**initial, **fields, "is_open": "on", "initial-is_open": "on", "shop": "kafae"}
    answer = manager.post(zone, changed)
    assert answer.status_code == 302, answer.context["errors"]
    assert Zone.objects.get(pk="drinks").shop_id == "kafae"
    assert "Drinks" in manager.get(SHOPS).content.decode()
    item = manager.get("/admin/kitchen/menuitem/water/change/").content.decode()
    assert "Kafae" in item


def test_a_shop_is_deleted_once_no_zone_is_its(
    manager: Client, food_court: dict[str, Shop], place: Callable[..., Order]
) -> None:
    order, nam = place("water"), f"{SHOPS}nam/delete/"
    assert manager.post(nam, {"post": "yes"}).status_code == 403
    with pytest.raises(ProtectedError):
        services.remove_shop(food_court["nam"])
    assert Group.objects.filter(name="shop:nam").exists()
    Zone.objects.update(shop=None)
    assert manager.post(nam, {"post": "yes"}).status_code == 302
    assert not Shop.objects.filter(code="nam").exists()
    assert not Group.objects.filter(name="shop:nam").exists()
    assert order.lines.get().shop == "nam"


def test_the_demos_menu_is_that_of_two_shops() -> None:
    call_command("load_menu", verbosity=0)
    assert services.zones_of_shops() == {
        "krua": {"fry", "grill", "boil", "sides", "rice"},
        "nam": {"drinks"},
    }
    sold = {item.code: item.shop for item in MenuItem.objects.with_shops()}
    assert (sold["tom-yum"], sold["thai-tea"]) == ("krua", "nam")
    assert set(sold.values()) == {"krua", "nam"}
    Shop.objects.update(name="Another")
    call_command("load_menu", verbosity=0)
    assert set(Shop.objects.values_list("name", flat=True)) == {"Another"}


def test_a_menu_need_have_no_shops(tmp_path: Path) -> None:
    file = tmp_path / "menu.toml"
    file.write_text('items = []\n[[zones]]\ncode = "fry"\nname = "Fry"\nname_th = "ทอด"\n')
    call_command("load_menu", file, verbosity=0)
    assert Zone.objects.get().shop is None


def test_each_shop_of_the_demo_has_an_account_with_a_token(settings: Any) -> None:
    settings.DEMO = True
    said = StringIO()
    call_command("demo", stdout=said)
    tokens = json.loads(said.getvalue())["tokens"]
    assert set(tokens) == {"app", "app2", "waiter", "cook", "manager", "krua", "nam"}
    zones = APIClient().get("/api/v1/zones/", headers={"Authorization": f"Bearer {tokens['nam']}"})
    assert [zone["code"] for zone in zones.json()] == ["drinks"]


def test_a_token_is_made_for_an_account_of_a_shop(food_court: dict[str, Shop]) -> None:
    call_command("make_token", "till", "shop:nam", stdout=StringIO(), stderr=StringIO())
    assert shop_of(AuthToken.objects.get().user) == "nam"
    Group.objects.create(name="friends")
    for unknown in ("shop:unknown", "shop", "friends"):
        with pytest.raises(CommandError, match="no role"):
            call_command("make_token", "till", unknown)
