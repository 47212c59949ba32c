"""A name server of the test's own, and receivers inside that are allowed."""

import socket
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """`names({"shop.example": ["93.184.216.34"]})`: what names lead to; the names asked for.

    `afterwards` is what they lead to from the second time on.
    """
    real = socket.getaddrinfo
    asked: list[str] = []

    def know(
        known: dict[str, list[str]], afterwards: dict[str, list[str]] | None = None
    ) -> list[str]:
        def answer(name: str | bytes, port: int, *more: Any, **named: Any) -> Any:
            host = name.decode() if isinstance(name, bytes) else name
            asks = dict(zip(("family", "type", "proto", "flags"), more, strict=False)) | named
            numeric = {**asks, "flags": asks.get("flags", 0) | socket.AI_NUMERICHOST}
            if host not in known or asks == numeric:
                return real(host, port, **numeric)
            led_to = known if afterwards is None or host not in asked else afterwards
            asked.append(host)
            return [found for address in led_to[host] for found in real(address, port, **numeric)]

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return asked

    return know


@pytest.fixture
def loopback(settings: Any) -> None:
    settings.WEBHOOK_ALLOW = [ip_network("127.0.0.0/8")]
