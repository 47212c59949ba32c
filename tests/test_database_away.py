"""The database is busy or gone: everybody is told so within 5 s, and nothing is half done."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any
from unittest.mock import patch

import httpx2
import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from knox.models import AuthToken

from conftest import new_key, order_body
from kitchen.models import MenuItem
from orders.models import Order

#: Nobody waits for longer than this.
LONGEST = 5.0


@contextmanager
def somebody_writes_for_ever() -> Iterator[None]:
    """Another process holds the lock that an order needs."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(config["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    told = {name: config[key] for name, key in names.items() if config[key]}
    with psycopg.connect(dbname=config["NAME"], **told) as other:
        other.execute("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def nobody_there() -> Iterator[None]:
    """Whoever connects from now on finds no database."""
    gone = (
        {"NAME": "/no/such/folder/db.sqlite3"}
        if connection.vendor == "sqlite"
        else {"HOST": "127.0.0.1", "PORT": "1"}
    )
    with patch.dict(connections.settings["default"], gone):
        yield


@pytest.fixture
def ask(
    web: str, guest: User, menu: dict[str, MenuItem]
) -> Iterator[Callable[..., httpx2.Response]]:
    """`ask("POST", "orders/", json=…)` as a guest's app, which is answered in time."""
    _, token = AuthToken.objects.create(user=guest)

    def make(method: str, path: str, headers: Any = None, **more: Any) -> httpx2.Response:
        told = {"Authorization": f"Bearer {token}", **(headers or new_key())}
        url = path if path.startswith("/") else f"/api/v1/{path}"
        begun = monotonic()
        answer = client.request(method, url, headers=told, **more)
        assert monotonic() - begun < LONGEST
        return answer

    with httpx2.Client(base_url=web, timeout=30) as client:
        yield make


def assert_away(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "2"
    problem = answer.json()
    assert (problem["code"], problem["retryable"]) == ("database_unavailable", True)
    assert problem["request_id"] == answer.headers["X-Request-ID"]


def test_an_order_that_can_not_be_written_is_refused_in_time_and_may_be_sent_again(
    ask: Callable[..., httpx2.Response],
) -> None:
    key, body = new_key(), order_body("water")
    with somebody_writes_for_ever():
        assert_away(ask("POST", "orders/", key, json=body))
    assert not Order.objects.exists()
    again = ask("POST", "orders/", key, json=body)
    assert again.status_code == 201
    assert "Idempotency-Replayed" not in again.headers


@pytest.mark.parametrize(
    "path", ["menu/", "orders/", f"orders/{'0' * 8}-0000-4000-8000-{'0' * 12}/"]
)
def test_without_a_database_everybody_is_told_so(
    ask: Callable[..., httpx2.Response], path: str
) -> None:
    with nobody_there():
        assert_away(ask("GET", path))
        assert_away(ask("POST" if path == "orders/" else "GET", path, json=order_body("water")))


def test_without_a_database_a_long_poll_is_not_waited_for(
    ask: Callable[..., httpx2.Response],
) -> None:
    with nobody_there():
        assert_away(ask("GET", f"orders/{'0' * 8}-0000-4000-8000-{'0' * 12}/?wait=30"))


def test_without_a_database_the_process_lives_and_is_not_ready(
    ask: Callable[..., httpx2.Response],
) -> None:
    with nobody_there():
        assert ask("GET", "/livez").status_code == 200
        assert ask("GET", "/readyz").status_code == 503
