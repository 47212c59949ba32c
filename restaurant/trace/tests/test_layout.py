"""What stands where in the picture."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from restaurant.subscriptions import Style
from restaurant.trace.contract import FEED, FOLLOWERS, Kind, Lane, Mark, Message, Span, Trace
from restaurant.trace.layout import Drawing, draw, fitted, lines_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WORDS = {mark: f"is {mark}" for mark in Mark}
LANES = [Lane("guest", "Guest"), Lane("zone.fry", "Fry"), Lane("pass", "Pass")]


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def span(begins: float, ends: float | None, row: str = "a", **more: Any) -> Span:
    known: dict[str, Any] = {"lane": "zone.fry", "kind": Kind.COOKING, "what": "1 × Fried rice"}
    end = None if ends is None else at(ends)
    return Span(begins=at(begins), ends=end, row=row, **known | more)


def message(seconds: float, sender: str, *hearers: str, **more: Any) -> Message:
    known: dict[str, Any] = {"style": Style.NOTIFICATION, "name": "x", "to": "y"}
    return Message(at=at(seconds), sender=sender, hearers=hearers, **known | more)


def drawn(*told: Message | Span, until: float = 100) -> Drawing:
    return draw(
        Trace(
            begins=NOON,
            until=at(until),
            lanes=LANES,
            messages=[one for one in told if isinstance(one, Message)],
            spans=[one for one in told if isinstance(one, Span)],
        ),
        WORDS,
    )


@pytest.mark.parametrize(
    ("spans", "lines"),
    [
        ([span(0, 5, "a"), span(5, 9, "a")], {"a": 0}),
        ([span(0, 5, "a"), span(6, 9, "b")], {"a": 0, "b": 0}),
        ([span(0, 5, "a"), span(4, 9, "b")], {"a": 0, "b": 1}),
        # What ends as the other begins would touch it.
        ([span(0, 5, "a"), span(5, 9, "b")], {"a": 0, "b": 1}),
        ([span(0, None, "a"), span(50, 60, "b")], {"a": 0, "b": 1}),
        ([span(0, 5, "a"), span(0, 9, "b"), span(6, 8, "c")], {"a": 0, "b": 1, "c": 0}),
        # A row keeps its line over a gap.
        ([span(0, 2, "a"), span(8, 9, "a"), span(3, 4, "b")], {"a": 0, "b": 1}),
    ],
)
def test_a_row_stands_in_the_first_line_that_is_free_for_all_of_it(
    spans: list[Span], lines: dict[str, int]
) -> None:
    assert lines_of(spans, at(100)) == lines


def test_lanes_stand_below_each_other_and_have_room_for_their_rows() -> None:
    picture = drawn(*(span(0, 9, row) for row in "abcd"))
    guest, fry, the_pass = picture.stripes
    assert fry.y == guest.y + guest.height
    assert the_pass.y == fry.y + fry.height
    assert fry.height > 2 * guest.height == 2 * the_pass.height
    assert sorted(fry.rows.values()) == [fry.y + 16 + 20 * n for n in range(4)]
    assert picture.height == the_pass.y + the_pass.height


def test_a_bar_lasts_from_its_begin_to_its_end_or_to_the_edge() -> None:
    first, second = drawn(span(0, 50), span(50, None, kind=Kind.READY, row="b")).bars
    assert (first.x, first.x + first.width, first.open) == (12, 615, False)
    assert (second.x, second.x + second.width, second.open) == (615, 1218, True)
    assert (first.kind, second.kind) == ("cooking", "ready")


def test_an_arrow_goes_from_lane_to_lane_and_from_said_to_heard() -> None:
    picture = drawn(message(0, "guest", "pass", heard_at=at(50)), message(100, "pass", "guest"))
    guest, _fry, the_pass = picture.stripes
    down, up = picture.arrows
    assert (down.x1, down.y1, down.x2, down.y2) == (12, guest.middle, 615, the_pass.middle)
    assert (up.x1, up.y1, up.x2, up.y2) == (1218, the_pass.middle, 1218, guest.middle)
    assert [down.number, up.number] == [1, 2]


def test_how_long_a_zone_worked_is_told_by_bars_and_its_arrow_is_upright() -> None:
    (arrow,) = drawn(
        message(0, "guest", "zone.fry", heard_at=at(20), answered_at=at(60)), span(0, 60)
    ).arrows
    assert arrow.x1 == arrow.x2


def test_an_arrow_ends_at_the_row_of_its_ticket_and_else_at_the_edge_of_the_lane() -> None:
    to_ticket = message(0, "guest", "zone.fry", data={"ticket_ref": "b"})
    to_zone = message(0, "pass", "zone.fry", parts=2, marks=frozenset({Mark.REPAIRED}))
    picture = drawn(to_ticket, to_zone, span(0, 9, "a"), span(0, 9, "b"))
    fry = picture.stripes[1]
    first, second = picture.arrows
    assert first.y2 == fry.rows["b"]
    assert second.y2 == fry.y + fry.height
    assert [one.text for one in picture.captions] == ["x ×2 · is repaired"]


def test_a_call_out_fans_out_to_every_zone() -> None:
    picture = drawn(message(0, "guest", "zone.fry", "pass", style=Style.ORCHESTRATION, parts=3))
    assert [(one.number, one.style) for one in picture.arrows] == [(1, "orchestration")] * 2
    assert [one.text for one in picture.captions] == ["y ×3"]


def test_what_stays_in_its_lane_or_goes_to_the_feed_is_a_dot() -> None:
    press = message(0, "zone.fry", "zone.fry", data={"ticket_ref": "a"})
    to_all = message(100, "pass", FOLLOWERS, to=FEED)
    picture = drawn(press, to_all, span(0, 9, "a"))
    assert picture.arrows == []
    assert [(dot.number, dot.x) for dot in picture.dots] == [(1, 12), (2, 1218)]
    assert picture.dots[0].y == picture.stripes[1].rows["a"]


def test_a_long_trace_is_wider_up_to_a_limit() -> None:
    def wide(moments: int) -> float:
        return drawn(*(message(n, "guest", "pass") for n in range(moments)), until=1).width

    assert [wide(10), wide(200), wide(9000)] == [1230, 2200, 6000]


@pytest.mark.parametrize(
    ("room", "text"), [(999, "1 × Fried rice"), (60, "1 × Fri…"), (30, ""), (0, "")]
)
def test_a_label_has_as_many_letters_as_there_is_room_for(room: float, text: str) -> None:
    assert fitted("1 × Fried rice", room) == text


def test_a_row_has_one_label_and_it_ends_before_the_next() -> None:
    picture = drawn(span(0, 1, "a"), span(1, 2, "a"), span(50, 60, "b", what="2 × Tea"))
    assert [label.text for label in picture.labels] == ["1 × Fried rice", "2 × Tea"]


def test_nothing_told_is_an_empty_picture() -> None:
    picture = draw(Trace(NOON, NOON, LANES, [], []), WORDS)
    assert (picture.bars, picture.arrows, picture.dots) == ([], [], [])
    assert len(picture.stripes) == 3
