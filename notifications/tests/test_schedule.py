"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifications.schedule import FAILURES, asked_wait, pause_after, wait_after

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_ten_tries_take_75_hours() -> None:
    waits = [wait_after(tries) for tries in range(1, 10)]
    assert None not in waits
    together = sum((wait for wait in waits if wait), timedelta())
    assert timedelta(hours=67) < together < timedelta(hours=84)
    assert wait_after(10) is None
    assert wait_after(11) is None


def test_each_wait_is_another_and_none_is_far_off() -> None:
    waits = {wait_after(1) for _ in range(50)}
    assert len(waits) > 40
    assert all(wait and timedelta(seconds=4.5) <= wait <= timedelta(seconds=5.5) for wait in waits)


def test_the_speed_shortens_all_of_it(settings: Any) -> None:
    settings.WEBHOOK_SPEED = 3600
    wait = wait_after(9)
    assert wait is not None
    assert wait < timedelta(seconds=27)
    assert pause_after(FAILURES) < timedelta(seconds=1)


def test_a_pause_begins_with_the_fifth_failure_and_doubles_up_to_a_limit() -> None:
    pauses = [pause_after(failures) for failures in (0, 4, 5, 6, 7, 9, 10, 10_000)]
    assert [pause.total_seconds() for pause in pauses] == [0, 0, 30, 60, 120, 480, 600, 600]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("", 0),
        ("120", 120),
        ("0", 0),
        ("999999999999", 24 * 3600),
        ("-5", 0),
        ("1.5", 0),
        ("soon", 0),
        ("٣", 0),
        ("Sat, 21 Nov 2026 12:10:00 GMT", 600),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 12:10:00", 0),
        ("Sat, 21 Nov 9999 12:10:00 GMT", 24 * 3600),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: int) -> None:
    assert asked_wait(said, NOW) == timedelta(seconds=seconds)
