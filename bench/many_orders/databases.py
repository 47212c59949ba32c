"""Two empty databases, gone again at the end."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

SIZES = ("few", "many")


@contextmanager
def two_databases(server: str) -> Iterator[dict[str, str]]:
    """`{"few": URL, "many": URL}`: files for "sqlite", else databases of that PostgreSQL server."""
    if server == "sqlite":
        with tempfile.TemporaryDirectory(prefix="many-orders-") as folder:
            yield {size: f"sqlite:///{quote(str(Path(folder) / size))}.sqlite3" for size in SIZES}
        return
    names = {size: f"many_orders_{size}_{os.getpid()}" for size in SIZES}
    with psycopg.connect(server, autocommit=True) as connection:
        try:
            for name in names.values():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            yield {
                size: urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
                for size, name in names.items()
            }
        finally:
            for name in names.values():
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))
