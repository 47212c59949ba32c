"""The rows that a batch of events is about: read at once, changed in memory, written at once."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from orders.reports.models import (
    CookedTicket,
    OfProjection,
    Projection,
    SoldLine,
    TakenOrder,
    Waste,
)

Row = TypeVar("Row", bound=OfProjection)


class Books:
    """Orders, lines and tickets by their refs; what is got from here to be changed is written."""

    def __init__(self, projection: Projection, order_refs: Collection[UUID]) -> None:
        self.projection = projection
        of: dict[str, Any] = {"projection": projection, "order_ref__in": order_refs}
        self.orders = {row.order_ref: row for row in TakenOrder.objects.filter(**of)}
        self.lines = {row.line: row for row in SoldLine.objects.filter(**of)}
        self.tickets = {row.ticket: row for row in CookedTicket.objects.filter(**of)}
        self.wasted: list[Waste] = []
        self._changed: dict[type[OfProjection], set[UUID]] = {}

    def add_order(self, row: TakenOrder) -> None:
        self.orders[row.order_ref] = row
        self._note(TakenOrder, row.order_ref)

    def add_line(self, row: SoldLine) -> None:
        self.lines[row.line] = row
        self._note(SoldLine, row.line)

    def add_ticket(self, row: CookedTicket) -> None:
        self.tickets[row.ticket] = row
        self._note(CookedTicket, row.ticket)

    def order(self, ref: UUID) -> TakenOrder | None:
        self._note(TakenOrder, ref)
        return self.orders.get(ref)

    def line(self, ref: UUID) -> SoldLine | None:
        self._note(SoldLine, ref)
        return self.lines.get(ref)

    def ticket(self, ref: UUID) -> CookedTicket | None:
        self._note(CookedTicket, ref)
        return self.tickets.get(ref)

    def begun_of_line(self, line: UUID) -> list[CookedTicket]:
        """Of the line's tickets those that were begun and not thrown away yet."""
        return self._where(lambda row: row.line == line and row.started_at and not row.thrown_away)

    def done_on_tray(self, tray: UUID) -> list[CookedTicket]:
        """Of the tray's tickets those that stand at the pass."""
        return self._where(
            lambda row: (
                row.tray == tray
                and row.to_pass
                and row.done_at
                and row.at_pass is None
                and not row.thrown_away
            )
        )

    def write(self) -> None:
        """New rows and changed ones alike, with one statement for many."""
        upsert(TakenOrder, "order_ref", self._to_write(TakenOrder, self.orders))
        upsert(SoldLine, "line", self._to_write(SoldLine, self.lines))
        upsert(CookedTicket, "ticket", self._to_write(CookedTicket, self.tickets))
        Waste.objects.bulk_create(self.wasted)

    def _where(self, fits: Any) -> list[CookedTicket]:
        found = [row for row in self.tickets.values() if fits(row)]
        for row in found:
            self._note(CookedTicket, row.ticket)
        return found

    def _note(self, kind: type[OfProjection], ref: UUID) -> None:
        self._changed.setdefault(kind, set()).add(ref)

    def _to_write(self, kind: type[Row], rows: dict[UUID, Row]) -> list[Row]:
        return [rows[ref] for ref in sorted(self._changed.get(kind, ())) if ref in rows]


def upsert(kind: type[Row], ref: str, rows: Iterable[Row]) -> None:
    """Write the rows; one that is there already takes the new values."""
    unique = list(dict.fromkeys(["projection", "order_ref", ref]))
    others = [
        field.name for field in kind._meta.concrete_fields if field.name not in ("id", *unique)
    ]
    to_write = list(rows)
    for row in to_write:
        # Rows are told apart by what they are of: a known number would be a second conflict.
        row.pk = None
    kind.objects.bulk_create(
        to_write, update_conflicts=True, unique_fields=unique, update_fields=others
    )
