"""A zone that is made while everything runs."""

from secrets import token_hex

from conftest import order_body
from tests.product.conftest import assert_cooked_once
from tests.product.product import Product

MAKE = """
from kitchen.models import MenuItem, RecipeStep, Zone
zone = Zone.objects.create(code="{code}", name="Steam", name_th="นึ่ง", cooks=1)
item = MenuItem.objects.create(
    code="{code}", kind="dish", name="Dim sum", name_th="ขนมจีบ", price="40.00"
)
RecipeStep.objects.create(item=item, zone=zone, prep_seconds=60)
"""


def test_a_zone_made_while_everything_runs_is_worked_on(product: Product) -> None:
    code = f"steam-{token_hex(3)}"
    product.manage("shell", "-c", MAKE.format(code=code))
    order = product.place(order_body(code, "thai-tea"))
    assert product.fired(code, code)["state"] == "fired"
    product.cook_until_ready(order)
    assert_cooked_once(product, order)
    product.change(f"menu/{code}/", available=False)
