"""Keeps processes running: starts in order, revives what dies, stops Redis last."""

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from restaurant.run.child import Child, Process
from restaurant.run.log import Log
from restaurant.run.place import write_private
from restaurant.run.refusal import Refusal, refusal_after, sentence_for

LOOK_EVERY = 0.05
START_SECONDS = 120
STOP_SECONDS = 8
#: A process that never becomes ready is started this often before the start is given up.
DEATHS_AT_START = 3
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
#: Who has lived for so many seconds has recovered: its next pause is the shortest one again.
RECOVERED_AFTER = 30


class StopAsked(Exception):
    """Somebody pressed Ctrl-C, or sent SIGTERM or SIGHUP."""


@dataclass
class Kept:
    """A process that is to run for as long as the supervisor does."""

    process: Process
    child: Child
    ready: bool = False
    deaths: int = 0
    #: When it is started again; None while it runs.
    due: float | None = None
    #: The pid that its file holds.
    noted: int = 0


class Supervisor:
    """Lives in the main thread: the kernel ties each child to the thread that started it."""

    def __init__(self, env: Mapping[str, str], log: Log, run_folder: Path) -> None:
        self._env = env
        self._log = log
        self._run_folder = run_folder
        self._kept: list[Kept] = []
        self._stops = 0
        signal.signal(signal.SIGINT, self._count_stop)
        signal.signal(signal.SIGTERM, self._count_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to stay
            signal.signal(signal.SIGHUP, self._count_stop)

    def start(self, processes: Sequence[Process]) -> None:
        """Start all of them side by side."""
        for process in processes:
            kept = Kept(process, self._launch(process))
            self._kept.append(kept)
            self._note_pid(kept)

    def until_ready(self) -> None:
        """Wait until all that was started is ready, or refuse."""
        deadline = time.monotonic() + START_SECONDS
        while waiting := [kept for kept in self._kept if not self._is_ready(kept)]:
            self._pause()
            self._revive()
            for kept in waiting:
                if kept.deaths >= DEATHS_AT_START:
                    raise self._refusal(kept, f"died {kept.deaths} times while it was starting")
            if time.monotonic() > deadline:
                raise self._refusal(waiting[0], f"was not ready after {START_SECONDS} s")

    def carry_out(self, process: Process) -> str:
        """Run a command to its end; answer what it said in private, or refuse if it failed."""
        child = self._launch(process)
        try:
            while child.exit_code is None:
                self._pause()
        finally:
            child.kill()
        child.hear_out()
        if child.exit_code != 0:
            raise refusal_after(f"{process.name} failed", list(child.last_lines))
        return "\n".join(child.said)

    def watch(self) -> None:
        """Revive what dies, until somebody asks to stop."""
        while True:
            self._pause()
            self._revive()

    def stop(self) -> None:
        """Stop what runs, the last started first; being asked a second time means: at once."""
        latest_first = self._kept[::-1]
        self._end([kept.child for kept in latest_first if not kept.process.is_needed_to_stop])
        self._end([kept.child for kept in latest_first if kept.process.is_needed_to_stop])
        self._kept.clear()

    def _end(self, children: Sequence[Child]) -> None:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        while _running(children) and time.monotonic() < deadline and self._stops <= 1:
            time.sleep(LOOK_EVERY)
        for child in _running(children):
            self._log.say("tamsang", f"{child.process.name} is killed: it did not stop")
            child.kill()
        for child in children:
            child.hear_out()
            self._pid_file(child.process.name).unlink(missing_ok=True)

    def _count_stop(self, number: int, frame: FrameType | None) -> None:
        # Only counted here: an exception out of a signal handler could come between any two steps.
        self._stops += 1

    def _pause(self) -> None:
        time.sleep(LOOK_EVERY)
        if self._stops:
            raise StopAsked

    def _launch(self, process: Process) -> Child:
        return Child(process, self._env, self._log)

    def _note_pid(self, kept: Kept) -> None:
        if kept.noted == kept.child.pid:
            return
        try:
            write_private(self._pid_file(kept.process.name), f"{kept.child.pid}\n")
            kept.noted = kept.child.pid
        except OSError:
            pass  # a full disk must not end the restaurant; the next look tries again

    def _is_ready(self, kept: Kept) -> bool:
        if not kept.ready and kept.due is None:
            kept.ready = kept.child.exit_code is None and kept.process.is_ready(kept.child)
        return kept.ready

    def _revive(self) -> None:
        now = time.monotonic()
        for kept in self._kept:
            if kept.child.exit_code is None:
                self._note_pid(kept)
                continue
            if kept.due is None:
                self._mourn(kept, now)
            elif now >= kept.due:
                try:
                    kept.child, kept.due = self._launch(kept.process), None
                    self._note_pid(kept)
                except OSError as fault:  # no memory, no process to be had: try again
                    self._log.say("tamsang", f"{kept.process.name}: {sentence_for(fault)}")
                    kept.due = now + LONGEST_PAUSE

    def _mourn(self, kept: Kept, now: float) -> None:
        kept.ready = False
        kept.deaths = 1 if kept.child.age > RECOVERED_AFTER else kept.deaths + 1
        pause = min(SHORTEST_PAUSE * 2 ** min(kept.deaths - 1, 10), LONGEST_PAUSE)
        kept.due = now + pause
        cause = _cause(kept.child.exit_code or 0)
        self._log.say("tamsang", f"{kept.process.name} {cause}; it starts again in {pause:.1f} s")

    def _refusal(self, kept: Kept, what: str) -> Refusal:
        kept.child.hear_out()
        return refusal_after(f"{kept.process.name} {what}", list(kept.child.last_lines))

    def _pid_file(self, name: str) -> Path:
        return self._run_folder / f"{name}.pid"


def _running(children: Sequence[Child]) -> list[Child]:
    return [child for child in children if child.exit_code is None]


def _cause(exit_code: int) -> str:
    if exit_code >= 0:
        return f"ended (exit code {exit_code})"
    return f"was killed ({signal.Signals(-exit_code).name})"
