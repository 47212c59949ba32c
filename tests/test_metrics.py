"""`/metrics`: who may read the numbers, and what they are."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from conftest import a_dead_letter, assert_problem, bring_to_pass
from kitchen import services as kitchen
from kitchen.models import Ticket
from orders.models import Order
from restaurant import environment
from restaurant.doctor.models import SignOfLife
from restaurant.doctor.reading import Reading, take_reading

Opened = Callable[..., Order]
TOKEN = "a-secret-of-prometheus-alone"
OPERATIONS = Path(__file__).parent.parent / "docs" / "operations.md"


def numbers(answer: Any) -> dict[str, dict[tuple[str, ...], float]]:
    """By name: the values of the labels, by their names' alphabet, and the number."""
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    return {
        family.name: {tuple(one.labels.values()): one.value for one in family.samples}
        for family in text_string_to_metric_families(answer.content.decode())
    }


def with_token(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_the_numbers_are_those_of_the_rows(
    opened: Opened, client_of: Callable[..., APIClient]
) -> None:
    first, ready = opened("tom-yum", "gai-yang"), opened("water")
    bring_to_pass(ready)
    kitchen.start(Ticket.objects.get(zone="grill").pk)
    Ticket.objects.filter(zone="fry").update(state="quarantined")
    a_dead_letter(first)
    SignOfLife.objects.give("relay")
    SignOfLife.objects.give("beat", Reading(queues={"pass": 3, "zone.fry": 0}, taken=2).as_json())
    found = numbers(client_of("manager").get("/metrics"))
    assert found["tamsang_orders"] == {("placed",): 2, ("preparing",): 0}
    assert found["tamsang_newest_order_number"] == {(): ready.pk}
    assert found["tamsang_tickets"]["cooking", "grill"] == 1
    assert found["tamsang_tickets"]["fired", "boil"] == 1
    assert found["tamsang_tickets"]["held", "fry"] == 0
    assert found["tamsang_trays"] == {("ready",): 1, ("late",): 0}
    assert found["tamsang_tickets_quarantined"] == {(): 1}
    assert found["tamsang_dead_letters"] == {(): 1}
    assert found["tamsang_queue_messages"] == {("pass",): 3, ("zone.fry",): 0}
    assert found["tamsang_messages_taken"] == {(): 2}
    assert set(found["tamsang_process_silent_seconds"]) == {("relay",), ("beat",)}
    assert 0 < found["tamsang_oldest_untold_seconds"][()] < 60
    assert found["tamsang_finding"]["relay",] == 0
    assert found["tamsang_finding"]["webhooks",] == 2
    assert found["tamsang_finding"]["dead_letters",] == 1


# Who may


@pytest.mark.parametrize("role", ["app", "waiter", "cook"])
def test_a_role_that_is_no_managers_may_not(
    db: None, client_of: Callable[..., APIClient], role: str
) -> None:
    assert_problem(client_of(role).get("/metrics"), 403, "forbidden")


@pytest.mark.parametrize("token", ["", "0" * 64, TOKEN, "ÿ"])
def test_nobody_without_a_token_of_ours_may_whereever_the_request_comes_from(
    db: None, token: str
) -> None:
    for client in (APIClient(REMOTE_ADDR="127.0.0.1"), with_token(token)):
        problem = client.get("/metrics")
        assert_problem(problem, 401, "not_authenticated")
        assert problem.headers["WWW-Authenticate"] == "Bearer"


def test_prometheus_may_with_its_own_token_and_with_no_other(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert "tamsang_orders" in numbers(with_token(TOKEN).get("/metrics"))
    for wrong in (TOKEN + "x", TOKEN[:-1], ""):
        assert_problem(with_token(wrong).get("/metrics"), 401, "not_authenticated")


def test_that_token_opens_nothing_else(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    scraper = with_token(TOKEN)
    for path in ("orders/", "settings/", "events/"):
        assert_problem(scraper.get(f"/api/v1/{path}"), 401, "not_authenticated")
    assert_problem(scraper.post("/metrics"), 405, "method_not_allowed")
    assert scraper.get("/admin/doctor/signoflife/").status_code == 302


def test_a_manager_may_with_a_session_too(client: Client, make_user: Callable[..., Any]) -> None:
    client.force_login(make_user("manager"))
    assert "tamsang_orders" in numbers(client.get("/metrics"))
    client.force_login(make_user("waiter"))
    assert client.get("/metrics").status_code == 403


def test_a_scraper_gets_the_one_format_whatever_it_asks_for(
    db: None, client_of: Callable[..., APIClient]
) -> None:
    asked = "application/openmetrics-text;version=1.0.0"
    assert numbers(client_of("manager").get("/metrics", headers={"Accept": asked}))


def test_a_token_that_can_be_guessed_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "prometheus")
    with pytest.raises(ImproperlyConfigured, match="METRICS_TOKEN is shorter than 24"):
        environment.secret("METRICS_TOKEN")
    monkeypatch.setenv("METRICS_TOKEN", TOKEN)
    assert environment.secret("METRICS_TOKEN") == TOKEN
    monkeypatch.delenv("METRICS_TOKEN")
    assert environment.secret("METRICS_TOKEN") == ""


# Redis


@pytest.fixture
def asked_redis(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who spoke to Redis meanwhile."""
    asked: list[str] = []

    def refuse(self: Any, *args: Any, **more: Any) -> None:
        asked.append(type(self).__name__)
        raise ConnectionError

    monkeypatch.setattr("redis.connection.AbstractConnection.connect", refuse)
    return asked


def test_neither_the_numbers_nor_the_page_speak_to_redis(
    menu: Any, admin_client: Client, asked_redis: list[str]
) -> None:
    for path in ("/metrics", "/admin/doctor/signoflife/", "/admin/doctor/signoflife/live/"):
        assert admin_client.get(path).status_code == 200
    assert asked_redis == []
    # That they would have been noticed:
    with pytest.raises(ConnectionError):
        take_reading()
    assert asked_redis != []


# The document


def test_every_number_that_the_document_names_is_there(
    menu: Any, admin_client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_FOLDER = str(tmp_path)
    SignOfLife.objects.give("worker1@kitchen")
    SignOfLife.objects.give("beat", Reading(queues={"pass": 0}).as_json())
    found = numbers(admin_client.get("/metrics"))
    named = set(re.findall(r"\btamsang_[a-z_]+", OPERATIONS.read_text()))
    assert len(named) > 10
    assert named == set(found)
