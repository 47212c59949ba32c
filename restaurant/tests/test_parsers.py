"""How strictly a body is read."""

import io
import json
from typing import Any

import pytest
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from restaurant.parsers import StrictJSONParser, TooLarge, deeper_than

LARGEST = 256 * 1024


class Endless(io.RawIOBase):
    """A body without an end, which counts what was read of it."""

    asked = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "read to the end that never comes"
        self.asked += size
        return b"[" * size


def parse(raw: bytes | io.RawIOBase, content_type: str = "application/json") -> Any:
    request = Request(APIRequestFactory().post("/", b"", content_type=content_type))
    stream = io.BytesIO(raw) if isinstance(raw, bytes) else raw
    return StrictJSONParser().parse(stream, parser_context={"request": request})


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b"null", None),
        (b' [1, 1.5, true, "x"] ', [1, 1.5, True, "x"]),
        ('{"ก": "🌶"}'.encode(), {"ก": "🌶"}),
        (rb'"\ud83c\udf36"', "🌶"),
        (b'{"a": {"b": 1}, "b": {"b": 1}}', {"a": {"b": 1}, "b": {"b": 1}}),
        (b"1e999", float("inf")),
    ],
)
def test_json_is_read_as_it_is(raw: bytes, value: Any) -> None:
    assert parse(raw) == value


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{} {}",
        b"NaN",
        b"[-Infinity]",
        b'{"a": 1, "a": 1}',
        b'[{"a": {"b": 1, "b": 2}}]',
        rb'"\ud83c"',
        rb'{"\udf36": 1}',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        b'"a\nb"',
        b'{"a": 01}',
        b"9" * 5000,
    ],
)
def test_what_is_not_json_in_utf_8_is_refused(raw: bytes) -> None:
    with pytest.raises(
        ParseError,
        match=r"^(This is not JSON: |There is text in it that is not UTF-8|There is a number)",
    ):
        parse(raw)


@pytest.mark.parametrize("levels", [9, 100, 900, 1000, 50_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_what_is_nested_too_deeply_is_refused(levels: int, opening: str, closing: str) -> None:
    raw = (opening * levels + "1" + closing * levels).encode()
    with pytest.raises(ParseError, match=r"^The JSON is nested too deeply\.$"):
        parse(raw[:LARGEST])


def test_eight_levels_are_read() -> None:
    assert parse(b"[" * 8 + b"]" * 8) == [[[[[[[[]]]]]]]]


@pytest.mark.parametrize(
    ("levels", "value", "deeper"),
    [
        (0, 1, False),
        (0, [], True),
        (1, [], False),
        (1, {"a": 1}, False),
        (1, {"a": [1]}, True),
        (2, [1, {"a": 1}], False),
        (2, [1, {"a": {}}], True),
    ],
)
def test_levels_are_counted(levels: int, value: Any, deeper: bool) -> None:
    assert deeper_than(levels, value) is deeper


def test_256_kb_are_read_and_one_byte_more_is_not() -> None:
    largest = json.dumps("x" * (LARGEST - 2)).encode()
    assert len(parse(largest)) == LARGEST - 2
    with pytest.raises(TooLarge):
        parse(largest + b" ")


def test_of_an_endless_body_no_more_is_read_than_it_takes_to_see_that() -> None:
    body = Endless()
    with pytest.raises(TooLarge):
        parse(body)
    assert body.asked == LARGEST + 1


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"', "U8"])
def test_utf_8_has_several_names(charset: str) -> None:
    assert parse(b"{}", f"application/json; charset={charset}") == {}


@pytest.mark.parametrize(
    "charset", ["bz2_codec", "zlib_codec", "utf-16", "latin-1", "utf-8-sig", "utf-7", "no", '""']
)
def test_another_charset_is_refused_before_anything_is_read(charset: str) -> None:
    body = Endless()
    with pytest.raises(UnsupportedMediaType):
        parse(body, f"application/json; charset={charset}")
    assert body.asked == 0
