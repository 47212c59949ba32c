"""What the callers saw, as it happened: a file of JSON lines, written by the run alone."""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]

#: How a call ended. Unknown: it may have been done or not, as after a timeout.
OK, FAIL, UNKNOWN = "ok", "fail", "unknown"


@dataclass(frozen=True)
class Call:
    """One request of one caller. Times are seconds since 1970."""

    number: int
    who: str
    verb: str
    began: float
    #: What was asked for: `intent`, `key`, `ticket`, `order`, …
    facts: Json = field(default_factory=dict)
    outcome: str = UNKNOWN
    #: How long the caller waited; None if it never came to an end.
    seconds: float | None = None
    #: What came back: `status`, `code`, `order`, `replayed`; or `why` nothing did.
    answer: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """What was done to the product, and until when."""

    kind: str
    began: float
    ended: float


@dataclass(frozen=True)
class History:
    """All that was written down in a run."""

    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    #: The portions of counted items before the first order.
    stock: dict[str, int] = field(default_factory=dict)
    #: When the machine had no time for us: then no answer can be called late.
    busy: list[tuple[float, float]] = field(default_factory=list)
    #: When more processes wanted to run than it has room for: answers take longer then.
    crowded: list[tuple[float, float]] = field(default_factory=list)


class Writer:
    """Appends a line for each thing that happens. A call that is never ended is unknown."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._calls = 0

    def close(self) -> None:
        self._file.close()

    def invoke(self, who: str, verb: str, **facts: Any) -> int:
        """A caller begins to ask; the number of the call."""
        self._calls += 1
        self._write("invoke", call=self._calls, who=who, verb=verb, facts=facts)
        return self._calls

    def end(self, call: int, outcome: str, seconds: float, **answer: Any) -> None:
        self._write(outcome, call=call, seconds=round(seconds, 4), answer=answer)

    @contextmanager
    def fault(self, kind: str) -> Iterator[None]:
        """What is done in the block is done to the product."""
        began = time.time()
        try:
            yield
        finally:
            self._write("fault", kind=kind, began=began, ended=time.time())

    def stock(self, portions: dict[str, int]) -> None:
        self._write("stock", portions=portions)

    def busy(self, began: float) -> None:
        self._write("busy", began=began, ended=time.time())

    def crowded(self, began: float) -> None:
        self._write("crowded", began=began, ended=time.time())

    def _write(self, what: str, **more: Any) -> None:
        self._file.write(json.dumps({"what": what, "at": time.time(), **more}) + "\n")


def read(path: Path) -> History:
    """The whole history."""
    with path.open() as file:
        return understand(json.loads(line) for line in file)


def understand(lines: Iterable[Json]) -> History:
    """Put the end of each call to its beginning."""
    history, open_calls = History(), dict[int, Json]()
    for line in lines:
        match line["what"]:
            case "invoke":
                open_calls[line["call"]] = line
            case "ok" | "fail" | "unknown":
                history.calls.append(_call(open_calls.pop(line["call"]), line))
            case "fault":
                history.faults.append(Fault(line["kind"], line["began"], line["ended"]))
            case "stock":
                history.stock.update(line["portions"])
            case "busy":
                history.busy.append((line["began"], line["ended"]))
            case "crowded":
                history.crowded.append((line["began"], line["ended"]))
    history.calls.extend(_call(line, {}) for line in open_calls.values())
    return history


def _call(invoke: Json, end: Json) -> Call:
    return Call(
        number=invoke["call"],
        who=invoke["who"],
        verb=invoke["verb"],
        began=invoke["at"],
        facts=invoke["facts"],
        outcome=end.get("what", UNKNOWN),
        seconds=end.get("seconds"),
        answer=end.get("answer", {}),
    )
