"""What is written beside the arrows."""

from datetime import UTC, datetime
from typing import Any

import pytest

from restaurant.subscriptions import Style
from restaurant.trace.captions import Wish, Words, caption, weight, written
from restaurant.trace.contract import Mark, Message

WORDS = {mark: f"is {mark}" for mark in Mark}


def message(**more: Any) -> Message:
    known: dict[str, Any] = {
        "at": datetime(2026, 11, 21, tzinfo=UTC),
        "sender": "orders",
        "style": Style.NOTIFICATION,
        "name": "trays.started",
        "to": "orders.tasks.mark_preparing",
    }
    return Message(**known | more)


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (message(), "trays.started"),
        (message(style=Style.REQUEST_RESPONSE), "mark_preparing"),
        (message(style=Style.ORCHESTRATION, to="kitchen.tasks.plate", parts=3), "plate ×3"),
        (message(data={"ticket_ref": "1"}), ""),
        (message(data={"ticket_ref": "1"}, marks=frozenset({Mark.RECALLED})), "is recalled"),
        (message(marks=frozenset({Mark.RETRIED})), "trays.started · is retried"),
    ],
)
def test_an_arrow_says_what_was_called_or_said(told: Message, text: str) -> None:
    assert caption(told, WORDS) == text


def test_what_happened_once_more_is_written_first() -> None:
    again = message(marks=frozenset({Mark.REPAIRED}))
    assert weight(again) > weight(message(style=Style.ORCHESTRATION)) > weight(message())


def test_words_stand_on_the_right_of_their_place_or_on_its_left_at_the_edge() -> None:
    wishes = [Wish(0, "ten letter", [(10, 5)]), Wish(0, "ten letter", [(190, 5)])]
    first, second = written(wishes, [], 200)
    assert (first.x, first.end) == (14, 77)
    assert second.end == 186


def test_words_cover_neither_each_other_nor_what_is_there() -> None:
    label = Words(14, 5, "1 × Fried rice")
    light, heavy = Wish(0, "light", [(200, 5)]), Wish(2, "heavy", [(200, 5), (200, 50)])
    covered = Wish(1, "covered", [(20, 5)])
    moved = Wish(1, "moved", [(20, 5), (20, 60)])
    found = [*written([light, covered, moved, heavy], [label], 230)]
    assert [(one.text, one.x, one.y) for one in found] == [
        ("heavy", 164.5, 5),
        ("moved", 24, 60),
    ]


def test_nothing_to_say_is_not_written() -> None:
    assert [*written([Wish(2, "", [(10, 5)])], [], 200)] == []
