"""When a delivery is tried again, and how long a receiver that fails is left alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from random import SystemRandom

from django.conf import settings

#: Between two tries, as Standard Webhooks recommends: ten tries over 75 hours.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: Between two tries of a mail to a guest. Four hours later nobody wants to know that it is ready.
MAIL_WAITS = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
)
#: Each wait is so much longer or shorter, so that what failed together does not return together.
JITTER = 0.1
#: After so many failures on end a receiver is left alone for a while, then for twice as long, …
FAILURES = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
#: No `Retry-After` is believed beyond this.
LONGEST_RETRY_AFTER = timedelta(hours=24)

dice = SystemRandom()


def wait_after(tries: int) -> timedelta | None:
    """The wait after so many tries of a webhook; None: that was the last."""
    wait = next_of(WAITS, tries)
    return wait and wait / settings.WEBHOOK_SPEED


def mail_wait_after(tries: int) -> timedelta | None:
    """The same of a mail."""
    return next_of(MAIL_WAITS, tries)


def next_of(waits: Sequence[timedelta], tries: int) -> timedelta | None:
    if tries > len(waits):
        return None
    return waits[tries - 1] * dice.uniform(1 - JITTER, 1 + JITTER)


def pause_after(failures: int) -> timedelta:
    """How long the receiver is left alone after so many failures on end."""
    if failures < FAILURES:
        return timedelta()
    doubled = FIRST_PAUSE * (1 << min(failures - FAILURES, 10))
    return min(doubled, LONGEST_PAUSE) / settings.WEBHOOK_SPEED


def asked_wait(retry_after: str, now: datetime) -> timedelta:
    """What `Retry-After` asks for: seconds or a date (RFC 9110); none if it says neither."""
    if retry_after.isascii() and retry_after.isdigit():
        asked = timedelta(seconds=min(int(retry_after[:9]), 10**9))
    else:
        try:
            asked = parsedate_to_datetime(retry_after) - now
        except (ValueError, TypeError):
            return timedelta()
    return min(max(asked, timedelta()), LONGEST_RETRY_AFTER)
