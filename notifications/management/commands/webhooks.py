"""`manage.py webhooks`: the process that sends webhooks, and mails to guests."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from notifications.postman import Postman
from notifications.sender import Sender


class Command(BaseCommand):
    help = "Sends webhooks and mails until it is stopped. Several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        postman = Postman()
        postman.start()
        asyncio.run(work(postman))
        postman.stop()


async def work(postman: Postman) -> None:
    """Call receivers until a signal comes, which also tells the postman to begin with no more."""
    sender = Sender()

    def stop() -> None:
        postman.stopping.set()
        sender.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await sender.work()
