"""The examples of the documents: a curl command, and the answer that is shown after it."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

FENCED = re.compile(
    r"<!-- meanwhile: (?P<meanwhile>.+?) -->|^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.M | re.S
)
#: What is another one each time, and how it is written in both answers before they are compared.
EACH_TIME_NEW = [
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "MOMENT"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "REQUEST"),
    (re.compile(r"/track/[\w-]+/"), "/track/SECRET/"),
    (re.compile(r"whsec_[\w+/=]+"), "whsec_SECRET"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "HOUSE"),
    (re.compile(r"#\d+"), "#NUMBER"),
    (re.compile(r'^"\d+-\d+"$'), "ETAG"),
]
#: Numbers that are others each time.
COUNTS = {
    "id",
    "number",
    "position",
    "version",
    "queued_seconds",
    "held",
    "fired",
    "cooking",
    "late",
    "waited_seconds",
}
#: In a shown object: and so on.
AND_SO_ON = "…"


@dataclass
class Example:
    """A command, and what is shown of its answer: nothing, or its body, or all of it."""

    command: str
    #: What happens in the house before it, out of the reader's sight.
    meanwhile: list[str]
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    #: What a live stream says; it may say more in between.
    stream: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """What curl would send."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


def examples(document: Path) -> Iterator[Example]:
    """Those of the document, in its order."""
    current: Example | None = None
    meanwhile: list[str] = []
    for found in FENCED.finditer(document.read_text()):
        text = found["text"] or ""
        if found["meanwhile"]:
            meanwhile.append(found["meanwhile"])
        elif re.search(r"^curl ", text, re.M):
            if current:
                yield current
            current, meanwhile = Example(text[text.index("curl ") :], meanwhile), []
        elif current and found["kind"] == "json" and current.body is None:
            current.body = json.loads(text)
        elif current and found["kind"] == "sse":
            current.stream = list(messages_in(text.splitlines()))
        elif current and found["kind"] == "http":
            head, _, body = text.partition("\n\n")
            status, *headers = head.splitlines()
            current.status = int(status.split()[1])
            current.headers = dict(header.split(": ", 1) for header in headers)
            current.body = json.loads(body) if body.strip() else None
    if current:
        yield current


def messages_in(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The messages of a live stream, each with its fields."""
    message: dict[str, Any] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name in ("id", "data", "retry"):
            message[name] = json.loads(value)
        elif name:
            message[name] = value
        elif message:
            yield message
            message = {}
    if message:
        yield message


def call_of(command: str, variables: Mapping[str, str]) -> Call:
    """What this curl command asks."""
    words = shlex.split(Template(command.replace("\\\n", " ")).substitute(variables))
    call: dict[str, Any] = {"method": "", "url": "", "body": None}
    headers: dict[str, str] = {}
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            call["method"] = next(rest)
        elif word == "-H":
            name, value = next(rest).split(": ", 1)
            headers[name] = value
        elif word == "-d":
            call["body"] = next(rest).encode()
        elif word not in ("-s", "-i", "-si", "-sN"):
            call["url"] = word
    call["method"] = call["method"] or ("POST" if call["body"] else "GET")
    return Call(headers=headers, **call)


def is_like(shown: Any, real: Any, name: str = "") -> bool:
    """The same shape, and the same values where they are not new each time."""
    if isinstance(shown, dict) and isinstance(real, dict):
        named = {key: value for key, value in shown.items() if key != AND_SO_ON}
        if AND_SO_ON not in shown and shown.keys() != real.keys():
            return False
        return all(key in real and is_like(value, real[key], key) for key, value in named.items())
    if isinstance(shown, list) and isinstance(real, list):
        # Some of them may be shown, in their order.
        left = iter(real)
        some = all(any(is_like(value, other, name) for other in left) for value in shown)
        return some and bool(shown) == bool(real)
    if isinstance(shown, str) and isinstance(real, str):
        return plain(shown) == plain(real)
    if name in COUNTS and shown is not None:
        return isinstance(real, int | float)
    return type(shown) is type(real) and bool(shown == real)


def plain(text: str) -> str:
    for pattern, word in EACH_TIME_NEW:
        text = pattern.sub(word, text)
    return text
