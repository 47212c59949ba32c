"""Thousands of made-up requests: nothing breaks, and every answer is one that the schema says."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from restaurant.run.place import ROOT
from tests.product.conftest import new_database
from tests.product.product import Product

UNLIMITED = {"RATE_LIMIT": "1000000", "RATE_LIMIT_ANONYMOUS": "1000000"}


@pytest.fixture(scope="module")
def bold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own: a manager at random closes zones and empties the menu."""
    with (
        new_database() as url,
        Product(tmp_path_factory.mktemp("schemathesis"), url, **UNLIMITED) as product,
    ):
        yield product


@pytest.mark.once
@pytest.mark.timeout(240)
@pytest.mark.parametrize("who", ["nobody", "app", "waiter", "cook", "manager"])
def test_no_request_gets_an_answer_that_the_schema_does_not_say(bold: Product, who: str) -> None:
    token = bold.demo["tokens"].get(who)
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "--no-color"),
        *("--config-file", "tests/product/schemathesis.toml"),
        *("run", f"{bold.demo['url']}/api/v1/schema/", "--max-examples", "4"),
        *(("--header", f"Authorization: Bearer {token}") if token else ()),
    )
    done = subprocess.run(
        command, cwd=ROOT, env=bold.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout
