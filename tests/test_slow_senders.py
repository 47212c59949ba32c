"""A body that comes slowly, in chunks, or never: nobody else waits for it."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx2
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from knox.models import AuthToken

from conftest import order_body
from kitchen.models import MenuItem
from orders.models import Order
from restaurant import bodies
from restaurant.bodies import WholeRequests
from restaurant.longpoll import Message, Receive, Scope, Send
from restaurant.patience import WAITED

pytestmark = pytest.mark.usefixtures("menu")


@pytest.fixture
def headers(guest: User, menu: dict[str, MenuItem]) -> dict[str, str]:
    _, token = AuthToken.objects.create(user=guest)
    return {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": "a-slow-line-000001",
    }


def begin(web: str, headers: dict[str, str]) -> socket.socket:
    """A POST whose body never comes."""
    address = urlsplit(web)
    line = socket.create_connection((address.hostname, address.port))
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    line.sendall(
        f"POST /api/v1/orders/ HTTP/1.1\r\nHost: {address.netloc}\r\n{told}"
        "Content-Length: 100\r\n\r\n{".encode()
    )
    return line


def test_forty_slow_senders_hold_up_nobody(web: str, headers: dict[str, str]) -> None:
    with ExitStack() as stack:
        lines = [stack.enter_context(begin(web, headers)) for _ in range(40)]
        placed = httpx2.post(
            f"{web}/api/v1/orders/",
            json=order_body("water"),
            headers={**headers, "Idempotency-Key": "somebody-else-0001"},
        )
        assert placed.status_code == 201
        answer = lines[0].makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 408 ")
    assert '"code": "request_timeout"' in answer
    assert Order.objects.count() == 1


def test_a_body_in_chunks_is_read(web: str, headers: dict[str, str]) -> None:
    body = json.dumps(order_body("water", ("thai-tea", 2))).encode()
    placed = httpx2.post(
        f"{web}/api/v1/orders/", content=iter([body[:20], body[20:]]), headers=headers
    )
    assert placed.status_code == 201
    assert [tray["number"] for tray in placed.json()["trays"]] == [1, 2]


@pytest.mark.parametrize("size", [300_000, 6_000_000])
def test_a_body_that_is_too_long_is_refused(web: str, headers: dict[str, str], size: int) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(0, size, 10_000):
            yield b" " * 10_000

    try:
        answer = httpx2.post(f"{web}/api/v1/orders/", content=endless(), headers=headers)
    except httpx2.TransportError:
        assert size > bodies.MOST_BYTES_READ
    else:
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert not Order.objects.exists()


def test_who_waits_too_long_for_a_thread_is_told_to_ask_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.05)
    entered, release = asyncio.Event(), asyncio.Event()
    sent: list[Message] = []

    async def django(scope: Scope, receive: Receive, send: Send) -> None:
        entered.set()
        await release.wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def two_at_once() -> None:
        app = WholeRequests(django, threads=1)
        scope: Scope = {"type": "http", "path": "/api/v1/orders/", "headers": []}
        first = asyncio.create_task(app(dict(scope), receive, send))
        await entered.wait()
        await app(dict(scope), receive, send)
        release.set()
        await first

    asyncio.run(two_at_once())
    assert sent[0]["status"] == 503
    assert json.loads(sent[1]["body"])["code"] == "database_unavailable"


def test_who_has_waited_for_a_thread_says_how_long() -> None:
    waited: list[float] = []
    entered, release = asyncio.Event(), asyncio.Event()

    async def django(scope: Scope, receive: Receive, send: Send) -> None:
        waited.append(scope[WAITED])
        entered.set()
        await release.wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        """Nobody listens."""

    async def two_at_once() -> None:
        app = WholeRequests(django, threads=1)
        scope: Scope = {"type": "http", "path": "/api/v1/orders/", "headers": []}
        asked = [asyncio.create_task(app(dict(scope), receive, send)) for _ in range(2)]
        await entered.wait()
        await asyncio.sleep(0.2)
        release.set()
        await asyncio.gather(*asked)

    asyncio.run(two_at_once())
    first, second = waited
    assert second - first >= 0.1


def test_a_token_is_made_for_a_program(
    capsys: pytest.CaptureFixture[str], web: str, make_user: Callable[..., User]
) -> None:
    make_user("cook")
    call_command("make_token", "screen-1", "cook")
    key = capsys.readouterr().out.strip()
    answer = httpx2.get(f"{web}/api/v1/zones/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
