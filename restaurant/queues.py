"""A worker with `--zones` works on the queues that `WORKER_QUEUES_FROM` names, new ones too."""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from celery import Celery, bootsteps
from celery.worker.consumer.tasks import Tasks
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils.module_loading import import_string
from kombu.exceptions import ChannelError

logger = logging.getLogger(__name__)

#: Seconds until a worker notices a new zone.
LOOK_EVERY = 3.0
#: AMQP's code for what is not there; kombu gives it for Redis as well.
NOT_FOUND = "404"


def messages_in(app: Celery, queue: str) -> int:
    """How many messages wait in the queue; raises kombu's OperationalError without a broker."""
    with app.connection_for_read() as broker:
        # By default it is tried for 6 s, in which the relay would number no event.
        broker.ensure_connection(max_retries=1, interval_start=0)
        return waiting(broker, queue)


def waiting(broker: Any, queue: str) -> int:
    """Asked without making the queue: one that nobody has made yet is empty."""
    try:
        with broker.channel() as channel:
            told: int = channel.queue_declare(queue, passive=True).message_count
    except ChannelError as error:
        if str(error.reply_code) != NOT_FOUND:
            raise
        return 0
    return told


class FollowQueues(bootsteps.StartStopStep):
    """Ask each few seconds which queues there are, and consume those that are new."""

    requires = (Tasks,)

    timer: Any = None

    def include_if(self, consumer: Any) -> bool:
        return bool(consumer.controller.options.get("zones"))

    def start(self, consumer: Any) -> None:
        # Not here: the worker can't take messages yet, and RabbitMQ hands them over at once.
        consumer.timer.call_after(0, self.follow, (consumer,))
        self.timer = consumer.timer.call_repeatedly(LOOK_EVERY, self.follow, (consumer,))

    def stop(self, consumer: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    shutdown = stop

    def follow(self, consumer: Any) -> None:
        """Consume every queue; those consumed already stay. A database away is tried next time."""
        queues: Callable[[], Iterable[str]] = import_string(settings.WORKER_QUEUES_FROM)
        close_old_connections()
        try:
            names = list(queues())
        except DatabaseError as error:
            logger.warning("The zones' queues could not be read: %s", error)
            return
        for name in names:
            consumer.add_task_queue(name)
