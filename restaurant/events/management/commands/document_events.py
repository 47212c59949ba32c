"""`manage.py document_events`: the page of all events."""

from typing import Any

from django.core.management.base import BaseCommand

from restaurant.events.page import events_page


class Command(BaseCommand):
    help = "Prints docs/events.md as it should be."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(events_page(), ending="")
