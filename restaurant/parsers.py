"""How strictly a body is read."""

import codecs
import json
from typing import Any

from django.utils.http import parse_header_parameters
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is larger than 256 kB."


class StrictJSONParser(JSONParser):
    """JSON in UTF-8, at most 256 kB, no NaN, no name twice in one object, no endless nesting."""

    max_bytes = 256 * 1024
    #: No body of the contract needs more than half of it.
    most_levels = 8

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        request = parser_context["request"]
        refuse_other_encodings(request)
        # Without a length the stream may be endless: one byte more than allowed is enough to see.
        raw = stream.read(self.max_bytes + 1)
        if len(raw) > self.max_bytes:
            raise TooLarge()
        try:
            # A lone surrogate, "\\ud800", is legal JSON and can't be stored: encode to find it.
            parsed = json.loads(
                raw.decode("utf-8"), object_pairs_hook=no_name_twice, parse_constant=no_constant
            )
            json.dumps(parsed, ensure_ascii=False).encode("utf-8")
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except UnicodeError as error:
            raise ParseError("There is text in it that is not UTF-8.") from error
        except json.JSONDecodeError as error:
            raise ParseError(f"This is not JSON: {error}") from error
        except NotStrict as error:
            raise ParseError(f"This is not JSON: {error}") from error
        except ValueError as error:
            raise ParseError("There is a number in it with too many digits.") from error
        if deeper_than(self.most_levels, parsed):
            raise ParseError("The JSON is nested too deeply.")
        return parsed


class NotStrict(ValueError):
    """Python would read it all the same."""


def refuse_other_encodings(request: Any) -> None:
    """Other charsets and compressed bodies are ways to make a small request large."""
    _, parameters = parse_header_parameters(request.content_type or "")
    charset = parameters.get("charset")
    try:
        other = charset is not None and codecs.lookup(charset).name != "utf-8"
    except (LookupError, ValueError):
        other = True
    if other or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType(request.content_type, "Send JSON in UTF-8, not compressed.")


def no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("a name stands twice in one object")
    return found


def no_constant(name: str) -> None:
    raise NotStrict(f"{name} is not JSON")


def deeper_than(levels: int, parsed: Any) -> bool:
    """What the parser can just bear would be too deep for whoever shows it later."""
    if not isinstance(parsed, dict | list):
        return False
    inner = parsed.values() if isinstance(parsed, dict) else parsed
    return levels == 0 or any(deeper_than(levels - 1, value) for value in inner)
