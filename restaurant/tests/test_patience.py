"""A caller's 5 s are spent once: who has waited for a thread waits less for a lock."""

from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from restaurant.patience import LEAST, WAITED, PatienceMiddleware

pytestmark = pytest.mark.django_db(transaction=True)


def told_to_the_database() -> float:
    """For how many seconds a lock is waited for, all waits of a request together."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout")
            return int(cursor.fetchone()[0]) / 1000
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'lock_timeout'")
        return 2 * int(cursor.fetchone()[0]) / 1000


def ask(waited: float, get_response: Any) -> HttpResponse:
    request = RequestFactory().get("/")
    request.META["asgi.scope"] = {WAITED: waited}
    return PatienceMiddleware(get_response)(request)


@pytest.mark.parametrize(
    ("waited", "left"),
    [(0.0, settings.PATIENCE_SECONDS), (1.5, settings.PATIENCE_SECONDS - 1.5), (9.0, LEAST)],
)
def test_what_was_waited_for_a_thread_is_not_waited_for_a_lock(waited: float, left: float) -> None:
    seen: list[float] = []

    def get_response(request: HttpRequest) -> HttpResponse:
        seen.append(told_to_the_database())
        return HttpResponse()

    connection.ensure_connection()
    ask(waited, get_response)
    assert seen == [left]
    assert told_to_the_database() == settings.PATIENCE_SECONDS


def test_the_next_request_of_the_thread_has_all_its_patience_after_a_failure() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise OperationalError("database is locked")

    connection.ensure_connection()

    with pytest.raises(OperationalError):
        ask(2.0, fail)
    assert told_to_the_database() == settings.PATIENCE_SECONDS


def test_nobody_is_connected_to_the_database_for_this() -> None:
    connection.close()
    assert ask(2.0, lambda _: HttpResponse("alive")).content == b"alive"
    assert connection.connection is None


def test_a_server_that_says_nothing_of_waiting_is_no_trouble() -> None:
    request = RequestFactory().get("/")
    answer = PatienceMiddleware(lambda _: HttpResponse("fine"))(request)
    assert answer.content == b"fine"
