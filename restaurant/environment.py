"""The environment, read strictly: a value that can't be understood stops the start."""

import os
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import SplitResult, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
#: Characters: 96 bits, if they are random hex digits.
SHORTEST_SECRET = 24


def text(name: str, default: str | None = None) -> str:
    """The variable's text; without a default it must be set and not empty."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(
            f"{name} is not set. `./run` sets it for the demo; elsewhere set it in the environment."
        )
    return default


def flag(name: str, *, default: bool) -> bool:
    """1/true/yes/on or 0/false/no/off."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE:
        return True
    if value.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false: write 1 or 0.")


def number(name: str, default: int) -> int:
    """A whole number above zero."""
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) == 0:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number above zero.")
    return int(value)


def names(name: str) -> list[str]:
    """A list of words separated by commas."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def secret(name: str) -> str:
    """Empty, or too long to be guessed."""
    value = text(name, "")
    if 0 < len(value) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"{name} is shorter than {SHORTEST_SECRET} characters.")
    return value


def networks(name: str, *default: str) -> list[IPv4Network | IPv6Network]:
    """Networks such as 10.1.0.0/16, separated by commas."""
    try:
        return [ip_network(word) for word in names(name) or default]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}. Write networks such as 10.1.0.0/16."
        ) from None


BROKERS = ("redis", "rediss", "amqp", "amqps")


def broker(name: str) -> str:
    """The address of a Redis or a RabbitMQ; empty if it is not set."""
    url = text(name, "")
    if url and not (url.partition("://")[0] in BROKERS and urlsplit(url).hostname):
        # It may hold a password.
        raise ImproperlyConfigured(
            f"{name} can't be understood. Write redis://host:6379/0, or amqp://user:password@host//"
            " for RabbitMQ (rediss:// and amqps:// speak TLS)."
        )
    return url


#: How mails may leave the house, and the port that is usual there.
SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
MAIL_FORMS = (
    "smtp://user:password@host:25, smtp+starttls://user:password@host:587,"
    " smtps://user:password@host:465, file:///folder, or console:"
)


@dataclass(frozen=True)
class Mailing:
    """How mails leave the house: Django's backend of this kind, and what it has to know."""

    kind: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    tls: bool = False
    folder: str | None = None


def mailing(name: str, default: str) -> Mailing:
    """From one address."""
    try:
        url = urlsplit(text(name, default))
        if url.scheme in SMTP_PORTS and url.hostname and not (url.path.strip("/") or url.query):
            return by_smtp(url)
        if url.scheme == "file" and url.path.startswith("/") and not url.netloc:
            return Mailing("filebased", folder=unquote(url.path))
        if url.geturl() == "console:":
            return Mailing("console")
    except ValueError:
        pass
    # Its value may hold a password.
    raise ImproperlyConfigured(f"{name} can't be understood. Write {MAIL_FORMS}.")


def by_smtp(url: SplitResult) -> Mailing:
    return Mailing(
        "smtp",
        host=url.hostname or "",
        port=url.port or SMTP_PORTS[url.scheme],
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        starttls=url.scheme == "smtp+starttls",
        tls=url.scheme == "smtps",
    )
