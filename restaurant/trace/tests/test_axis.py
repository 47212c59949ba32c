"""Where moments stand on the axis."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from restaurant.trace.axis import axis_of, shortened, since

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("moments", "places"),
    [
        ([0], [0]),
        ([0, 10], [0, 100]),
        ([0, 5, 10], [0, 50, 100]),
        # Half of the width is shared alike: a millisecond still has a quarter of it.
        ([0, 0.001, 10], [0, 25, 100]),
        ([0, 2, 10], [0, 35, 100]),
        # The same moment twice is one.
        ([0, 0, 10, 10], [0, 0, 100, 100]),
    ],
)
def test_a_moment_stands_by_its_turn_and_by_its_time(
    moments: list[float], places: list[float]
) -> None:
    axis = axis_of([at(moment) for moment in reversed(moments)], 0, 100)
    assert [axis.x(at(moment)) for moment in moments] == places


def test_a_moment_between_two_and_beyond_them_has_its_place() -> None:
    axis = axis_of([at(0), at(10), at(20)], 0, 100)
    assert [axis.x(at(second)) for second in (-5, 5, 15, 99)] == [0, 25, 75, 100]


@pytest.mark.parametrize(
    ("gaps", "shown"),
    [
        ([], []),
        ([7], [7]),
        ([10, 10], [10, 10]),
        ([10, 20, 10], [10, 20, 10]),
        ([10, 3600, 10], [10, 10, 10]),
        # Two long waits, one after the other.
        ([10, 7200, 900, 10], [10, 15, 10, 10]),
        # What a cook needs is never shortened.
        ([0.01, 300], [0.01, 300]),
        ([0, 0, 5], [0, 0, 5]),
    ],
)
def test_a_wait_that_would_leave_no_room_is_shortened(
    gaps: list[float], shown: list[float]
) -> None:
    assert shortened(gaps) == shown


def test_where_a_wait_was_shortened_the_axis_says_so_and_its_labels_stay_true() -> None:
    axis = axis_of([at(0), at(60), at(120), at(7320)], 0, 1000)
    assert [(tick.label, tick.cut) for tick in axis.ticks()] == [
        ("+0.00 s", False),
        ("+1:00", False),
        ("+2:00", False),
        ("+2:02:00", True),
    ]


def test_labels_do_not_stand_on_each_other() -> None:
    axis = axis_of([at(moment / 10) for moment in range(200)], 0, 1000)
    places = [tick.x for tick in axis.ticks()]
    assert len(places) > 8
    assert all(b - a >= 78 for a, b in pairwise(places))


@pytest.mark.parametrize(
    ("seconds", "label"),
    [
        (0, "+0.00 s"),
        (0.042, "+0.04 s"),
        (1.234, "+1.23 s"),
        (59.4, "+59.4 s"),
        (60, "+1:00"),
        (185.2, "+3:05"),
        (3727, "+1:02:07"),
    ],
)
def test_a_label_is_as_exact_as_one_needs_it(seconds: float, label: str) -> None:
    assert since(seconds) == label
