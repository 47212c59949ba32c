"""One life of one process: started, listened to, ended."""

import collections
import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO

from restaurant.run.log import Log
from restaurant.run.place import ROOT
from restaurant.run.tether import tether


@dataclass(frozen=True)
class Process:
    """What to start under which name, and how to see that it is ready."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[["Child"], bool] = lambda _: True
    #: A line with this text in it sets `Child.announced`.
    announces: str = ""
    #: Stopped when all others have: they would not end well without it.
    is_needed_to_stop: bool = False
    #: Set for this process only.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Its standard output is for the supervisor (`Child.said`) and stays out of the log.
    speaks_in_private: bool = False


class Child:
    """A running process; its lines go to the log and the last of them are kept."""

    def __init__(self, process: Process, env: Mapping[str, str], log: Log) -> None:
        self.process = process
        self.started_at = time.monotonic()
        self.last_lines: collections.deque[str] = collections.deque(maxlen=15)
        self.said: list[str] = []
        self.announced = False
        self._log = log
        private = process.speaks_in_private
        self._popen = subprocess.Popen(
            process.command,
            cwd=ROOT,
            env={**env, **process.extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if private else subprocess.STDOUT,
            # A Ctrl-C in the terminal must reach the supervisor only, which then stops in order.
            start_new_session=True,
            preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
        )
        self.pid = self._popen.pid
        self._listeners = [
            self._listen(self._popen.stdout, self.said.append if private else self._note),
            self._listen(self._popen.stderr, self._note),
        ]

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._popen.poll()

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.started_at

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        self._popen.terminate()

    def kill(self) -> None:
        """End it and whatever it started, at once."""
        if self.exit_code is None:
            os.killpg(self.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(timeout=5)

    def hear_out(self) -> None:
        """Wait for the last lines of one that has ended."""
        for listener in self._listeners:
            listener.join(timeout=1)

    def _note(self, line: str) -> None:
        if not line:
            return
        self.last_lines.append(line)
        if self.process.announces and self.process.announces in line:
            self.announced = True
        self._log.say(self.process.name, line)

    def _listen(self, stream: IO[bytes] | None, hear: Callable[[str], None]) -> threading.Thread:
        def copy() -> None:
            if stream is None:
                return
            with stream:
                # Bounded: a process that never ends its line must not fill the memory.
                while line := stream.readline(64_000):
                    hear(line.decode(errors="replace").rstrip())

        listener = threading.Thread(target=copy, daemon=True)
        listener.start()
        return listener
