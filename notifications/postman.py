"""Sends mails to guests, beside the sender of webhooks in its process, in a thread of its own.

One mail at a time: a mail server that is slow holds up mails, and nothing else.
"""

import logging
from threading import Event, Thread

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from notifications import services

logger = logging.getLogger(__name__)

#: Seconds between two looks at what is due.
LOOK_AGAIN = 1.0
#: Seconds without a try after a mail that was not taken: the server is likely to refuse the next.
AFTER_A_FAULT = 5.0
#: Seconds that a mail under way has when the process is to stop; its claim runs out by itself.
LAST_MAIL = 3.0


class Postman:
    """Works from `start` to `stop`."""

    def __init__(self) -> None:
        self.stopping = Event()
        # What a mail server holds up must not hold up the process's end.
        self.thread = Thread(target=self.work, name="postman", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(LAST_MAIL)

    def work(self) -> None:
        while not self.stopping.is_set():
            self.stopping.wait(self.look())
        connection.close()

    def look(self) -> float:
        """Send what is due; seconds until the next look."""
        try:
            close_old_connections()
            while (taken := services.send_next()) and not self.stopping.is_set():
                pass
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database is away: %s", error)
            connection.close()
            return LOOK_AGAIN
        except Exception:
            logger.exception("A mail could not be made or sent.")
            return AFTER_A_FAULT
        return AFTER_A_FAULT if taken is False else LOOK_AGAIN
