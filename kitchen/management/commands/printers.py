"""`manage.py printers`: the process that prints chits, each printer in a thread of its own."""

import logging
import signal
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from kitchen.printing.address import parse
from kitchen.printing.conversation import NotPrinted, send
from kitchen.printing.paper import as_bytes
from kitchen.services import chits
from restaurant.doctor.pulse import Pulse
from restaurant.events.waking import EVENT_WRITTEN, Waking

logger = logging.getLogger(__name__)

#: Seconds between two looks when nothing happens, at the least between two, and while no zone has a
#: printer.
LOOK_AGAIN, BREATH, NO_PRINTER = 0.5, 0.1, 5.0
#: Seconds that a printer has to come to an end when this is stopped.
PATIENCE = 3.0


class Command(BaseCommand):
    help = "Prints the chits of zones with a printer until it is stopped. Several may run at once."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stopping = Event()
        self.threads: dict[str, Thread] = {}
        self.pulse = Pulse("printers")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        waking = Waking(EVENT_WRITTEN)
        logger.info("The printers are ready.")
        while not self.stopping.is_set():
            try:
                self.go_on(waking)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The database is away: %s", error)
                connection.close()
                waking = Waking(EVENT_WRITTEN)
                self.stopping.wait(LOOK_AGAIN)
            close_old_connections()
        for thread in self.threads.values():
            thread.join(PATIENCE)

    def go_on(self, waking: Waking) -> None:
        """One look, and the wait until the next."""
        self.pulse.beat()
        if not chits.has_printers():
            self.stopping.wait(NO_PRINTER)
            return
        for printer in chits.look(timezone.now()):
            self.set_going(printer)
        waking.wait(LOOK_AGAIN)
        self.stopping.wait(BREATH)

    def set_going(self, printer: str) -> None:
        """Unless it is printing still. What hangs must not keep the process from its end."""
        before = self.threads.get(printer)
        if before is None or not before.is_alive():
            thread = Thread(target=self.print_all, args=(printer,), name=printer, daemon=True)
            self.threads[printer] = thread
            thread.start()

    def print_all(self, printer: str) -> None:
        try:
            while not self.stopping.is_set() and print_next(printer):
                pass
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database is away: %s", error)
        finally:
            connection.close()

    def stop(self, *_: Any) -> None:
        self.stopping.set()


def print_next(printer: str, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Claim, commit, send, record: the printer is never spoken to inside a transaction.

    False if it has nothing to print now, or fails to.
    """
    chit = chits.claim_next(printer, clock())
    if chit is None:
        return False
    try:
        send(parse(printer), as_bytes(chits.slip_of(chit)))
    except NotPrinted as failed:
        logger.warning("%s has not printed %s: %s", printer, chit, failed.why)
        chits.not_printed(chit, clock(), failed.why, begun=failed.begun)
        return False
    chits.printed(chit, clock())
    return True
