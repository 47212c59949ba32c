"""`manage.py settle_shops --from DAY --to DAY`: what each shop sold and was paid for."""

import csv
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from orders import services

COLUMNS = ("shop", "orders", "subtotal", "service_charge", "vat", "total")


class Command(BaseCommand):
    help = "The part of each shop of the orders that were closed on these days (docs/bill.md)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, type=date.fromisoformat)
        parser.add_argument("--to", dest="last", required=True, type=date.fromisoformat)
        parser.add_argument("--csv", action="store_true", help="as a table for a spreadsheet")

    def handle(self, *args: Any, first: date, last: date, **options: Any) -> None:
        if first > last:
            raise CommandError("The last day comes before the first.")
        rows = [row_of(shop, one) for shop, one in services.settle_shops(first, last).items()]
        out: Any = self.stdout
        if options["csv"]:
            csv.writer(out).writerows([COLUMNS, *rows])
            return
        table = Table(*COLUMNS)
        for row in rows:
            table.add_row(*row)
        Console(file=out, highlight=False).print(table)


def row_of(shop: str, settled: services.Settled) -> list[str]:
    """The house has no code."""
    amounts = settled.amounts
    sums = (amounts.subtotal, amounts.service_charge, amounts.vat, amounts.total)
    return [shop, str(settled.orders), *map(str, sums)]
