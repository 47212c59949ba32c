"""Where a printer listens: `tcp://192.168.1.50:9100`."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: The port on which printers take raw data (JetDirect).
USUAL_PORT = 9100


@dataclass(frozen=True)
class Address:
    host: str
    port: int


def parse(text: str) -> Address:
    """The address; raises ValueError if it is none."""
    parts = urlsplit(text)
    port = USUAL_PORT if parts.port is None else parts.port
    more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme != "tcp" or not parts.hostname or more or not port or not text.isprintable():
        raise ValueError(text)
    return Address(parts.hostname, port)


def validate(text: str) -> None:
    """For a field that holds one."""
    try:
        parse(text)
    except ValueError:
        raise ValidationError(_("A printer's address is tcp://host:port."), "invalid") from None
