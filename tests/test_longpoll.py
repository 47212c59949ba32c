"""`?wait=N`: an answer when the order's state changes, over a real web process."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from django.contrib.auth.models import User
from knox.models import AuthToken

from orders import services as orders
from orders.models import Order
from restaurant.asgi import make_application

pytestmark = pytest.mark.usefixtures("relay")

Place = Callable[..., Order]


@pytest.fixture
def get(web: str, guest: User) -> Callable[..., httpx2.Response]:
    """`get(order, wait=5)`: what the guest's app is answered."""
    _, token = AuthToken.objects.create(user=guest)

    def ask(
        order: Order, *, headers: dict[str, str] | None = None, **query: Any
    ) -> httpx2.Response:
        return httpx2.get(
            f"{web}/api/v1/orders/{order.ref}/",
            params=query,
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            timeout=30,
        )

    return ask


def test_a_long_poll_is_answered_when_the_state_changes(place: Place, get: Any) -> None:
    order = place("water")
    known = {"If-None-Match": get(order).headers["ETag"]}
    with ThreadPoolExecutor(1) as pool:
        answer: Future[httpx2.Response] = pool.submit(get, order, wait=25, headers=known)
        orders.cancel_order(order, "no longer hungry")
        assert answer.result().json()["state"] == "cancelled"


def test_a_long_poll_without_news_is_answered_when_its_time_is_up(place: Place, get: Any) -> None:
    order = place("water")
    answer = get(order, wait=1)
    assert (answer.status_code, answer.json()["state"]) == (200, "placed")


def test_a_caller_who_knows_an_older_state_is_answered_at_once(place: Place, get: Any) -> None:
    order = place("water")
    etag = get(order).headers["ETag"]
    orders.cancel_order(order, "no longer hungry")
    answer = get(order, wait=25, headers={"If-None-Match": etag})
    assert answer.json()["state"] == "cancelled"


@pytest.mark.parametrize("known", ['"0-0", {etag}', "W/{etag}", '"a,b", W/{etag}', "*"])
def test_a_caller_may_know_several_states(place: Place, get: Any, known: str) -> None:
    order = place("water")
    tags = {"If-None-Match": known.format(etag=get(order).headers["ETag"])}
    assert get(order, headers=tags).status_code == 304
    with ThreadPoolExecutor(1) as pool:
        answer: Future[httpx2.Response] = pool.submit(get, order, wait=25, headers=tags)
        with pytest.raises(TimeoutError):
            answer.result(timeout=0.5)
        orders.cancel_order(order, "no longer hungry")
        assert answer.result().json()["state"] == "cancelled"


def test_forty_long_polls_leave_the_threads_to_others(place: Place, get: Any) -> None:
    order = place("water")
    known = {"If-None-Match": get(order).headers["ETag"]}
    with ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(get, order, wait=25, headers=known) for _ in range(40)]
        assert get(order).status_code == 200
        orders.cancel_order(order, "no longer hungry")
        assert {answer.result().json()["state"] for answer in waiting} == {"cancelled"}


@pytest.mark.parametrize("wait", ["61", "-1", "soon", ""])
def test_a_wait_that_can_not_be_understood_is_refused(place: Place, get: Any, wait: str) -> None:
    answer = get(place("water"), wait=wait)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")


def test_somebody_elses_order_is_not_waited_for(
    place: Place, web: str, make_user: Callable[..., User]
) -> None:
    order = place("water")
    _, token = AuthToken.objects.create(user=make_user("app"))
    answer = httpx2.get(
        f"{web}/api/v1/orders/{order.ref}/?wait=25", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_raw_bytes_in_a_query_are_no_fault_of_ours(web: str) -> None:
    host, port = web.removeprefix("http://").split(":")
    with httpx2.Client() as client:
        answer = client.get(f"http://{host}:{port}/api/v1/menu/?x=%FF%00")
    assert answer.status_code == 400


def long_poll_of(order: Order, token: str) -> dict[str, Any]:
    """The request as a server hands it to the app: an HTTP scope of ASGI."""
    bearer = f"Bearer {token}".encode()
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/api/v1/orders/{order.ref}/",
        "raw_path": b"",
        "root_path": "",
        "query_string": b"wait=30",
        "headers": [(b"host", b"localhost"), (b"authorization", bearer)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


def test_for_who_has_left_nothing_is_asked_any_more(place: Place, guest: User) -> None:
    order = place("water")
    _, token = AuthToken.objects.create(user=guest)
    asked: list[str] = []

    async def leave_while_waiting() -> None:
        app = make_application()
        app.hub.loop = asyncio.get_running_loop()
        django = app.django

        async def count(scope: Any, receive: Any, send: Any) -> None:
            asked.append(scope["path"])
            await django(scope, receive, send)

        async def receive() -> Any:
            if read:
                return {"type": "http.disconnect"}
            read.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        read: list[bool] = []

        async def send(_: Any) -> None:
            pass

        app.django = count
        await app(long_poll_of(order, token), receive, send)

    asyncio.run(leave_while_waiting())
    assert len(asked) == 1


def test_who_waits_while_the_process_stops_is_answered_with_what_is_known(
    place: Place, guest: User
) -> None:
    order = place("water")
    _, token = AuthToken.objects.create(user=guest)
    sent: list[Any] = []

    async def stopped_while_waiting() -> None:
        app = make_application()
        app.hub.loop = asyncio.get_running_loop()
        never = asyncio.Event()

        async def receive() -> Any:
            if asked:
                await never.wait()
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        asked: list[bool] = []

        async def send(message: Any) -> None:
            sent.append(message)

        waiting = asyncio.create_task(app(long_poll_of(order, token), receive, send))
        while not app.hub.waiting or not asked:
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        waiting.cancel()
        await waiting

    asyncio.run(stopped_while_waiting())
    assert sent[0]["status"] == 200
    assert b'"state":"placed"' in b"".join(part.get("body", b"") for part in sent[1:])
