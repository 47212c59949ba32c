"""Bodies that nobody should send, and what must not come of them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import new_key
from kitchen.models import MenuItem
from orders.models import Order, OrderLine
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer


@pytest.fixture
def post_in_vain(
    menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User
) -> Callable[..., Any]:
    """Post these bytes, or this as JSON; nothing may come of it."""
    app = client_of(guest)

    def make(body: Any, content_type: str = "application/json", **headers: str) -> Any:
        raw: Any = body if isinstance(body, str | bytes) else json.dumps(body)
        response = app.generic(
            "POST",
            "/api/v1/orders/",
            raw,
            content_type=content_type,
            headers={**new_key(), **headers},
        )
        for rows in (Order, OrderLine, EventRecord, StoredAnswer):
            assert not rows.objects.exists()
        assert MenuItem.objects.get(pk="crab").portions_left == 1
        return response

    return make


def faults(problem: dict[str, Any]) -> list[tuple[str, str]]:
    assert all(fault.keys() == {"pointer", "code", "detail"} for fault in problem["errors"])
    return [(fault["pointer"], fault["code"]) for fault in problem["errors"]]
