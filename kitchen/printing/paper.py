"""A chit as bytes of ESC/POS, for any 80 mm printer.

Only the process that prints imports this: python-escpos reads a large table when it is loaded.
"""

import textwrap

from escpos.printer import Dummy
from PIL import ImageOps

from kitchen.printing.pictures import draw
from kitchen.printing.slip import Slip

#: Any 80 mm printer can: 512 dots, 42 columns. Wider ones leave a margin.
PROFILE, DOTS, COLUMNS = "TM-T88III", 512, 42
#: The code page that all printers have, and have first.
CODE_PAGE = "cp437"
#: Dots: as high as a line of text, and twice that.
SMALL, LARGE = 24, 44


def as_bytes(slip: Slip) -> bytes:
    """The whole chit in ESC/POS, cut off at its end."""
    paper = Dummy(profile=PROFILE)
    paper.hw("INIT")
    paper.charcode(CODE_PAGE.upper())
    for mark in slip.marks:
        write(paper, mark, large=True, inverted=True)
    write(paper, slip.label, large=True)
    write(paper, f"{slip.zone} - tray {slip.tray} - {slip.at:%H:%M:%S}")
    paper.ln()
    for place, name in enumerate(slip.names):
        write(paper, f"{slip.quantity} x {name}" if place == 0 else name, large=True)
    for option in slip.options:
        write(paper, f"+ {option}", large=True)
    if slip.note:
        paper.ln()
        write(paper, slip.note, large=True, inverted=True)
    if slip.way:
        paper.ln()
        write(paper, slip.way)
    paper.cut(mode="PART")
    return bytes(paper.output)


def write(paper: Dummy, words: str, *, large: bool = False, inverted: bool = False) -> None:
    """The words in the printer's own letters, or as a picture if it lacks one of them.

    Guests write some of them: a control character would be a command to the printer.
    """
    words = "".join(letter if letter.isprintable() else " " for letter in words)
    if is_in_code_page(words):
        paper.set(
            double_width=large, double_height=large, normal_textsize=not large, invert=inverted
        )
        for line in textwrap.wrap(words, COLUMNS // 2 if large else COLUMNS):
            paper.textln(line)
    elif words.strip():
        picture = draw(words, LARGE if large else SMALL, DOTS)
        paper.image(ImageOps.invert(picture) if inverted else picture)


def is_in_code_page(words: str) -> bool:
    try:
        words.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True
