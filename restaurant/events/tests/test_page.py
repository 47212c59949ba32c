"""The page of all events is written from the code."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from restaurant.events.contract import DECLARED, Event
from restaurant.events.page import events_page
from restaurant.subscriptions import SUBSCRIPTIONS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "events.md"


def test_the_page_is_what_the_code_says() -> None:
    stale = "./run manage document_events > docs/events.md"
    assert PAGE.read_text() == events_page(), f"docs/events.md is stale. Type: {stale}"


def test_each_event_stands_there_with_its_fields_and_hearers() -> None:
    page = events_page()
    said = {name: one for name, one in DECLARED.items() if one.__module__.endswith(".events")}
    assert {"order.placed", "tray.ready"} <= said.keys()
    for name, event in said.items():
        section = page.partition(f"### `{name}`\n")[2].partition("\n### ")[0]
        assert all(f"`{field}`" in section for field in event.told() if field != "order_ref")
        assert all(one.to in section for one in SUBSCRIPTIONS.get(name, []))


def test_a_new_event_makes_the_page_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restaurant.events.page.DECLARED", known := dict(DECLARED))

    @dataclass(frozen=True, kw_only=True)
    class SaltSpilt(Event):
        """Somebody has spilt the salt."""

        __module__ = "salt.events"
        name = "salt.spilt"
        grams: list[int | None]

    known["salt.spilt"] = SaltSpilt
    page = events_page()
    assert "## Said by salt" in page
    assert "### `salt.spilt`\n\nSomebody has spilt the salt." in page
    assert "| `grams` | list of integer or null |" in page
