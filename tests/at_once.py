"""Several callers at one moment, each a process of its own with its own database connection."""

import multiprocessing
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from time import sleep
from typing import Any
from unittest.mock import patch

from django.db import connection, connections

#: Seconds until all processes must have begun.
PATIENCE = 60
#: Seconds for which one waits for the other to move. On SQLite, inside a transaction, in vain.
TURN = 3


class Meeting:
    """Of two processes one looks, the other moves, and then the first acts on what it saw."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self.looked, self.moved = context.Event(), context.Event()

    def look(self) -> None:
        """It has looked: now the other one may move."""
        self.looked.set()
        self.moved.wait(TURN)

    def move(self, call: Callable[[], Any]) -> str:
        """Once the first one has looked."""
        assert self.looked.wait(PATIENCE), "Nobody has looked."
        call()
        self.moved.set()
        return "done"


def slowly(call: Callable[[], Any]) -> str:
    """Make the call, so slow to look at tickets that all have looked before one of them moves."""
    with connection.execute_wrapper(look_slowly):
        call()
    return "done"


def look_slowly(execute: Any, sql: str, *more: Any) -> Any:
    result = execute(sql, *more)
    if sql.startswith("SELECT") and "kitchen_ticket" in sql:
        sleep(0.1)
    return result


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make all calls at the same moment, and return what each returned, or raised, in order."""
    connections.close_all()
    with patient():
        return answers_of(calls)


def patient() -> AbstractContextManager[object]:
    """Whoever connects meanwhile waits long for SQLite's one write lock.

    Fifty writers on two cores take their turns at it; who is right is asked here, not how fast.
    """
    patience = {"timeout": PATIENCE} if connection.vendor == "sqlite" else {}
    return patch.dict(connection.settings_dict["OPTIONS"], patience)


def answers_of(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(len(calls))
    callers = []
    for call in calls:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=make_call, args=(call, barrier, there))
        process.start()
        there.close()
        callers.append((process, here))
    answers = [here.recv() for _, here in callers]
    for process, _ in callers:
        process.join()
    return answers


def make_call(call: Callable[[], Any], barrier: Barrier, answer: Connection) -> None:
    barrier.wait(PATIENCE)
    try:
        answer.send(call())
    except Exception as error:  # noqa: BLE001  the caller looks at it
        answer.send(repr(error))
    connections.close_all()
