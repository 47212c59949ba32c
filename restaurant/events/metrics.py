"""How much has happened."""

from collections.abc import Iterator

from restaurant.doctor.contract import Gauge, gauge
from restaurant.events.models import EventRecord


def count() -> Iterator[Gauge]:
    yield gauge("feed_position", "Events that were told, ever.", EventRecord.objects.newest())
