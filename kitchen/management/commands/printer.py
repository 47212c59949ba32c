"""`manage.py printer`: a receipt printer that prints to the terminal."""

from collections.abc import Callable
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandParser
from PIL import Image

from kitchen.printing.address import USUAL_PORT
from kitchen.printing.conversation import ASK_IN_TURN, ASK_PAPER, ASK_STATE
from kitchen.printing.paper import COLUMNS
from kitchen.printing.reader import Cut, Garbled, Line, Picture, Printed, Question, read

#: Online, with paper.
ANSWERS = {ASK_STATE: b"\x12", ASK_PAPER: b"\x12", ASK_IN_TURN: b"\x00"}
#: So many dots of a picture are shown as one.
SHOWN = 3
#: Shades of grey: darker than this is black.
DARK, WHITE = 160, 255
#: A letter of braille shows two dots beside each other and four below each other.
BRAILLE, WIDE, HIGH = 0x2800, 2, 4
PIN = {(0, 0): 1, (0, 1): 2, (0, 2): 4, (1, 0): 8, (1, 1): 16, (1, 2): 32, (0, 3): 64, (1, 3): 128}


class Command(BaseCommand):
    help = "Shows chits in the terminal, as a receipt printer at tcp://127.0.0.1:PORT."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("port", nargs="?", type=int, default=USUAL_PORT)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        with TerminalPrinter(port, self.stdout.write) as printer:
            self.stdout.write(f"A printer at tcp://127.0.0.1:{printer.server_address[1]}")
            printer.serve_forever()


class TerminalPrinter(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, show: Callable[[str], None]) -> None:
        self.show = show
        super().__init__(("127.0.0.1", port), Conversation)


class Conversation(StreamRequestHandler):
    def handle(self) -> None:
        show = cast("TerminalPrinter", self.server).show
        try:
            for thing in read(self.rfile):
                if isinstance(thing, Question):
                    self.wfile.write(ANSWERS.get(thing.kind, b""))
                else:
                    show(as_text(thing))
        except (EOFError, Garbled, OSError) as error:
            show(f"-- broken off: {error} --")


def as_text(thing: Printed) -> str:
    if isinstance(thing, Line):
        return f"[{thing.text}]" if thing.is_inverted else thing.text
    if isinstance(thing, Picture):
        return "\n".join(in_braille(thing.image))
    return "- " * (COLUMNS // 2) if isinstance(thing, Cut) else ""


def in_braille(picture: Image.Image) -> list[str]:
    """Its black dots."""
    size = (picture.width // SHOWN, picture.height // SHOWN)
    dots = picture.convert("L").resize(size, Image.Resampling.BOX)
    return [
        "".join(
            chr(BRAILLE + sum(pin for at, pin in PIN.items() if is_black(dots, x, y, at)))
            for x in range(0, dots.width, WIDE)
        ).rstrip(chr(BRAILLE))
        for y in range(0, dots.height, HIGH)
    ]


def is_black(dots: Image.Image, x: int, y: int, at: tuple[int, int]) -> bool:
    x, y = x + at[0], y + at[1]
    shade = dots.getpixel((x, y)) if x < dots.width and y < dots.height else WHITE
    return isinstance(shade, int) and shade < DARK
