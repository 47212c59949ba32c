"""Talking with a printer over TCP. It is believed only what it answers."""

import socket
from time import monotonic

from kitchen.printing.address import Address

#: "Are you online?", "have you paper?": answered at once, whatever waits to be printed.
ASK_STATE, ASK_PAPER = b"\x10\x04\x01", b"\x10\x04\x04"
#: "Have you paper?", answered in its turn: when all that came before is printed.
ASK_IN_TURN = b"\x1dr\x01"
OFFLINE, PAPER_END, PAPER_END_IN_TURN = 0x08, 0x60, 0x0C
#: Seconds for the connection and for each first answer, and for all of the conversation.
PATIENCE, CONVERSATION = 3.0, 15.0


class NotPrinted(Exception):
    """It is not known to be on paper. `begun`: a part of it may be, or all."""

    def __init__(self, why: str, *, begun: bool) -> None:
        super().__init__(why)
        self.why = why
        self.begun = begun


def send(address: Address, data: bytes) -> None:
    """Print; returns when the printer has said that it did. Raises NotPrinted."""
    until = monotonic() + CONVERSATION
    begun = False
    try:
        with socket.create_connection((address.host, address.port), PATIENCE) as wire:
            demand_ready(wire)
            wire.settimeout(remaining(until))
            begun = True
            wire.sendall(data + ASK_IN_TURN)
            wire.settimeout(remaining(until))
            if heard(wire) & PAPER_END_IN_TURN:
                raise NotPrinted("It ran out of paper.", begun=True)
    except TimeoutError:
        raise NotPrinted("It does not answer.", begun=begun) from None
    except OSError as error:
        raise NotPrinted(error.strerror or "It hung up.", begun=begun) from None


def demand_ready(wire: socket.socket) -> None:
    if ask(wire, ASK_PAPER) & PAPER_END:
        raise NotPrinted("It is out of paper.", begun=False)
    if ask(wire, ASK_STATE) & OFFLINE:
        raise NotPrinted("It is offline: is its cover open?", begun=False)


def remaining(until: float) -> float:
    """Seconds. A name that was found too late leaves none: another may print it by then."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def ask(wire: socket.socket, question: bytes) -> int:
    wire.sendall(question)
    return heard(wire)


def heard(wire: socket.socket) -> int:
    answer = wire.recv(1)
    if not answer:
        raise ConnectionResetError
    return answer[0]
