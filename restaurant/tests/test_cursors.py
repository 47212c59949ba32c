"""A statement that failed keeps nothing of SQLite for the garbage collector."""

import gc
import sqlite3
from contextlib import closing

import pytest
from django.db import OperationalError, connection, transaction

from restaurant.patience import wait_for_locks

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's wait for nobody"),
]


def cursors_of_this_connection() -> list[sqlite3.Cursor]:
    # Not `isinstance`: that asks a lazy object for what it stands for.
    cursors = [found for found in gc.get_objects() if issubclass(type(found), sqlite3.Cursor)]
    return [cursor for cursor in cursors if cursor.connection is connection.connection]


def is_closed(cursor: sqlite3.Cursor) -> bool:
    try:
        cursor.fetchone()
    except sqlite3.ProgrammingError:
        return True
    return False


def test_a_transaction_that_could_not_begin_leaves_no_open_cursor() -> None:
    connection.close()
    connection.ensure_connection()
    wait_for_locks(0)
    name = connection.settings_dict["NAME"]
    with closing(sqlite3.connect(name, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked") as failed, transaction.atomic():
            pass
    assert failed.tb is not None  # it holds the cursor
    left = cursors_of_this_connection()
    assert left
    assert all(map(is_closed, left))
    connection.close()


def test_a_connection_that_is_made_anew_is_guarded_once() -> None:
    for _ in range(2):
        connection.close()
        connection.ensure_connection()
    assert len(connection.execute_wrappers) == 1
