"""What a proxy says of its caller is believed only if it is ours."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from restaurant.middleware import BelieveProxyMiddleware, is_proxy


@pytest.fixture
def behind(settings: Any) -> None:
    """Our proxy is on this host."""
    settings.BEHIND_PROXY = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def heard(caller: str) -> HttpRequest:
    """The request as the house sees it."""
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    said = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    request = RequestFactory().get("/", headers=said, REMOTE_ADDR=caller)
    BelieveProxyMiddleware(answer)(request)
    return seen[0]


@pytest.mark.usefixtures("behind")
@pytest.mark.parametrize("caller", ["127.0.0.1", "::1", "::ffff:127.0.0.1", ""])
def test_a_proxy_on_this_host_is_believed(caller: str) -> None:
    request = heard(caller)
    assert request.is_secure()
    assert request.META["HTTP_X_FORWARDED_FOR"] == "203.0.113.9"


@pytest.mark.usefixtures("behind")
def test_whoever_comes_past_the_proxy_is_not() -> None:
    request = heard("10.0.0.7")
    assert not request.is_secure()
    assert "HTTP_X_FORWARDED_FOR" not in request.META


@pytest.mark.usefixtures("behind")
def test_a_proxy_elsewhere_must_be_named(settings: Any) -> None:
    settings.PROXY_NETWORKS = [ip_network("10.0.0.0/28")]
    assert heard("10.0.0.7").is_secure()
    assert not heard("127.0.0.1").is_secure()


def test_without_a_proxy_nobody_is_believed() -> None:
    assert not is_proxy("127.0.0.1")
