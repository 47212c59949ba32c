"""Which addresses may be called from here: those outside, and those inside that are allowed."""

import socket
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx2
from django.conf import settings

Address = IPv4Address | IPv6Address

SCHEMES = {"http": 80, "https": 443}
#: Where web servers listen; any other port may be something that is no receiver.
USUAL_PORTS = frozenset({80, 443, 8000, 8080, 8443})
#: The part of IPv6 that is given out to the internet.
INTERNET_V6 = ip_network("2000::/3")
#: What not every Python 3.11 knows to be no internet: the addresses of protocols themselves, those
#: that lead to an IPv4 address that stands in them (Teredo, 6to4), and those for documents.
NOT_OF_IT = tuple(
    ip_network(network) for network in ("192.0.0.0/24", "2001::/32", "2002::/16", "3fff::/20")
)
#: Names that mean something inside only.
INSIDE_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
LONGEST = 500


class NotOutside(ValueError):
    """This address may not be called from here."""


def checked_url(url: str) -> httpx2.URL:
    """The URL as the client will read it; raises NotOutside. A name is not looked up."""
    if len(url) > LONGEST:
        raise NotOutside(f"An address has at most {LONGEST} characters.")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise NotOutside("Write it in printable ASCII, without spaces and backslashes.")
    try:
        read = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise NotOutside("This is no URL.") from error
    if read.scheme not in SCHEMES or not read.host:
        raise NotOutside("It must be an http or https URL with a host.")
    if read.userinfo:
        raise NotOutside("It must not hold a user or a password.")
    numeric = numeric_addresses(read)
    if numeric:
        demand_outside(read, numeric)
    elif means_inside(read.host) and not settings.WEBHOOK_ALLOW:
        raise NotOutside("This name means something inside only.")
    elif port_of(read) not in USUAL_PORTS and not settings.WEBHOOK_ALLOW:
        raise NotOutside(f"Port {port_of(read)} is none of {sorted(USUAL_PORTS)}.")
    return read


def demand_outside(url: httpx2.URL, addresses: Iterable[Address]) -> None:
    """Raises NotOutside unless all of them may be called for this URL."""
    for address in addresses:
        if is_allowed(address):
            continue
        if not is_outside(address):
            raise NotOutside("Its address is not in the open internet.")
        if port_of(url) not in USUAL_PORTS:
            raise NotOutside(f"Port {port_of(url)} is none of {sorted(USUAL_PORTS)}.")


def is_allowed(address: Address) -> bool:
    """In one of the networks of WEBHOOK_ALLOW."""
    return any(address in network for network in settings.WEBHOOK_ALLOW)


def is_outside(address: Address) -> bool:
    """Anybody in the internet reaches the same machine by it."""
    if address.version == 6 and address not in INTERNET_V6:
        return False
    if any(address in network for network in NOT_OF_IT):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def means_inside(name: str) -> bool:
    """`localhost`, `redis`, `db.internal`: no name of the internet."""
    bare = name.rstrip(".").lower()
    return "." not in bare or bare.endswith(INSIDE_ENDINGS)


def port_of(url: httpx2.URL) -> int:
    return SCHEMES[url.scheme] if url.port is None else url.port


def numeric_addresses(url: httpx2.URL) -> list[Address]:
    """The address that the host itself is: decimal, octal and short forms as the system reads them.

    Empty for a name.
    """
    try:
        return look_up(url, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []


def look_up(url: httpx2.URL, flags: int = 0) -> list[Address]:
    """All addresses of the host, IPv4 first; raises OSError. A name waits for the name server."""
    found = socket.getaddrinfo(url.host, port_of(url), type=socket.SOCK_STREAM, flags=flags)
    addresses = {plain(str(where[0])) for *_, where in found}
    return sorted(addresses, key=lambda address: (address.version, int(address)))


def plain(text: str) -> Address:
    """An address without its zone; IPv4 that is written as IPv6 is IPv4."""
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def known_outside(url: str, lookers: Executor, patience: float) -> None:
    """Raises NotOutside for a URL whose name leads inside now.

    A name without an address, or a name server that does not answer within `patience` seconds, is
    no reason: it is looked up anew before each call.
    """
    read = checked_url(url)
    looking: Future[list[Any]] = lookers.submit(look_up, read)
    try:
        addresses = looking.result(patience)
    except (OSError, UnicodeError, TimeoutError):
        looking.cancel()
        return
    demand_outside(read, addresses)
