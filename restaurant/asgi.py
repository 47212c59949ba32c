"""The web process: Django's WSGI app in threads, and long polls, which hold none."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from restaurant.live import Hub
from restaurant.longpoll import LongPoll
from restaurant.wsgi import application as django

#: Requests that Django works on at once. Sync Django under plain ASGI would cost two to four times
#: the CPU, because every middleware hops between threads.
THREADS = 16

hub = Hub()
bridge: Any = WSGIMiddleware(cast(Any, django), workers=THREADS)
application = LongPoll(bridge, hub)
