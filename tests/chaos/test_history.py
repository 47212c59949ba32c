"""What the callers saw reads as it was written."""

from pathlib import Path

import pytest

from tests.chaos.history import Writer, read, understand


def test_a_history_reads_as_it_was_written(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "history.jsonl")
    writer.stock({"soup": 10})
    first = writer.invoke("guest-1", "place", key="k")
    second = writer.invoke("cook-1", "done", ticket="ticket-boil")
    writer.end(first, "ok", 0.25, status=201, order="order-1")
    with writer.fault("kill relay"):
        pass
    writer.invoke("cook-1", "done", ticket="ticket-fry")
    writer.end(second, "unknown", 1.0, why="TimeoutError")
    writer.close()
    history = read(tmp_path / "history.jsonl")
    assert [(c.verb, c.outcome, c.seconds) for c in history.calls] == [
        ("place", "ok", 0.25),
        ("done", "unknown", 1.0),
        # It was never ended, as when the caller itself was killed.
        ("done", "unknown", None),
    ]
    assert history.calls[0].answer == {"status": 201, "order": "order-1"}
    assert [fault.kind for fault in history.faults] == ["kill relay"]
    assert history.stock == {"soup": 10}


def test_the_end_of_a_call_that_never_began_is_refused() -> None:
    with pytest.raises(KeyError):
        understand([{"what": "ok", "call": 1, "seconds": 0.1, "answer": {}}])
