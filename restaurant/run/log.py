"""One log: the lines of all processes, each with the name of who said it."""

import contextlib
import os
import queue
import re
import threading
from pathlib import Path
from typing import TextIO

KEPT_BYTES = 20_000_000
COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
# A guest's note may stand in a line: it must not command the terminal of who reads the log.
COMMANDS_TO_A_TERMINAL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class Log:
    """Writes each line to the screen and to a file, and never makes the speaker wait for either.

    The screen may stand still (Ctrl-S, a pipe that nobody reads, a terminal that is gone) and the
    disk may be full; the restaurant goes on and the lines are dropped.
    """

    def __init__(self, path: Path, screen: TextIO) -> None:
        self._path = path
        self._screen = screen
        self._coloured = screen.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}
        self._lock = threading.Lock()
        self._file_works = True
        if path.exists():
            os.replace(path, path.with_suffix(".log.1"))
        self._for_screen: queue.Queue[str | None] = queue.Queue(maxsize=2000)
        self._printer = threading.Thread(target=self._print, daemon=True)
        self._printer.start()

    def say(self, name: str, text: str) -> None:
        """Add one line of this process."""
        text = COMMANDS_TO_A_TERMINAL.sub("", text.rstrip())
        with self._lock:
            colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            self._keep(f"{name:<8} | {text}\n")
        start, end = (f"\033[{colour}m", "\033[0m") if self._coloured else ("", "")
        self.show(f"{start}{name:<8} |{end} {text}\n")

    def show(self, text: str) -> None:
        """Put text on the screen only: passwords are for the person who is there."""
        with contextlib.suppress(queue.Full):
            self._for_screen.put_nowait(text)

    def close(self) -> None:
        """Let the screen catch up, for a moment."""
        try:
            self._for_screen.put(None, timeout=1)
        except queue.Full:
            return
        self._printer.join(timeout=1)

    def _keep(self, line: str) -> None:
        try:
            with open(self._path, "ab", buffering=0) as file:
                file.write(line.encode())
                size = file.tell()
            if size > KEPT_BYTES:
                os.replace(self._path, self._path.with_suffix(".log.1"))
            self._file_works = True
        except OSError as fault:
            if self._file_works:
                self._file_works = False
                self.show(f"The log file can't be written: {fault.strerror} ({self._path}).\n")

    def _print(self) -> None:
        while (text := self._for_screen.get()) is not None:
            try:
                self._screen.write(text)
                if self._for_screen.empty():
                    self._screen.flush()
            except (OSError, ValueError):
                pass  # nobody looks any more
