"""Rate limits: who asks too often is told when to ask again."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from kitchen.models import MenuItem

pytestmark = pytest.mark.usefixtures("menu")


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock stands at 12 s past a minute, and nothing has been counted."""
    monkeypatch.setattr(time, "time", lambda: 60 * 1000 + 12.0)
    cache.clear()
    yield
    cache.clear()


def test_a_caller_who_asks_too_often_is_told_when_to_ask_again(
    client_of: Callable[..., APIClient], settings: Any
) -> None:
    settings.RATE_LIMIT = 3
    app = client_of("app")
    assert [app.get("/api/v1/orders/").status_code for _ in range(3)] == [200, 200, 200]
    refused = app.get("/api/v1/orders/")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "48"
    problem = refused.json()
    assert (problem["code"], problem["retryable"], problem["retry_after"]) == (
        "rate_limited",
        True,
        48,
    )
    assert client_of("app").get("/api/v1/orders/").status_code == 200


def test_the_next_minute_is_a_new_one(
    client_of: Callable[..., APIClient],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.RATE_LIMIT = 1
    app = client_of("app")
    assert [app.get("/api/v1/orders/").status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr(time, "time", lambda: 60 * 1001 + 1.0)
    assert app.get("/api/v1/orders/").status_code == 200


def test_callers_without_a_login_are_counted_by_their_real_address(
    settings: Any, menu: dict[str, MenuItem]
) -> None:
    settings.RATE_LIMIT_ANONYMOUS = 2
    client = APIClient()
    answers = [
        client.get("/api/v1/menu/", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
