"""Which addresses may be called: each line of the table is a way that was tried elsewhere."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from threading import Event
from typing import Any

import pytest

from restaurant.outbound.addresses import NotOutside, checked_url, known_outside

Names = Callable[..., list[str]]

REFUSED = [
    "http://127.0.0.1/",
    "http://127.8.8.8/",
    "http://0.0.0.0/",
    "http://10.0.0.8/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://0/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:10.0.0.8]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:53aa:64c:0:fbff:80ff:fffe]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://printer.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://redis/",
    "https://shop.example:6379/",
    "https://shop.example:22/",
    "https://shop.example:0/",
    "https://8.8.8.8:25/",
    "https://user:pass@shop.example/",
    "https://user@shop.example/",
    "http://shop.example@127.0.0.1/",
    "file:///etc/passwd",
    "gopher://shop.example/",
    "ftp://shop.example/",
    "javascript:alert(1)",
    "//shop.example/",
    "shop.example",
    "http://",
    "http:///path",
    "https://shop.example\\@127.0.0.1/",
    "https://shop.example/\n127.0.0.1",
    "https://shop.example/ x",
    "https://shop.example/\x00",
    "http://１２７.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://[::1/",
    "http://shop.example:99999/",
    "https://shop.example/" + "x" * 500,
]


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_inside_or_none_is_refused(url: str) -> None:
    with pytest.raises(NotOutside):
        checked_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hook?of=us#here",
        "https://shop.example:8443/",
        "http://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://xn--72c.example/",
    ],
)
def test_an_address_in_the_open_internet_is_fine(url: str) -> None:
    assert str(checked_url(url)) == url


def check(url: str, patience: float = 5.0) -> None:
    with ThreadPoolExecutor(1) as lookers:
        known_outside(url, lookers, patience)


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside_is_refused(names: Names, inside: str) -> None:
    names({"shop.example": [inside]})
    with pytest.raises(NotOutside):
        check("https://shop.example/")


def test_one_address_inside_among_others_is_enough(names: Names) -> None:
    names({"shop.example": ["93.184.216.34", "10.0.0.1"]})
    with pytest.raises(NotOutside):
        check("https://shop.example/")


def test_a_name_that_leads_outside_is_fine(names: Names) -> None:
    asked = names({"shop.example": ["93.184.216.34", "2606:4700::1111"]})
    check("https://shop.example/")
    assert asked == ["shop.example"]


def test_a_name_without_an_address_may_get_one(names: Names) -> None:
    names({})
    check("https://not-yet.example/")


def test_a_name_server_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, answered = Event(), Event()

    def hang(*_: Any) -> list[str]:
        answer.wait()
        answered.set()
        return []

    monkeypatch.setattr("restaurant.outbound.addresses.look_up", hang)
    monkeypatch.setattr("restaurant.outbound.addresses.numeric_addresses", lambda _: [])
    with ThreadPoolExecutor(1) as lookers:
        known_outside("https://shop.example/", lookers, 0.01)
        was_answered = answered.is_set()
        answer.set()
    assert not was_answered


def test_what_is_allowed_inside_may_be_called_on_any_port(names: Names, settings: Any) -> None:
    settings.WEBHOOK_ALLOW = [ip_network("10.1.0.0/16"), ip_network("::1/128")]
    names({"receiver": ["10.1.2.3"], "other": ["10.2.0.1"]})
    check("http://10.1.2.3:9000/")
    check("http://[::ffff:10.1.2.3]:9000/")
    check("http://[::1]:9000/")
    check("http://receiver:9000/")
    for url in ("http://10.2.0.1/", "http://127.0.0.1/", "http://other/"):
        with pytest.raises(NotOutside):
            check(url)
