"""What the kitchen has cooked, row by row: for who counts it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kitchen.models import Ticket


@dataclass(frozen=True)
class Cooked:
    """A ticket, with what became of it; `served_at` is when its tray left last."""

    ticket: UUID
    line: UUID
    zone: str
    item: str
    prep_seconds: int
    refire: int
    last_of_track: bool
    wasted: bool
    fired_at: datetime | None
    started_at: datetime | None
    done_at: datetime | None
    served_at: datetime | None


def all_cooked() -> Iterator[Cooked]:
    """Every ticket there is, those of a line in the order of their steps."""
    columns = ("pk", "line_ref", "zone", "item", "prep_seconds", "refire", "next_zone", "wasted")
    times = ("fired_at", "started_at", "done_at", "tray__served_at")
    rows = Ticket.objects.order_by("line_ref", "track", "position").values_list(*columns, *times)
    for ticket, line, zone, item, prep_seconds, refire, next_zone, wasted, *when in rows.iterator():
        yield Cooked(ticket, line, zone, item, prep_seconds, refire, not next_zone, wasted, *when)
