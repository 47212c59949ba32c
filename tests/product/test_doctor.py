"""`./run manage doctor` beside the running product: what it says of real processes."""

import json
import subprocess
from typing import Any

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from conftest import order_body
from restaurant.run.place import ROOT
from tests.conftest import eventually
from tests.product.product import PATIENCE, Json, Product


def doctor(product: Product) -> tuple[int, dict[str, Json]]:
    """The exit code, and the findings by name."""
    done = subprocess.run(
        product.command("manage", "doctor", "--json"),
        cwd=ROOT,
        env=product.env,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, {one["name"]: one for one in json.loads(done.stdout)["findings"]}


def of_processes(findings: dict[str, Json]) -> dict[str, str]:
    names = ("relay", "webhooks", "beat", "workers", "answers", "redis", "untold", "unheard")
    return {name: findings[name]["state"] for name in names}


def test_a_house_at_work_is_well(product: Product) -> None:
    order = product.place(order_body("thai-tea"))
    product.cook_until_ready(order)

    def is_well() -> bool:
        _code, findings = doctor(product)
        return set(of_processes(findings).values()) == {"ok"}

    eventually(is_well, PATIENCE)
    _code, findings = doctor(product)
    assert findings["workers"]["says"] == "2 alive."
    assert "worker1@" in findings["answers"]["says"]
    assert "appendonly: yes" in findings["redis"]["says"]


def test_a_relay_that_stands_still_is_told_with_what_to_do(product: Product) -> None:
    with product.frozen("relay"):
        order = product.place(order_body("thai-tea"))

        def is_told() -> Any:
            code, findings = doctor(product)
            return code == 1 and findings["untold"]["state"] != "ok" and findings

        untold = eventually(is_told, PATIENCE)["untold"]
        assert "Look whether the relay runs" in untold["to_do"]
    product.cook_until_ready(order)
    eventually(lambda: doctor(product)[1]["untold"]["state"] == "ok", PATIENCE)


def test_while_redis_hangs_doctor_says_so_and_the_page_and_the_numbers_come(
    product: Product,
) -> None:
    with product.frozen("redis"):
        code, findings = doctor(product)
        assert (code, findings["redis"]["state"]) == (1, "ill")
        assert "answers" not in findings
        numbers = metrics(product)
        assert numbers["tamsang_finding"]["relay",] >= 0
    eventually(lambda: doctor(product)[1]["redis"]["state"] == "ok", PATIENCE)


def metrics(product: Product) -> dict[str, dict[tuple[str, ...], float]]:
    token = {"Authorization": f"Bearer {product.demo['tokens']['manager']}"}
    answer = httpx2.get(f"{product.demo['url']}/metrics", headers=token, timeout=5)
    assert answer.status_code == 200
    return {
        family.name: {tuple(one.labels.values()): one.value for one in family.samples}
        for family in text_string_to_metric_families(answer.text)
    }
