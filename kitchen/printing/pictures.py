"""Words that no code page of the printer has, drawn.

Pillow stacks Thai vowels and tone marks only where libfribidi is installed beside it
(docs/decisions/0028-thai-is-stacked-by-us.md), so they are stacked here, on every machine alike.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).parent / "fonts" / "NotoSansThai-Regular.ttf"
#: Above the consonant. A tone mark over one of them moves up by `LIFT`.
UPPER_VOWELS = frozenset("\u0e31\u0e34\u0e35\u0e36\u0e37\u0e47\u0e4d")
LOWER_VOWELS = frozenset("\u0e38\u0e39\u0e3a")
TONES = frozenset("\u0e48\u0e49\u0e4a\u0e4b\u0e4c")
#: Their tails reach up: marks move aside. Below these the tails reach down: vowels move below.
TALL, DEEP = frozenset("ปฝฟฬ"), frozenset("ญฐฎฏ")
#: In heights of the font.
LIFT, ASIDE, BELOW = 0.22, 0.14, 0.2
#: The room above a line for what is lifted, and a line with all that hangs below it.
ABOVE, LINE = 0.08, 1.65
#: Sara am after a tone mark: its ring stands under the mark.
SARA_AM = re.compile("([\u0e48-\u0e4b]?)\u0e33")

#: A leading vowel goes with its consonant, a short a inside a syllable with the one that ends it.
LETTER = re.compile("[เ-ไ]?.(?:ั[่-๋]?[ก-ฮ]|[ะ-ฺๅ็-๎])*")


def placed(text: str) -> Iterator[tuple[str, float, float]]:
    """Each character, and by how much of the font's height it moves aside and up."""
    base, has_vowel = "", False
    for character in SARA_AM.sub("\u0e4d\\1\u0e32", text):
        aside = ASIDE if base in TALL else 0.0
        if character in UPPER_VOWELS:
            has_vowel = True
            yield character, aside, 0.0
        elif character in TONES:
            yield character, aside, LIFT if has_vowel else 0.0
        elif character in LOWER_VOWELS:
            yield character, 0.0, -BELOW if base in DEEP else 0.0
        else:
            base, has_vowel = character, False
            yield character, 0.0, 0.0


def draw(text: str, height: int, width: int) -> Image.Image:
    """The text in black on white, in lines that are at most `width` dots wide."""
    font = font_of(height)
    lines = list(wrapped(text, font, width))
    line_height = round(height * LINE)
    picture = Image.new("L", (width, line_height * len(lines)), 255)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        x = 0.0
        for character, aside, up in placed(line):
            y = number * line_height + height * (ABOVE - up)
            pen.text((x - aside * height, y), character, font=font, fill=0)
            x += font.getlength(character)
    return picture.convert("1", dither=Image.Dither.NONE)


@cache
def font_of(height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, height, layout_engine=ImageFont.Layout.BASIC)


def wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """Lines that fit: broken at spaces, and inside a word only if it is wider than a line.

    Thai has no spaces between its words: whole sentences are such a word.
    """
    line = ""
    for word in re.findall(r"\s*\S+", text):
        if line and font.getlength(line + word) > width:
            yield line
            line = ""
        for letter in letters(word if line else word.lstrip()):
            if font.getlength(line + letter) > width:
                yield line
                line = ""
            line += letter
    if line:
        yield line


def letters(word: str) -> Iterator[str]:
    """What must not be torn apart: a letter with its marks, and with the one that it leads to."""
    yield from LETTER.findall(word)
