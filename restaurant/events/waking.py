"""Waiting for a commit of somebody else, without asking the tables."""

import time
from typing import Any

from django.db import connection

#: PostgreSQL: notified by the triggers of this app's migrations.
EVENT_WRITTEN = "event_written"
EVENT_NUMBERED = "event_numbered"
#: SQLite: seconds between two looks at a counter in the shared memory of the database file; one
#: look costs a few microseconds.
GLANCE = 0.01


class Waking:
    """`wait` returns when something may have changed since the last `wait`, or the time is up."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._seen: int | None = None
        self._listens_on: Any = None
        self._counts_on: Any = None

    def wait(self, seconds: float) -> bool:
        """True when woken, False when `seconds` have passed."""
        if connection.vendor == "postgresql":
            return self._notified(seconds)
        return self._changed(seconds)

    def _notified(self, seconds: float) -> bool:
        connection.ensure_connection()
        raw: Any = connection.connection
        with connection.wrap_database_errors:
            if raw is not self._listens_on:
                # A new connection: what was told before it listened may have been missed.
                raw.execute(f"LISTEN {self.channel}")
                self._listens_on = raw
                return True
            return any(True for _ in raw.notifies(timeout=seconds, stop_after=1))

    def _changed(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        connection.ensure_connection()
        if connection.connection is not self._counts_on:
            # Each connection counts for itself: what a new one has missed is not known.
            self._counts_on, self._seen = connection.connection, None
        while (version := self._data_version()) == self._seen:
            if time.monotonic() >= until:
                return False
            time.sleep(GLANCE)
        self._seen = version
        return True

    def _data_version(self) -> int:
        """Counts others' commits (sqlite.org/pragma.html#pragma_data_version)."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA data_version")
            (version,) = cursor.fetchone()
        return int(version)
