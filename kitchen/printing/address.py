"""Where a printer listens: `tcp://192.168.1.50:9100`."""

import re
from dataclasses import dataclass

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

#: The port on which printers take raw data (JetDirect).
USUAL_PORT = 9100
#: A host name, an IPv4 address, or an IPv6 address in brackets; and a port, 1 to 65535.
PATTERN = (
    r"\Atcp://([A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])"
    r"(?::([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?\Z"
)
MEANT = _("A printer's address is tcp://host:port.")

validate = RegexValidator(PATTERN, MEANT)


@dataclass(frozen=True)
class Address:
    host: str
    port: int


def parse(text: str) -> Address:
    """The address; raises ValueError if it is none."""
    found = re.match(PATTERN, text)
    if found is None:
        raise ValueError(text)
    host, port = found.groups()
    return Address(host.strip("[]"), int(port or USUAL_PORT))
