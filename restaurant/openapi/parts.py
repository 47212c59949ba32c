"""What the operations of the schema have in common: problems, headers, and their words."""

from drf_spectacular.utils import OpenApiParameter

from restaurant.shapes import JsonSchema

JSON = "application/json"
TEXT: JsonSchema = {"type": "string"}
#: A database that is to hold it can't.
NO_NUL = r"^[^\u0000]*$"
SECONDS: JsonSchema = {"type": "integer", "minimum": 1}
CSV = "text/csv"
TABLE: JsonSchema = {
    "type": "string",
    "description": "The rows as a table (RFC 4180), with a line of names first.",
}
POSITION: JsonSchema = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
STREAM: JsonSchema = {
    "type": "string",
    "description": "Server-sent events. `id` is the feed's position and `data` the event; those"
    " named `ping` and `reload` say `{at, position}`.",
}

#: What any operation may answer.
ALWAYS = (
    (400, "bad_request"),
    (400, "invalid_query"),
    (401, "not_authenticated"),
    (406, "not_acceptable"),
    (429, "rate_limited"),
    (500, "internal"),
    (503, "database_unavailable"),
)
#: And any that reads a body.
WITH_BODY = (
    (400, "invalid_body"),
    (400, "unknown_field"),
    (408, "request_timeout"),
    (413, "too_large"),
    (415, "bad_media_type"),
)
PROBLEM_SCHEMA: JsonSchema = {
    "type": "object",
    "description": "A refusal (RFC 9457). `code` is for programs, `detail` for people.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "instance": TEXT,
        "code": TEXT,
        "request_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "retryable": {"type": "boolean", "description": "Asking the same later can help."},
        "retry_after": {**SECONDS, "description": "So many seconds later."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {**TEXT, "description": "Where in the body (RFC 6901)."},
                    "code": TEXT,
                    "detail": TEXT,
                },
                "required": ["code", "detail", "pointer"],
            },
        },
    },
    "required": [
        *("type", "title", "status", "detail", "instance", "code", "request_id", "retryable"),
    ],
}
HEADERS: dict[str, JsonSchema] = {
    "X-Request-ID": {**TEXT, "description": "In our log, and in every refusal."},
    "ETag": {**TEXT, "description": "Changes with the order and with its trays."},
    "Location": {**TEXT, "description": "The address of what was made."},
    "Idempotency-Replayed": {"const": "true", "description": "The first answer, once more."},
    "Retry-After": {**SECONDS, "description": "Seconds after which to ask again."},
    "WWW-Authenticate": {"const": "Bearer"},
}
#: Headers that are always there; the others only where they mean something.
CERTAIN = {"X-Request-ID", "ETag", "Location", "WWW-Authenticate"}


def answer_of(schema: JsonSchema, media_type: str, *more: str) -> JsonSchema:
    return {
        "description": "",
        "headers": headers(*more),
        "content": {media_type: {"schema": schema}},
    }


def headers(*names: str) -> JsonSchema:
    return {
        name: {"schema": HEADERS[name], "required": name in CERTAIN}
        for name in ("X-Request-ID", *names)
    }


def header(
    name: str, schema: JsonSchema, about: str, *, required: bool = False
) -> OpenApiParameter:
    return OpenApiParameter(
        name, schema, OpenApiParameter.HEADER, required=required, description=about
    )
