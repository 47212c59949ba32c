"""What the tests of the whole house need: a relay, a worker, cooks to press, and browsers."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest
import uvicorn
from celery.contrib.testing.worker import start_worker
from django.conf import settings
from django.db import OperationalError, connection
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Request,
    ViewportSize,
    sync_playwright,
)
from redis import Redis

from conftest import ZONES, cook
from kitchen.channels import zone_queues
from kitchen.models import MenuItem, Shop, Tray
from orders.models import Order
from restaurant import broker
from restaurant.asgi import make_application
from restaurant.celery import app
from restaurant.events.relay import tell_again, tell_new
from restaurant.longpoll import LongPoll

#: Longer than anything here takes; a test that waits this long has failed.
PATIENCE = 20.0

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
#: All that tests send to.
QUEUES = ("pass", "orders", *(f"zone.{zone}" for zone in (*ZONES, "pizza")))
#: What a browser says of itself when it is refused, or its line is cut, as the tests do.
OF_THE_LINE = ("net::ERR_", *(f"status of {status}" for status in (401, 403, 409, 503)))


def eventually(true: Callable[[], Any], within: float = PATIENCE) -> Any:
    """Wait until the condition holds, and return its value."""
    until = monotonic() + within
    while not (value := true()):
        if monotonic() > until:
            raise AssertionError(f"not true within {within} s")
        sleep(0.01)
    return value


@pytest.fixture
def clean_redis() -> Iterator[None]:
    """No message of another test, and none left behind; in its lane the same for RabbitMQ."""
    empty_broker()
    yield
    empty_broker()


def empty_broker() -> None:
    if not broker.is_rabbitmq():
        with Redis.from_url(settings.CELERY_BROKER_URL) as redis:
            redis.flushdb()
        return
    with app.connection_for_write() as rabbitmq, rabbitmq.channel() as channel:
        # Not deleted: whoever has sent there believes that it is there.
        for queue in QUEUES:
            bound = app.amqp.queues[queue](channel)
            bound.declare()
            bound.purge()


@pytest.fixture
def relay(only_session: None, clean_redis: None) -> Iterator[None]:
    """A relay that works beside the test, in a thread with its own connection."""
    stop = Event()
    app.loader.import_default_modules()

    def run() -> None:
        while not stop.is_set():
            # Like the relay's own process it outlives a locked database, and tries again.
            with suppress(OperationalError):
                tell_new(app)
                tell_again(app)
            stop.wait(0.01)
        connection.close()

    thread = Thread(target=run)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def worker(only_session: None, clean_redis: None, menu: dict[str, MenuItem]) -> Iterator[None]:
    """A real worker on a real Redis, for all queues."""
    with ExitStack() as stack:
        stack.enter_context(
            start_worker(
                app,
                pool="threads",
                concurrency=2,
                perform_ping_check=False,
                queues=["pass", "orders", *zone_queues()],
            )
        )
        yield


@pytest.fixture
def only_session(transactional_db: None) -> Iterator[None]:
    """The threads of a worker keep their connections; a database in use can't be dropped."""
    yield
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def application() -> LongPoll:
    """The web process's app."""
    return make_application()


@pytest.fixture
def web(
    only_session: None, application: LongPoll, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The app behind a real uvicorn, in a thread; its address."""
    monkeypatch.setattr("restaurant.live.LOOK_AGAIN", 0.1)  # it is gone that soon after the test
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=0, log_level="warning", ws="none")
    )
    thread = Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    application.hub.in_loop(application.hub.end)
    server.should_exit = True
    thread.join()


def cook_all(tray: Tray) -> None:
    """Every ticket of the tray is started and finished."""
    for ticket in tray.tickets.order_by("track", "position"):
        cook(ticket)


@pytest.fixture
def may_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright runs a loop in this thread; between its steps a test still asks the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def chromium(may_ask: None, web: str) -> Iterator[Browser]:
    """Closed before the web process, which waits for its streams to end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=["--no-sandbox", "--disable-background-networking", "--disable-quic"],
        )
        yield browser
        # Inside of its loop the test has had a connection of its own.
        connection.close()
        browser.close()


@pytest.fixture
def only_ours() -> Iterator[Callable[..., None]]:
    """No page complains, and none asks anybody but the house."""
    complaints: list[str] = []
    foreign: list[str] = []

    def look_at(context: BrowserContext, house: str) -> None:
        def asked(request: Request) -> None:
            if not request.url.startswith((house, "data:")):
                foreign.append(request.url)

        context.on("request", asked)

        def hear(text: ConsoleMessage) -> None:
            if text.type == "error" and not any(one in text.text for one in OF_THE_LINE):
                complaints.append(text.text)

        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", hear)

    yield look_at
    assert foreign == []
    assert complaints == []


@pytest.fixture
def mixed(food_court: dict[str, Shop], opened: Callable[..., Order]) -> Order:
    """Soup of krua's and tea of nam's on one tray, rice of krua's and water on others."""
    return opened(("tom-yum", 1), ("thai-tea", 1), ("water", 2), ("pad-krapow", 3))
