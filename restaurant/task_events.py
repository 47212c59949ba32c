"""What a worker tells Flower about its tasks goes out together, not task by task."""

import sys
from typing import Any

from celery import bootsteps
from celery.worker.consumer.events import Events

#: Seconds within which Flower hears of a task.
TELL_EVERY = 0.5


class GatherTaskEvents(bootsteps.StartStopStep):
    """Send the buffered events twice a second, and from nowhere else than the worker's loop.

    Celery sends them after each turn of its loop, which for short tasks is one message a task: a
    fifth of the worker's time. And when the buffer is full, the thread that has filled it sends:
    on RabbitMQ the loop then reads the answer for which that thread waits, and the worker stands
    still for ever (Celery 5.7.0).
    """

    requires = (Events,)

    timer: Any = None

    def start(self, consumer: Any) -> None:
        dispatcher = consumer.event_dispatcher
        dispatcher.on_send_buffered = None
        dispatcher.buffer_limit = sys.maxsize
        self.timer = consumer.timer.call_repeatedly(TELL_EVERY, dispatcher.flush)

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    shutdown = stop
