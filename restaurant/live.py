"""The live hub: one reader of the feed per process wakes whoever waits for news of an order."""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Max

from restaurant.events.models import EventRecord
from restaurant.events.waking import EVENT_NUMBERED, Waking

logger = logging.getLogger(__name__)

#: Seconds between two looks at the feed when nothing wakes the reader.
LOOK_AGAIN = 1.0


class Hub:
    """Follows the positions of the feed in a thread of its own, as long as the process serves."""

    def __init__(self) -> None:
        self.waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.follow, name="live-hub", daemon=True)
        self.loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join()

    @contextmanager
    def news_of(self, subject: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever there is news of this order; clear it before each look."""
        news = asyncio.Event()
        self.waiting[subject].add(news)
        try:
            yield news
        finally:
            self.waiting[subject].discard(news)
            if not self.waiting[subject]:
                del self.waiting[subject]

    def wake(self, subjects: set[UUID]) -> None:
        for subject in subjects & self.waiting.keys():
            for news in self.waiting[subject]:
                news.set()

    def follow(self) -> None:
        """Read what is new in the feed, wake who waits for it, sleep until there is more."""
        waking = Waking(EVENT_NUMBERED)
        position: int | None = None
        while not self.stopping.is_set():
            try:
                position = self.read_after(position)
                waking.wait(LOOK_AGAIN)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The feed can't be read: %s", error)
                connection.close()
                waking = Waking(EVENT_NUMBERED)
                self.stopping.wait(LOOK_AGAIN)
        connection.close()

    def read_after(self, position: int | None) -> int:
        """Wake whoever waits for news after this position; return the newest one."""
        if position is None:
            return EventRecord.objects.aggregate(newest=Max("position"))["newest"] or 0
        fresh = EventRecord.objects.after(position)
        if not fresh:
            return position
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.wake, {subject for subject, _ in fresh})
        return fresh[-1][1]
