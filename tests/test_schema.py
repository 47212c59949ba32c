"""The schema says every operation, and the page that shows it asks nobody else."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from knox.models import AuthToken
from playwright.sync_api import sync_playwright
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from kitchen.models import MenuItem
from restaurant.accounts.permissions import ANYONE
from restaurant.api import TITLES
from restaurant.operations import Api
from tests.contract import schema
from tests.test_access import ALLOWED

#: They show the schema and are not of it.
OF_THE_SCHEMA = {"schema/", "docs/"}
#: Answers to what is no operation at all.
OF_NO_OPERATION = {"method_not_allowed"}


def operations() -> dict[tuple[str, str], Any]:
    return {
        (address.removeprefix("/api/v1/"), method.upper()): said
        for address, methods in schema()["paths"].items()
        for method, said in methods.items()
    }


def test_the_schema_has_every_route_and_method_and_no_other() -> None:
    served = {
        (re.sub(r"<\w+:(\w+)>", r"{\1}", route), method)
        for route, methods in ALLOWED.items()
        for method in methods
        if route not in OF_THE_SCHEMA
    }
    assert set(operations()) == served


def test_an_operation_says_who_may_as_the_access_rules_do() -> None:
    allowed = {re.sub(r"<\w+:(\w+)>", r"{\1}", route): ALLOWED[route] for route in ALLOWED}
    for (address, method), said in operations().items():
        anyone = "nobody" in allowed[address][method]
        assert ({} in said["security"]) is anyone
        assert ("403" in said["responses"]) is not anyone


def test_every_status_of_the_house_is_one_that_some_operation_says() -> None:
    said = {int(status) for operation in operations().values() for status in operation["responses"]}
    assert said - {200, 201, 204, 304} == set(TITLES) - {405}


def test_every_code_of_the_contract_is_one_that_some_operation_says() -> None:
    codes = {
        code
        for operation in operations().values()
        for answer in operation["responses"].values()
        for body in answer.get("content", {}).values()
        for part in body["schema"].get("allOf", [])
        for code in part.get("properties", {}).get("code", {}).get("enum", [])
    }
    assert codes == {
        *("invalid_body", "unknown_field", "unknown_item", "invalid_query", "bad_request"),
        *("unknown_option", "duplicate_option", "too_many_options", "option_required"),
        *("idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_reused"),
        *("idempotency_in_progress", "not_authenticated", "forbidden", "not_found"),
        *("not_acceptable", "request_timeout", "sold_out", "zone_closed", "illegal_transition"),
        *("duplicate_client_ref", "too_large", "bad_media_type", "rate_limited", "internal"),
        *("kitchen_full", "database_unavailable", "version_required", "version_mismatch"),
        "unknown_line",
        *("too_many_endpoints", "still_waiting"),
        *("nothing_due", "more_than_due", "not_paid", "card_number"),
    }
    assert not codes & OF_NO_OPERATION


def test_a_method_that_has_not_said_itself_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    class Silent(Api):
        allowed = {"GET": ANYONE}

        def get(self, request: Request) -> Response:
            return Response()

    generator: Any = SchemaGenerator
    made = generator(patterns=[path("api/v1/silent/", Silent.as_view())]).get_schema()
    assert made["paths"] == {}
    assert "GET /api/v1/silent/ needs an @operation" in capsys.readouterr().err


def test_bodies_are_as_strict_as_they_are_read() -> None:
    for said in operations().values():
        for body in said.get("requestBody", {}).get("content", {}).values():
            name = body["schema"]["$ref"].rsplit("/", 1)[1]
            assert schema()["components"]["schemas"][name]["additionalProperties"] is False


def test_anybody_may_read_the_schema(db: None) -> None:
    answer = APIClient().get("/api/v1/schema/")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["openapi"] == "3.1.1"
    assert answer.json()["paths"] == schema()["paths"]


@pytest.mark.browser
def test_the_page_of_the_schema_asks_nobody_else_and_can_be_tried(
    web: str, menu: dict[str, MenuItem], make_user: Callable[..., User]
) -> None:
    _, token = AuthToken.objects.create(user=make_user("cook"))
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        page = chromium.new_page(base_url=web)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend([said.text] * (said.type == "error")))
        page.goto("/api/v1/docs/")
        page.locator("button.authorize").first.click()
        page.locator("section input").fill(token)
        page.locator(".auth-btn-wrapper button.authorize").click()
        page.locator("button.btn-done").click()
        page.locator("#operations-zones-get_zones button").first.click()
        page.locator("#operations-zones-get_zones .try-out__btn").click()
        page.locator("#operations-zones-get_zones button.execute").click()
        page.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
        assert '"code": "fry"' in page.locator(".live-responses-table").inner_text()
        chromium.close()
    assert complaints == []
    assert f"{web}/api/v1/zones/" in asked
    assert [url for url in asked if not url.startswith((web, "data:"))] == []
