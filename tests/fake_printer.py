"""A receipt printer on a real socket, which prints into a list, and can be in any mood."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any, cast

from kitchen.printing.conversation import ASK_IN_TURN, ASK_PAPER, ASK_STATE
from kitchen.printing.reader import Cut, Line, Picture, Printed, Question, read

#: Online and with paper.
WELL = {ASK_STATE: b"\x12", ASK_PAPER: b"\x12", ASK_IN_TURN: b"\x00"}
COVER_OPEN = WELL | {ASK_STATE: b"\x1a"}
NO_PAPER = WELL | {ASK_STATE: b"\x1a", ASK_PAPER: b"\x72"}
RUNS_OUT = WELL | {ASK_IN_TURN: b"\x0c"}
#: Takes all that comes, and says nothing.
SILENT: dict[bytes, bytes] = {}
#: Says that all is well, takes a chit, and never says that it is printed.
GETS_STUCK = {kind: answer for kind, answer in WELL.items() if kind != ASK_IN_TURN}


class FakePrinter(ThreadingTCPServer):
    """`chits` are those that were cut off, `scraps` what was left when a connection ended."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.answers = WELL
        self.tears_after: int | None = None
        self.chits: list[list[Printed]] = []
        self.scraps: list[list[Printed]] = []
        self.asked = Event()
        super().__init__(("127.0.0.1", port), Conversation)

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.server_address[1]}"

    def words(self) -> list[str]:
        """All that was printed in letters, a text for each chit."""
        return [words_of(chit) for chit in self.chits]

    def handle_error(self, *args: Any) -> None:
        """A connection that was cut is what some tests are about."""


class Conversation(StreamRequestHandler):
    def handle(self) -> None:
        printer = cast("FakePrinter", self.server)
        chit: list[Printed] = []
        try:
            for thing in read(self.rfile):
                if isinstance(thing, Question):
                    printer.asked.set()
                    self.wfile.write(printer.answers.get(thing.kind, b""))
                elif isinstance(thing, Cut):
                    printer.chits.append(chit)
                    chit = []
                else:
                    chit.append(thing)
                    if len(chit) == printer.tears_after:
                        self.tear()
                        break
        finally:
            if chit:
                printer.scraps.append(chit)

    def tear(self) -> None:
        """The connection ends at once, and what is under way is lost."""
        option = struct.pack("ii", 1, 0)
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)


def words_of(chit: list[Printed]) -> str:
    return "\n".join(thing.text for thing in chit if isinstance(thing, Line))


def pictures_of(chit: list[Printed]) -> list[Picture]:
    return [thing for thing in chit if isinstance(thing, Picture)]


@contextmanager
def switched_on(port: int = 0) -> Iterator[FakePrinter]:
    """A printer that listens, on this port or on any, to the end of the block."""
    with FakePrinter(port) as printer:
        thread = Thread(target=printer.serve_forever, args=(0.01,))
        thread.start()
        yield printer
        printer.shutdown()
        thread.join()
