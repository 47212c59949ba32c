"""The web process: Django's WSGI app in threads, long polls and live streams, which hold none."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

# Sets Django up: what follows it has models.
from restaurant.wsgi import application as django  # isort: split

from restaurant.bodies import WholeRequests
from restaurant.live import Hub
from restaurant.longpoll import LongPoll
from restaurant.streams import Streams

#: Requests that Django works on at once. Sync Django under plain ASGI would cost two to four times
#: the CPU, because every middleware hops between threads.
THREADS = 16


def make_application() -> LongPoll:
    """One web process: its threads for Django, its reader of the feed."""
    bridge: Any = WSGIMiddleware(cast("Any", django), workers=THREADS)
    hub = Hub()
    return LongPoll(Streams(WholeRequests(bridge, THREADS), hub), hub)


application = make_application()
