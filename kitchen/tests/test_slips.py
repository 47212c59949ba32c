"""What stands on a chit: letters where the printer has them, drawn where it has not."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageFont, features

from kitchen.management.commands.printer import in_braille
from kitchen.printing import pictures as pictures_module
from kitchen.printing.address import Address, parse
from kitchen.printing.paper import COLUMNS, DOTS, as_bytes
from kitchen.printing.pictures import FONT, draw, font_of, wrapped
from kitchen.printing.reader import Cut, Garbled, Line, Picture, Printed, read
from kitchen.printing.slip import Slip

THAI = "ผัดไทยกุ้งสด"


def slip(**more: object) -> Slip:
    fields = {
        "marks": [],
        "zone": "Fry",
        "label": "#42 · A3",
        "tray": 1,
        "quantity": 2,
        "names": ["Pad thai"],
        "options": [],
        "note": "",
        "way": "from boil",
        "at": datetime(2026, 11, 21, 12, 30, 5, tzinfo=UTC),
    }
    return Slip(**(fields | more))  # type: ignore[arg-type]


def printed(chit: Slip) -> list[Printed]:
    return list(read(BytesIO(as_bytes(chit))))


def lines(chit: Slip) -> list[Line]:
    return [thing for thing in printed(chit) if isinstance(thing, Line)]


def pictures(chit: Slip) -> list[Image.Image]:
    return [thing.image for thing in printed(chit) if isinstance(thing, Picture)]


def black(picture: Image.Image) -> int:
    return picture.histogram()[0]


def ink(words: str) -> tuple[int, int, int, int]:
    """The box around what is black."""
    box = ImageChops.invert(draw(words, 48, DOTS).convert("L")).getbbox()
    assert box is not None
    return box


def test_a_chit_reads_like_this() -> None:
    assert printed(slip(marks=["REPRINT"], options=["Tofu"], note="no chili")) == [
        Line("REPRINT", is_large=True, is_inverted=True),
        Line("#42 · A3", is_large=True),
        Line("Fry - tray 1 - 12:30:05"),
        Line(""),
        Line("2 x Pad thai", is_large=True),
        Line("+ Tofu", is_large=True),
        Line("", is_large=True),
        Line("no chili", is_large=True, is_inverted=True),
        Line("", is_large=True, is_inverted=True),
        Line("from boil"),
        Cut(),
    ]


def test_long_words_are_broken_where_the_paper_ends() -> None:
    long = "Pad thai with fresh prawns, tofu, egg and everything " * 3 + "x" * 100
    for line in lines(slip(names=[long], note=long)):
        assert len(line.text) * (1 + line.is_large) <= COLUMNS
    read_again = " ".join(line.text for line in lines(slip(names=[long])))
    assert read_again.count("prawns") == 3
    assert read_again.replace(" ", "").count("x" * 100) == 1


def test_what_the_printer_has_no_letters_for_is_drawn() -> None:
    (picture,) = pictures(slip(names=["Pad thai", THAI]))
    assert picture.width == DOTS
    assert 0.01 < black(picture) / (picture.width * picture.height) < 0.3


def test_a_warning_in_thai_is_white_on_black() -> None:
    plain, warning = pictures(slip(names=[THAI], quantity=1, note=THAI))
    assert black(warning) > black(plain) * 3


@pytest.mark.parametrize("command", ["\x1b@", "\x1dV\x00", "\x10\x04\x01", "\n\x1bp\x00"])
def test_a_guest_cannot_command_the_printer(command: str) -> None:
    things = printed(slip(note=f"no chili{command}extra rice", label=f"A{command}3"))
    assert [type(thing) for thing in things].count(Cut) == 1
    assert things[-1] == Cut()
    assert "no chili" in lines(slip(note=f"no chili{command}extra rice"))[5].text


@pytest.mark.parametrize("strange", ["😀", "漢字", "\u200b\ufeff", "\ud7ff", "ก" * 500, "้" * 50])
def test_whatever_a_guest_writes_can_be_printed(strange: str) -> None:
    assert printed(slip(note=strange, label=strange, names=[strange]))[-1] == Cut()


def test_lines_of_thai_fit_and_are_never_broken_before_a_mark() -> None:
    words = "ข้าวกะเพราหมูสับไข่ดาวน้ำปลาพริกญี่ปุ่น" * 5
    font = font_of(44)
    broken = list(wrapped(words, font, DOTS))
    assert "".join(broken) == words
    assert len(broken) > 3
    for line in broken:
        assert font.getlength(line) <= DOTS
        assert not "\u0e30" <= line[0] <= "\u0e3a"
        assert not "\u0e45" <= line[0] <= "\u0e4e"


@pytest.mark.parametrize(("low", "high"), [("ที", "ที่"), ("ปี", "ปี้"), ("ญิ", "ญิ๋"), ("นํา", "น้ำ")])
def test_a_tone_mark_stands_above_its_vowel(low: str, high: str) -> None:
    """Laid on it, as by Pillow without libraqm, it would make the picture no higher."""
    assert ink(high)[1] <= ink(low)[1] - 4
    assert ink(high)[0::2] == ink(low)[0::2]


def test_control_a_mark_that_is_not_lifted_lies_on_its_vowel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures_module, "LIFT", 0.0)
    assert ink("ที่")[1] > ink("ที")[1] - 4


def test_a_vowel_stands_below_a_letter_with_a_tail() -> None:
    assert ink("ญู")[3] >= ink("นู")[3] + 4


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow finds no libfribidi to compare with")
@pytest.mark.parametrize("words", [THAI, "น้ำแข็ง", "ที่นี่", "ปู่ป้า", "ก๋วยเตี๋ยว", "ญี่ปุ่น"])
def test_thai_looks_as_libraqm_would_set_it(words: str) -> None:
    font = ImageFont.truetype(FONT, 48, layout_engine=ImageFont.Layout.RAQM)
    _, top, _, bottom = font.getbbox(words, anchor="ls")
    left, upper, right, lower = ink(words)
    assert abs((lower - upper) - (bottom - top)) <= 4
    assert abs((right - left) - font.getlength(words)) <= 12


def test_braille_shows_what_is_black() -> None:
    picture = Image.new("1", (60, 60), 1)
    assert "".join(in_braille(picture)) == ""
    picture.paste(0, (0, 0, 60, 60))
    assert set("".join(in_braille(picture))) == {"⣿"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://10.0.0.5:9101", Address("10.0.0.5", 9101)),
        ("tcp://printer.local", Address("printer.local", 9100)),
        ("tcp://[fd00::5]:65535", Address("fd00::5", 65535)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: Address) -> None:
    assert parse(text) == address


@pytest.mark.parametrize("garbled", [b"\x1bZ", b"\x1bt\x05", b"\x1d("])
def test_the_reader_of_these_tests_is_strict(garbled: bytes) -> None:
    with pytest.raises(Garbled):
        list(read(BytesIO(garbled)))
