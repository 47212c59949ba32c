"""What goes wrong outside of the business: stable codes, and nothing of our inside."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from rest_framework import status
from rest_framework.exceptions import Throttled
from rest_framework.test import APIClient

from conftest import assert_problem, failing
from restaurant.api import RETRYABLE, STATUS_OF_KIND, TITLES, pointer, problem_response
from restaurant.errors import (
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Unavailable,
    VersionMismatch,
    VersionRequired,
)

ORDERS = "/api/v1/orders/"


@pytest.fixture
def app(client_of: Callable[..., APIClient]) -> APIClient:
    client = client_of("manager")
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("address", ["nothing/", "orders/42/", "menu/a/b/", "orders/%00/", "../"])
def test_an_address_without_anything_is_a_problem(app: APIClient, address: str) -> None:
    assert_problem(app.get(f"/api/v1/{address}"), 404, "not_found")


def test_outside_of_the_api_a_plain_line_says_so(db: None) -> None:
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.content == b"Not found: There is nothing at this address.\n"


@pytest.mark.parametrize("secret", ["x", "%00", "a.b", "%F0%9F%8C%B6", "x" * 500])
def test_a_tracking_page_that_never_was_is_not_found(db: None, secret: str) -> None:
    assert Client().get(f"/track/{secret}/").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_not_there_is_a_problem(app: APIClient, method: str) -> None:
    for client in (app, APIClient()):
        assert_problem(client.generic(method, ORDERS), 405, "method_not_allowed")


def test_what_is_allowed_is_told_and_nothing_else(app: APIClient) -> None:
    for address, allowed in [(ORDERS, "GET, POST, HEAD"), ("/api/v1/zones/fry/", "PATCH")]:
        assert app.delete(address).headers["Allow"] == allowed


def test_head_is_a_get_without_a_body(app: APIClient) -> None:
    get, head = app.get(ORDERS), app.head(ORDERS)
    assert (head.status_code, head.headers["Content-Type"]) == (200, "application/json")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


@pytest.mark.parametrize("address", [ORDERS, "/api/v1/menu/", "/api/v1/nothing/"])
def test_nobody_on_the_way_keeps_an_answer(app: APIClient, address: str) -> None:
    for client in (app, APIClient()):
        assert client.get(address).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "address", ["menu/?x=1", "menu/?cursor=x", "menu/water/?a=", "settings/?x"]
)
def test_a_name_in_the_address_that_nobody_knows_is_refused(app: APIClient, address: str) -> None:
    problem = assert_problem(app.get(f"/api/v1/{address}"), 400, "invalid_query")
    assert len(problem["errors"]) == 1


def test_a_body_does_not_make_up_for_a_wrong_address(app: APIClient) -> None:
    answer = app.patch("/api/v1/settings/?time_scale=2", {}, format="json")
    assert_problem(answer, 400, "invalid_query")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", ";;;", "a/b;c*0=d"])
def test_nothing_but_json_is_answered(app: APIClient, accept: str) -> None:
    answer = app.get(ORDERS, headers={"Accept": accept})
    assert_problem(answer, 406, "not_acceptable")


def test_a_strange_host_is_refused(app: APIClient) -> None:
    answer = app.get(ORDERS, headers={"Host": "evil.example"})
    assert_problem(answer, 400, "bad_request")
    assert b"evil" not in answer.content


def test_a_bug_of_ours_is_a_problem_without_a_word_of_the_trace(
    app: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orders.services.find_order", failing(ZeroDivisionError("secret")))
    answer = app.get(f"{ORDERS}00000000-0000-0000-0000-000000000000/")
    problem = assert_problem(answer, 500, "internal")
    assert problem["retryable"] is False
    for word in (b"secret", b"Traceback", b"ZeroDivision", b".py"):
        assert word not in answer.content


@pytest.mark.parametrize("error", [OperationalError("no route"), InterfaceError("closed")])
@pytest.mark.parametrize(
    "place", ["orders.services.find_order", "restaurant.accounts.permissions.roles_of"]
)
def test_a_database_that_is_away_is_asked_again_later(
    app: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception, place: str
) -> None:
    monkeypatch.setattr(place, failing(error))
    answer = app.get(f"{ORDERS}00000000-0000-0000-0000-000000000000/")
    problem = assert_problem(answer, 503, "database_unavailable")
    assert (problem["retryable"], problem["retry_after"]) == (True, 2)
    assert answer.headers["Retry-After"] == "2"
    assert b"no route" not in answer.content


def test_a_database_that_is_away_before_any_view_is_the_same_problem(
    app: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "django.contrib.auth.middleware.AuthenticationMiddleware.process_request",
        failing(OperationalError("no route")),
    )
    problem = assert_problem(app.get(ORDERS), 503, "database_unavailable")
    assert problem["retry_after"] == 2


def test_who_asks_too_often_is_told_when_to_come_back(
    app: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wait, seconds in ((17, 17), (0.2, 1)):
        monkeypatch.setattr("orders.views.OrderList.get", failing(Throttled(wait)))
        problem = assert_problem(app.get(ORDERS), 429, "rate_limited")
        assert problem["retry_after"] == seconds


def test_each_kind_of_refusal_has_one_status() -> None:
    assert {
        Refused: status.HTTP_409_CONFLICT,
        Invalid: status.HTTP_400_BAD_REQUEST,
        Forbidden: status.HTTP_403_FORBIDDEN,
        NotFound: status.HTTP_404_NOT_FOUND,
        Unavailable: status.HTTP_503_SERVICE_UNAVAILABLE,
        VersionRequired: status.HTTP_428_PRECONDITION_REQUIRED,
        VersionMismatch: status.HTTP_412_PRECONDITION_FAILED,
        DomainError: status.HTTP_422_UNPROCESSABLE_ENTITY,
    } == STATUS_OF_KIND
    assert {408, 429, 503} == RETRYABLE
    assert {*STATUS_OF_KIND.values(), *RETRYABLE} <= TITLES.keys()


def test_a_refusal_says_its_first_line_and_its_code() -> None:
    class OutOfIce(Refused):
        """There is no ice.

        Not for the guest's eyes.
        """

    assert (OutOfIce().detail, OutOfIce().code) == ("There is no ice.", "out_of_ice")
    assert str(OutOfIce("Come back in summer.", left=0)) == "Come back in summer."
    assert OutOfIce(left=0).facts == {"left": 0}


@pytest.mark.parametrize(
    ("attr", "place"),
    [
        (None, ""),
        ("non_field_errors", ""),
        ("table", "/table"),
        ("lines/0/quantity", "/lines/0/quantity"),
        ("lines/0/non_field_errors", "/lines/0"),
    ],
)
def test_a_place_in_the_body_is_a_json_pointer(attr: str | None, place: str) -> None:
    assert pointer(attr) == place


def test_a_problem_from_outside_of_a_view_has_the_same_members(rf: Any) -> None:
    request = rf.get("/api/v1/orders/")
    request.request_id = "7"
    answer = problem_response(request, 429, "rate_limited", "Too often.", retry_after=3)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "3"
    assert answer.content == (
        b'{"type": "urn:tamsang:problem:rate_limited", "title": "Too many requests",'
        b' "status": 429, "detail": "Too often.", "instance": "/api/v1/orders/",'
        b' "code": "rate_limited", "request_id": "7", "retryable": true, "retry_after": 3}'
    )
