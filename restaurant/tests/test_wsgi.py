"""Headers that Django would fail on before anything could answer for it."""

import io
import json
from typing import Any

import pytest

from restaurant.wsgi import application

MANY_NAMES = "&".join(["a=1"] * 1500)


def ask(content_type: str, query: str = "", method: str = "GET") -> tuple[int, dict[str, Any]]:
    """What a web server would do with this request for the menu."""
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/api/v1/menu/",
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": "2",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
    }
    answer = application(environ, lambda status, headers: said.append(status))  # type: ignore[arg-type]
    body = b"".join(answer)
    return int(said[0].split()[0]), json.loads(body)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json; charset=bz2_codec",
        "application/json; charset=undefined",
        "application/json; charset=idna",
        "application/json; charset=punycode",
        "application/json; charset=rot13",
        "application/json; charset*=no-such''x",
        "application/json; charset*=utf-8''%00",
        "a; b*=bz2_codec''%41",
        "a; b*0=x; b*2=y",
        ";" * 5000,
        "\xff; a=\xff",
        "*/*",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_strange_content_type_is_answered(db: None, content_type: str, method: str) -> None:
    status, body = ask(content_type, "table=%41", method)
    expected = (400, "invalid_query") if method == "GET" else (405, "method_not_allowed")
    assert (status, body["code"]) == expected


@pytest.mark.parametrize("content_type", ["", "application/json; charset=utf-8"])
def test_too_many_names_in_the_address_are_refused(db: None, content_type: str) -> None:
    status, body = ask(content_type, MANY_NAMES)
    assert (status, body["code"]) == (400, "invalid_query")


def test_the_address_is_utf_8_whatever_the_body_claims_to_be(db: None) -> None:
    status, body = ask("text/plain; charset=utf-16", "%E0%B8%81=1")
    assert status == 400
    assert [error["pointer"] for error in body["errors"]] == ["/ก"]
