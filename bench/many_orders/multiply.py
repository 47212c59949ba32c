"""Copies of all rows of what was lived through, each further back in time; by SQL alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max
from django.utils import timezone

from kitchen.models import Ticket, Tray
from orders.models import Order, OrderLine
from restaurant.events.models import EventRecord, Heard
from restaurant.idempotency.models import StoredAnswer

COPIED: list[type[models.Model]] = [
    Order,
    OrderLine,
    Tray,
    Ticket,
    EventRecord,
    Heard,
]
#: Between two copies. With twenty orders in each, one is placed each two minutes.
APART = timedelta(minutes=40)
#: Answers are copied no further back: an hour's worth is there for the next forgetting.
ANSWERS_BACK = timedelta(hours=49)
#: Multiplies the copy's number to scatter the random ids (Knuth, 6.4).
SCATTER = 2654435761


def multiply(copies: int) -> None:
    """Copy everything so many times; what the house forgets after a while, less often."""
    EventRecord.objects.forget_releases(timezone.now())
    # All are written before the first is executed: they count on from the last ids of now.
    statements = [copy_statement(model, copies) for model in COPIED]
    statements.append(copy_statement(StoredAnswer, ANSWERS_BACK // APART))
    with hurried(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        for reset in connection.ops.sequence_reset_sql(no_style(), [*COPIED, StoredAnswer]):
            cursor.execute(reset)


@contextmanager
def hurried() -> Iterator[None]:
    """Copies of rows that fit together fit together: check no foreign keys, if we may."""
    # On a new connection, whose plans for such checks were not made for empty tables.
    connection.close()
    with connection.cursor() as cursor, connection.constraint_checks_disabled():
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.execute("PRAGMA cache_size=-400000")
        else:
            cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
            if cursor.fetchone() == (True,):
                cursor.execute("SET session_replication_role = replica")
        yield
    connection.close()


def copy_statement(model: type[models.Model], copies: int) -> str:
    fields = [field for field in model._meta.concrete_fields if field.column]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(copied(model, field) for field in fields)
    table = model._meta.db_table
    insert = f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM {{}} CROSS JOIN "{table}"'
    if connection.vendor == "postgresql":
        return insert.format(f"generate_series(1, {copies}) AS copy(k)") + " ORDER BY copy.k"
    counted = f"SELECT 1 AS k UNION ALL SELECT k + 1 FROM copy WHERE k < {copies}"
    return f"WITH RECURSIVE copy AS ({counted}) " + insert.format("copy")


def copied(model: type[models.Model], field: Any) -> str:
    """The column's value in copy number `copy.k`."""
    column = f'"{model._meta.db_table}"."{field.column}"'
    target = field
    while target.is_relation:
        if target.related_model not in COPIED:
            return column
        target = target.target_field
    if isinstance(target, models.UUIDField):
        return other_uuid(column)
    if isinstance(target, models.AutoField) or (field.name == "position" and field.unique):
        return f"{column} + copy.k * {last(target)}"
    if isinstance(field, models.DateTimeField):
        return earlier(column)
    return f"{column} || '-' || copy.k" if in_a_unique_text(model, field) else column


def last(field: Any) -> int:
    found: dict[str, int | None] = field.model.objects.aggregate(last=Max(field.name))
    return found["last"] or 0


def in_a_unique_text(model: type[models.Model], field: Any) -> bool:
    constraints = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    last_of = {constraint.fields[-1] for constraint in constraints if constraint.fields}
    is_text = isinstance(field, models.CharField)
    return is_text and (field.unique or field.name in last_of or field.name == "client_ref")


def other_uuid(column: str) -> str:
    """Another one for each copy, the same wherever the row is named."""
    scattered = f"(copy.k * {SCATTER} % 4294967296)"
    if connection.vendor == "postgresql":
        number = scattered.replace("copy.k", "copy.k::bigint")
        return f"(lpad(to_hex({number}), 8, '0') || substr({column}::text, 9))::uuid"
    return f"printf('%08x', {scattered}) || substr({column}, 9)"


def earlier(column: str) -> str:
    seconds = f"copy.k * {int(APART.total_seconds())}"
    if connection.vendor == "postgresql":
        return f"{column} - make_interval(secs => {seconds})"
    return f"strftime('%Y-%m-%d %H:%M:%f', {column}, (-{seconds}) || ' seconds')"


def tidy_up() -> None:
    """What PostgreSQL does by itself some minutes later. Nobody does it on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
