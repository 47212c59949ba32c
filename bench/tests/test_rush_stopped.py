"""A rush that can't go on says why, and what to do."""

import asyncio
import json
from io import StringIO

import httpx2
import pytest
from rich.console import Console

from bench.rush.api import Unanswered
from bench.rush.demo import Stopped
from bench.rush.options import Options
from bench.rush.rush import rush
from bench.tests.restaurant import DEMO, Restaurant


def test_a_token_that_is_not_known_stops_the_rush() -> None:
    async def refuse(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(401, json={"code": "not_authenticated"})

    transport = httpx2.MockTransport(refuse)
    options = Options(1, 1, 60.0, rate=None, seed=1, timeout=1)
    with pytest.raises(Stopped, match="does not know this token: was the demo started anew"):
        asyncio.run(rush(DEMO, options, Console(file=StringIO()), transport))


def test_a_product_that_is_away_is_told_at_once() -> None:
    async def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    transport = httpx2.MockTransport(away)
    options = Options(1, 1, 60.0, rate=None, seed=1, timeout=1)
    with pytest.raises(Unanswered, match="does not answer"):
        asyncio.run(rush(DEMO, options, Console(file=StringIO()), transport))


def test_a_refused_setting_is_told_in_the_products_words() -> None:
    restaurant = Restaurant()

    async def refuse(request: httpx2.Request) -> httpx2.Response:
        if request.method == "PATCH" and json.loads(request.content)["time_scale"] > 1000:
            errors = [{"pointer": "/time_scale", "detail": "At most 1000."}]
            return httpx2.Response(400, json={"code": "invalid_body", "errors": errors})
        return await restaurant.answer(request)

    transport = httpx2.MockTransport(refuse)
    options = Options(1, 1, 5000.0, rate=None, seed=1, timeout=1)
    with pytest.raises(Stopped, match=r"400 invalid_body: At most 1000\."):
        asyncio.run(rush(DEMO, options, Console(file=StringIO()), transport))
    assert restaurant.orders == {}
    assert restaurant.settings["time_scale"] == 1
