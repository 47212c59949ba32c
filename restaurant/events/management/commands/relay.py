"""`manage.py relay`: the process that sends events to their hearers."""

import logging
import signal
import threading
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from restaurant.celery import app
from restaurant.doctor.pulse import Pulse
from restaurant.events.relay import BATCH, tell_again, tell_new
from restaurant.events.waking import EVENT_WRITTEN, Waking

logger = logging.getLogger(__name__)

#: Seconds between two looks for what is due again, when nothing new wakes the relay.
LOOK_AGAIN = 0.5
#: Seconds between the beginnings of two passes: what is said within one breath goes out together.
BREATH = 0.03
#: Seconds that the broker has for each answer.
PATIENCE = 1


class Command(BaseCommand):
    help = "Sends events to their hearers until it is stopped. Several may run at once."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stopping = threading.Event()

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        app.loader.import_default_modules()
        hurry()
        waking, pulse = Waking(EVENT_WRITTEN), Pulse("relay")
        logger.info("The relay is ready.")
        looked = 0.0
        while not self.stopping.is_set():
            began = monotonic()
            try:
                new = tell_new(app)
                if began - looked >= LOOK_AGAIN:
                    tell_again(app)
                    looked = began
                pulse.beat()
                if new < BATCH:
                    waking.wait(LOOK_AGAIN)
                    self.stopping.wait(began + BREATH - monotonic())
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database is away: %s", error)
                connection.close()
                waking = Waking(EVENT_WRITTEN)
                self.stopping.wait(LOOK_AGAIN)
            close_old_connections()

    def stop(self, *_: Any) -> None:
        self.stopping.set()


def hurry() -> None:
    """A frozen broker must not keep new events from their positions for long."""
    app.conf.broker_connection_timeout = PATIENCE
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "confirmed_within": PATIENCE,
    }
