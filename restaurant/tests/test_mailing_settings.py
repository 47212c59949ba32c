"""How mails leave the house, from one address; what can't be understood stops the start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from restaurant.environment import Mailing, mailing


@pytest.mark.parametrize(
    ("url", "understood"),
    [
        ("smtp://localhost", Mailing("smtp", host="localhost", port=25)),
        ("smtp://[::1]:2525/", Mailing("smtp", host="::1", port=2525)),
        (
            "smtp+starttls://me%40house:p%3Aw@mail.example",
            Mailing("smtp", "mail.example", 587, "me@house", "p:w", starttls=True),
        ),
        ("smtps://mail.example", Mailing("smtp", host="mail.example", port=465, tls=True)),
        ("file:///var/my%20mail", Mailing("filebased", folder="/var/my mail")),
        ("console:", Mailing("console")),
    ],
)
def test_each_way_is_understood(
    monkeypatch: pytest.MonkeyPatch, url: str, understood: Mailing
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    assert mailing("EMAIL_URL", "smtp://other") == understood


@pytest.mark.parametrize(
    "url",
    [
        *("smtp:", "smtp://", "mail.example:25", "http://mail.example", "smtp://host:port"),
        *("smtp://host:99999", "smtp://host/path", "smtp://host?tls=1", "file://host/x", "file:x"),
        *("console://x", "smtp://[::1"),
    ],
)
def test_what_can_not_be_understood_stops_the_start_and_tells_no_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(ImproperlyConfigured) as stopped:
        mailing("EMAIL_URL", "smtp://localhost")
    assert "smtp+starttls://" in str(stopped.value)
    assert url not in str(stopped.value).split("Write")[0]


def test_without_one_it_is_the_machines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    assert mailing("EMAIL_URL", "smtp://localhost:25").port == 25


def test_a_password_is_not_shown() -> None:
    assert "p:w" not in repr(Mailing("smtp", password="p:w"))
