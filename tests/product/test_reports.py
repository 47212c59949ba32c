"""The reports of the running product: they follow by themselves, and say what the rows say."""

import re

from conftest import order_body
from tests.conftest import eventually
from tests.product.product import Product


def test_after_a_rush_the_reports_are_right_and_made_anew_they_are_again(
    product: Product,
) -> None:
    orders = product.get("reports/lateness/")["total"]["orders"]
    code, figures, _orders = product.rush(orders=10, speed=600)
    assert (code, figures["ready"]) == (0, 10)
    cancelled = product.place(order_body("thai-tea"))
    product.ask("app", "POST", f"orders/{cancelled['id']}/cancel/", json={"reason": "no time"})
    # Nobody asks them to: beat does.
    eventually(lambda: product.get("reports/lateness/")["total"]["orders"] >= orders + 11)
    assert "≠" not in product.manage("check_reports")
    before = product.get("reports/sales/", by="item")
    assert before["total"]["orders"] >= 10
    made = re.search(r"(\d+) events, up to", product.manage("rebuild_reports"))
    assert made
    assert int(made[1]) >= before["position"]
    after = product.get("reports/sales/", by="item")
    assert (after["rows"], after["total"]) == (before["rows"], before["total"])
    assert "≠" not in product.manage("check_reports")
