"""Who has waited for a thread waits less for the database: both together end before 5 s."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse

#: In the ASGI scope: how many seconds this request has waited for a thread.
WAITED = "waited_for_a_thread"
#: Seconds of which nothing is taken off, so that in quiet times no statement is spent on this.
NOT_WORTH_IT = 0.25
#: Seconds that are always left: who is let in at last may do something.
LEAST = 0.25


class PatienceMiddleware:
    """A request's locks are waited for as long as its caller can still bear it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        waited: float = request.META.get("asgi.scope", {}).get(WAITED, 0.0)
        if waited < NOT_WORTH_IT:
            return self.get_response(request)
        with patience(max(settings.PATIENCE_SECONDS - waited, LEAST)):
            return self.get_response(request)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait for locks for so long in all, on this thread's connection."""
    wait_for_locks(seconds)
    try:
        yield
    finally:
        wait_for_locks(settings.PATIENCE_SECONDS)


def wait_for_locks(seconds: float) -> None:
    """As the settings say it: on PostgreSQL each of two waits of a request has the half.

    Nobody is connected for this, and a connection that fails here is for others to notice: not
    every request needs the database.
    """
    if connection.connection is None:
        return
    milliseconds = round(seconds * 1000)
    with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        else:
            cursor.execute(f"SET lock_timeout = {milliseconds // 2}")
