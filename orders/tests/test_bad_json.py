"""What is no JSON of ours is refused before anybody looks at its fields, and leaves nothing."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from conftest import assert_problem, order_body
from orders.tests.conftest import faults

Post = Callable[..., Any]

#: Legal in JSON, but no text.
LONE_SURROGATE = "\ud800"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("null", id="null"),
        pytest.param("[]", id="list"),
        pytest.param('"text"', id="text"),
        pytest.param("5", id="number"),
        pytest.param("true", id="true"),
        pytest.param("", id="nothing"),
        pytest.param("{}", id="empty object"),
        pytest.param(" ", id="blank"),
        pytest.param('{"channel": ', id="cut off"),
        pytest.param("{'channel': 1}", id="Python"),
        pytest.param('{"lines": [{"quantity": NaN}]}', id="NaN"),
        pytest.param('{"lines": [{"quantity": -Infinity}]}', id="Infinity"),
        pytest.param('{"lines": [{"quantity": 1e999}]}', id="too large for a float"),
        pytest.param('{"lines": ' + "1" * 5000 + "}", id="5000 digits"),
        pytest.param(json.dumps({LONE_SURROGATE: 1}), id="lone surrogate in a name"),
        pytest.param("[" * 100_000, id="100,000 deep, open"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="100,000 deep"),
        pytest.param('{"a":' * 20_000 + "1" + "}" * 20_000, id="20,000 objects deep"),
        pytest.param(b'{"note": "\xff"}', id="not UTF-8"),
        pytest.param('{"note": "ก"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
        pytest.param(b"\x00", id="NUL"),
    ],
)
def test_what_is_no_object_of_json_is_refused(post_in_vain: Post, raw: str | bytes) -> None:
    assert_problem(post_in_vain(raw), 400, "invalid_body")


@pytest.mark.parametrize(
    ("fine", "wrong"),
    [
        ('"table": "A3"', '"table": "A3", "table": "A3"'),
        ('"tray": 1', '"tray": 1, "tray": 2'),
        ('"A3"', json.dumps(LONE_SURROGATE)),
    ],
)
def test_what_would_be_fine_but_for_its_json_is_refused(
    post_in_vain: Post, fine: str, wrong: str
) -> None:
    raw = json.dumps(order_body("crab"))
    assert fine in raw
    assert_problem(post_in_vain(raw.replace(fine, wrong)), 400, "invalid_body")


def test_json_that_the_parser_can_just_bear_is_refused_as_well(post_in_vain: Post) -> None:
    for depth in (10, 100, *range(800, 1000, 3)):
        body = json.dumps(order_body("crab", channel="@"))
        raw = body.replace('"@"', "[" * depth + "]" * depth)
        assert_problem(post_in_vain(raw), 400, "invalid_body")


def test_thousands_of_faults_get_a_short_answer(post_in_vain: Post) -> None:
    for name, items in (("lines", "{}"), ("options", "1")):
        raw = json.dumps({**order_body("crab"), name: "@"}).replace(
            '"@"', "[" + ",".join([items] * 80_000) + "]"
        )
        assert len(post_in_vain(raw).content) < 2_000


@pytest.mark.parametrize("size", [256 * 1024 + 1, 1_000_000])
def test_a_body_of_more_than_256_kb_is_refused(post_in_vain: Post, size: int) -> None:
    raw = json.dumps(order_body("crab", note="@"))
    raw = raw.replace("@", "x" * (size - len(raw) + 1))
    assert len(raw) == size
    assert_problem(post_in_vain(raw), 413, "too_large")


def test_a_body_of_256_kb_is_read(post_in_vain: Post) -> None:
    problem = assert_problem(
        post_in_vain(json.dumps(order_body("crab", quantity=1)).ljust(256 * 1024)),
        400,
        "unknown_field",
    )
    assert faults(problem) == [("/quantity", "unknown_field")]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "application/xml",
        "application/vnd.api+json",
        "",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "application/json; charset=utf-7",
        "application/json; charset=utf-8-sig",
        "application/json; charset=bz2_codec",
        "application/json; charset=zlib_codec",
        "application/json; charset=rot13",
        "application/json; charset=no-such",
        'application/json; charset=""',
        "application/json; charset=" + "x" * 5000,
    ],
)
def test_anything_but_json_in_utf_8_is_refused(post_in_vain: Post, content_type: str) -> None:
    assert_problem(post_in_vain(order_body("crab"), content_type), 415, "bad_media_type")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity, gzip", "x"])
def test_a_compressed_body_is_refused(post_in_vain: Post, encoding: str) -> None:
    raw = gzip.compress(json.dumps(order_body("crab")).encode())
    response = post_in_vain(raw, **{"Content-Encoding": encoding})
    assert_problem(response, 415, "bad_media_type")
