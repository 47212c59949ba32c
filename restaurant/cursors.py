"""What has failed lets go of SQLite at once, in the thread that asked.

The error, its traceback and the cursor hold each other, so the garbage collector frees them, in any
thread and at any moment. To reset the cursor's statement it takes the mutex of a connection that is
not its own, whose thread may be waiting in SQLite for the write lock, with that mutex in its hands.
A thread that collected so stood still for a lock's patience, once for each such cursor; if it held
the write lock itself, all others waited for it, and it for all others.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def close_when_failed(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """A closed cursor has no statement any more."""
    try:
        return execute(sql, params, many, context)
    except BaseException:
        context["cursor"].close()
        raise


def guard_cursors(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Hear `connection_created`; the wrapper stays when its connection is made anew."""
    if connection.vendor == "sqlite" and close_when_failed not in connection.execute_wrappers:
        connection.execute_wrappers.append(close_when_failed)
