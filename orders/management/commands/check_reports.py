"""`manage.py check_reports`: do the reports say what the rows say?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from orders.reports import services as reports
from orders.services import counting
from restaurant.events.models import EventRecord

#: What, what the reports say, what the rows say.
Found = tuple[str, Any, Any]


class Command(BaseCommand):
    help = (
        "Holds the reports against the orders and tickets themselves, all that ever were. Run it"
        " while nothing happens. Exits with 1 if they differ."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if EventRecord.objects.filter(position=None).exists():
            raise CommandError("Some events are not in the feed yet: does a relay run?")
        while reports.follow():
            pass
        found = list(compared())
        table = Table("", "reports", "rows")
        for what, reported, counted in found:
            same = "" if reported == counted else " ≠"
            table.add_row(what + same, in_short(reported), in_short(counted))
        out: Any = self.stdout
        Console(file=out, highlight=False).print(table)
        if different := [what for what, reported, counted in found if reported != counted]:
            raise CommandError(f"They differ: {', '.join(different)}.")


def compared() -> Iterator[Found]:
    ever = reports.ever()
    for by, counted in counting.count_sold().items():
        rows = reports.sales(ever, by).rows
        reported = {r["key"]: (r["orders"], r["quantity"], r["amount"]) for r in rows}
        yield f"sold by {by}", reported, counted
    total = reports.lateness(ever).total
    for name, number in counting.count_orders().items():
        yield name, total[name], number
    wasted = reports.waste(ever).rows
    by_item = {row["key"]: 0 for row in wasted}
    for row in wasted:
        by_item[row["key"]] += row["quantity"]
    yield "wasted by item", by_item, dict(counting.count_wasted())
    times = counting.count_times()
    yield "tickets begun", reports.kitchen_times(ever).total["tickets"], len(times)
    yield "time of each ticket", reports.ticket_times(), times


def in_short(value: Any) -> str:
    """Large things by their size."""
    if not isinstance(value, dict):
        return str(value)
    if value and all(isinstance(one, tuple) and len(one) == 3 for one in value.values()):
        _, quantity, amount = (sum(column) for column in zip(*value.values(), strict=True))
        return f"{len(value)} rows: {quantity} portions, {amount}"
    if all(isinstance(one, int) for one in value.values()):
        return f"{len(value)} rows: {sum(value.values())}"
    cooked = sum((c for _w, c in value.values() if c), timedelta())
    return f"{len(value)} rows: cooked for {cooked}"
