"""What a worker tells Flower about its tasks goes out together, not task by task."""

from typing import Any

from celery import bootsteps
from celery.worker.consumer.events import Events

#: Seconds within which Flower hears of a task.
TELL_EVERY = 0.5


class GatherTaskEvents(bootsteps.StartStopStep):
    """Send the buffered events twice a second, or when the buffer is full.

    Celery sends them after each turn of its loop, which for short tasks is one message a task: a
    fifth of the worker's time.
    """

    requires = (Events,)

    timer: Any = None

    def start(self, consumer: Any) -> None:
        dispatcher = consumer.event_dispatcher
        dispatcher.on_send_buffered = None
        self.timer = consumer.timer.call_repeatedly(TELL_EVERY, dispatcher.flush)

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    shutdown = stop
