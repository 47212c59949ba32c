"""The client that calls receivers: where it connects, and what it refuses while it calls."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from restaurant.outbound.client import Answer, NotReached, outbound, post
from restaurant.outbound.tests.test_addresses import REFUSED

Names = Callable[..., list[str]]


#: The certificate of shop.example, which only these tests trust, with its key.
CERTIFICATE = Path(__file__).with_name("shop.example.pem")


@contextmanager
def server(
    seen: list[tuple[str, str]],
    at: str = "0.0.0.0",  # noqa: S104
    *,
    tls: bool = False,
) -> Iterator[int]:
    """Notes the address that was called and the host that was meant; answers 200."""

    class Note(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((self.connection.getsockname()[0], self.headers["Host"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer((at, 0), Note)
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE)
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield listening.server_port
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


def call(url: str) -> Answer:
    async def once() -> Answer:
        async with outbound() as client:
            return await post(client, url, {"webhook-id": "1"}, b"{}")

    return asyncio.run(once())


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_refused_when_saved_is_refused_when_sent(url: str) -> None:
    with pytest.raises(NotReached):
        call(url)


def test_a_name_that_leads_inside_is_refused_when_sent(names: Names) -> None:
    seen: list[tuple[str, str]] = []
    with server(seen) as port:
        names({"shop.example": ["127.0.0.1"]})
        for url in ("http://shop.example/", f"http://shop.example:{port}/"):
            with pytest.raises(NotReached):
                call(url)
    assert seen == []


@pytest.mark.usefixtures("loopback")
def test_a_name_is_looked_up_once_and_that_address_is_called(names: Names) -> None:
    """Rebinding: whatever the name leads to a moment later, the checked address is called."""
    seen: list[tuple[str, str]] = []
    with server(seen) as port:
        asked = names({"shop.example": ["127.0.0.5"]}, {"shop.example": ["127.0.0.6"]})
        assert call(f"http://shop.example:{port}/").status == 200
    assert asked == ["shop.example"]
    assert seen == [("127.0.0.5", f"shop.example:{port}")]


@pytest.mark.usefixtures("loopback")
def test_a_name_is_looked_up_anew_for_each_call(names: Names) -> None:
    seen: list[tuple[str, str]] = []
    with server(seen) as port:
        names({"shop.example": ["127.0.0.5"]}, {"shop.example": ["10.0.0.1"]})
        assert call(f"http://shop.example:{port}/").status == 200
        with pytest.raises(NotReached, match="not in the open internet"):
            call(f"http://shop.example:{port}/")
    assert len(seen) == 1


@pytest.mark.usefixtures("loopback")
def test_a_client_that_looks_up_again_would_call_what_it_has_not_checked(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: without pinning, the second look leads elsewhere."""
    monkeypatch.setattr("restaurant.outbound.client.pinned", lambda request, _: request)
    seen: list[tuple[str, str]] = []
    with server(seen) as port:
        asked = names({"shop.example": ["127.0.0.5"]}, {"shop.example": ["127.0.0.6"]})
        assert call(f"http://shop.example:{port}/").status == 200
    assert asked == ["shop.example", "shop.example"]
    assert seen == [("127.0.0.6", f"shop.example:{port}")]


@pytest.mark.usefixtures("loopback")
def test_the_next_address_is_tried_when_one_does_not_answer(names: Names) -> None:
    seen: list[tuple[str, str]] = []
    with server(seen, at="127.0.0.9") as port:
        names({"shop.example": ["127.0.0.1", "127.0.0.9"]})
        assert call(f"http://shop.example:{port}/").status == 200
    assert seen == [("127.0.0.9", f"shop.example:{port}")]


@pytest.mark.usefixtures("loopback")
def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    seen: list[tuple[str, str]] = []
    with server(seen) as port:
        assert call(f"http://127.0.0.1:{port}/").status == 200


@pytest.mark.usefixtures("loopback")
def test_nobody_listens_there() -> None:
    with server([]) as port:
        pass
    with pytest.raises(NotReached, match="No connection"):
        call(f"http://127.0.0.1:{port}/")


@pytest.mark.usefixtures("loopback")
def test_the_certificate_must_be_the_names_though_an_address_is_called(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    seen: list[tuple[str, str]] = []
    with server(seen, tls=True) as port:
        names({"shop.example": ["127.0.0.5"], "other.example": ["127.0.0.5"]})
        assert call(f"https://shop.example:{port}/").status == 200
        for url in (f"https://other.example:{port}/", f"https://127.0.0.5:{port}/"):
            with pytest.raises(NotReached):
                call(url)
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(NotReached):
            call(f"https://shop.example:{port}/")
    assert seen == [("127.0.0.5", f"shop.example:{port}")]
