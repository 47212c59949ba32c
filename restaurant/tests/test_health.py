"""Is the process alive, is it ready?"""

from typing import Any

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from restaurant.events.models import EventRecord


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_a_process_that_answers_is_alive_without_a_database(client: Client) -> None:
    # No `db` fixture: a question to the database would fail the test.
    answer = client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_with_a_migrated_and_writable_database_it_is_ready(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


def test_before_the_migrations_it_is_not_ready(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not migrated"})


def test_while_the_database_is_away_it_is_not_ready(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: Any, **more: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(EventRecord.objects, "filter", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert b"refused" not in answer.content


def test_every_answer_has_a_request_id_of_its_own(client: Client) -> None:
    first, second = (client.get("/livez").headers["X-Request-ID"] for _ in range(2))
    assert len(first) == len(second) == 32
    assert first != second
