"""`manage.py rebuild_reports`: the reports once more from the first event."""

from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from orders.reports import services
from restaurant.events.models import EventRecord


class Command(BaseCommand):
    help = "Makes the reports anew from all events; until then the present ones are read."

    def handle(self, *args: Any, **options: Any) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        out: Any = self.stdout
        console = Console(file=out, highlight=False)
        with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
            bar = bars.add_task("events", total=EventRecord.objects.newest())
            made = services.rebuild(lambda position: bars.update(bar, completed=position))
        if made.as_of is None:
            self.stdout.write("There is no event yet.")
        else:
            self.stdout.write(f"{made.position} events, up to {made.as_of:%Y-%m-%d %H:%M:%S %Z}.")
