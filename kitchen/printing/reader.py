"""ESC/POS read as a printer reads it; just what `paper` and `conversation` write."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase

from PIL import Image

from kitchen.printing.paper import CODE_PAGE

#: The commands, and how many bytes follow them.
PARAMETERS = {
    b"\x1b@": 0,  # begin anew
    b"\x1bt": 1,  # code page
    b"\x1b!": 1,  # large
    b"\x1bd": 1,  # feed
    b"\x1dB": 1,  # white on black
    b"\x1dV": 1,  # cut
    b"\x1dv": 6,  # picture
    b"\x1dr": 1,  # a question, answered in its turn
    b"\x10\x04": 1,  # a question, answered at once
}


class Garbled(ValueError):
    """That is no command."""


@dataclass(frozen=True)
class Line:
    text: str
    is_large: bool = False
    is_inverted: bool = False


@dataclass(frozen=True)
class Picture:
    image: Image.Image


@dataclass(frozen=True)
class Question:
    kind: bytes


@dataclass(frozen=True)
class Cut:
    """The end of a chit."""


Printed = Line | Picture | Question | Cut


def read(stream: BufferedIOBase) -> Iterator[Printed]:
    """What is printed and asked, until the stream ends; raises Garbled and EOFError."""
    style = {b"\x1b!": 0, b"\x1dB": 0}
    text = b""
    while first := stream.read(1):
        if first == b"\n":
            is_large, is_inverted = map(bool, style.values())
            yield Line(text.decode(CODE_PAGE), is_large, is_inverted)
            text = b""
        elif first not in b"\x1b\x1d\x10":
            text += first
        else:
            command = first + exactly(stream, 1)
            if command not in PARAMETERS:
                raise Garbled(command)
            parameters = exactly(stream, PARAMETERS[command])
            if command in style:
                style[command] = parameters[0]
            elif command == b"\x1bt" and parameters != b"\0":
                raise Garbled(command + parameters)
            yield from effect_of(command, parameters, stream)


def effect_of(command: bytes, parameters: bytes, stream: BufferedIOBase) -> Iterator[Printed]:
    if command == b"\x1dV":
        yield Cut()
    elif command in (b"\x1dr", b"\x10\x04"):
        yield Question(command + parameters)
    elif command == b"\x1dv":
        width = 8 * int.from_bytes(parameters[2:4], "little")
        height = int.from_bytes(parameters[4:6], "little")
        dots = exactly(stream, width // 8 * height)
        # Here 1 is black, there white.
        yield Picture(Image.frombytes("1", (width, height), bytes(255 - byte for byte in dots)))


def exactly(stream: BufferedIOBase, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
