"""TCP ports of this machine: is one free, does somebody answer there."""

import errno
import http.client
import random
import socket
from collections.abc import Collection

from restaurant.run.refusal import Refusal

#: Below the range from which the kernel takes ports for outgoing connections: a client that tries
#: again and again while its server is away would otherwise, some day, be given the server's own
#: port, be connected to itself and keep the server from coming back.
CHOSEN_FROM = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
            return False
        return True


def demand_free(name: str, port: int) -> None:
    """Refuse when the port that the variable `name` stands for can't be had."""
    try:
        if is_free(port):
            return
    except PermissionError:
        raise Refusal(f"Port {port} is not allowed for you: choose {name} above 1023.") from None
    other = next(filter(is_free, range(max(port, 1023) + 1, 65536)), 8000)
    raise Refusal(f"Port {port} is taken. Choose another: {name}={other} ./run")


def choose_free(taken: Collection[int] = ()) -> int:
    """A free port that nobody asked for by its number."""
    for port in random.sample(CHOSEN_FROM, k=200):
        if port not in taken and is_free(port):
            return port
    raise Refusal("No free port was found between 20000 and 31999.")


def answers_ping(port: int) -> bool:
    """Whether a Redis there answers PING; while it reads its file it answers LOADING."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
            wire.sendall(b"PING\r\n")
            return wire.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def answers_http(port: int, path: str, statuses: Collection[int]) -> bool:
    """Whether GET path there is answered with one of these statuses."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        wire.request("GET", path)
        return wire.getresponse().status in statuses
    except (OSError, http.client.HTTPException):
        return False
    finally:
        wire.close()
