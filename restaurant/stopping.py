"""The process is told to stop: hear of it before the server has waited for its open answers."""

import asyncio
import signal
import threading
from collections.abc import Callable
from typing import Any


def when_told_to_stop(end: Callable[[], None]) -> None:
    """Call `end` in this event loop with the signal, beside what the server does then.

    uvicorn says so to its app only after all answers have ended or its patience has; a live stream
    does not end by itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        server: Any = signal.getsignal(number)
        if not callable(server):
            continue

        def stop(number: int, frame: Any, server: Any = server) -> None:
            loop.call_soon_threadsafe(end)
            server(number, frame)

        signal.signal(number, stop)
