"""From whichever layer a refusal comes, over the real web process it is a problem with an id."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from django.core.cache import cache

from conftest import failing
from kitchen.models import MenuItem

Get = Callable[..., httpx2.Response]


@pytest.fixture
def get(web: str, menu: dict[str, MenuItem]) -> Iterator[Get]:
    cache.clear()
    with httpx2.Client(base_url=web) as client:
        yield client.get
    cache.clear()


def assert_is_problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    return problem


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/nothing/", "/api/", f"/api/v1/menu/{'x' * 8000}/"]
)
def test_an_address_without_anything_is_a_problem(get: Get, path: str) -> None:
    assert_is_problem(get(path), 404, "not_found")


def test_a_strange_host_is_a_problem(get: Get) -> None:
    answer = get("/api/v1/menu/", headers={"Host": "evil.example"})
    assert_is_problem(answer, 400, "bad_request")


@pytest.mark.parametrize("name", ["table", "x"])
def test_a_very_long_query_is_a_problem(get: Get, name: str) -> None:
    answer = get(f"/api/v1/menu/?{name}={'x' * 30_000}")
    assert_is_problem(answer, 400, "invalid_query")
    assert len(answer.content) < 1_000


def test_ten_thousand_names_in_a_query_are_a_problem(get: Get) -> None:
    answer = get("/api/v1/menu/?" + "&".join(f"a{n}" for n in range(10_000)))
    assert_is_problem(answer, 400, "invalid_query")
    assert len(answer.content) < 1_000


def test_who_asks_too_often_is_told_so(get: Get, settings: Any) -> None:
    settings.RATE_LIMIT_ANONYMOUS = 1
    assert get("/api/v1/menu/").status_code == 200
    problem = assert_is_problem(get("/api/v1/menu/"), 429, "rate_limited")
    assert 1 <= problem["retry_after"] <= 60


@pytest.mark.parametrize(
    "place",
    [
        "kitchen.views.item_as_json",
        "restaurant.accounts.throttling.RateLimit.allow_request",
        "django.contrib.sessions.middleware.SessionMiddleware.process_request",
        "rest_framework.renderers.JSONRenderer.render",
    ],
)
def test_a_bug_is_a_problem_wherever_it_is(
    get: Get, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(place, failing(ZeroDivisionError("secret")))
    answer = get("/api/v1/menu/")
    assert_is_problem(answer, 500, "internal")
    assert "secret" not in answer.text
