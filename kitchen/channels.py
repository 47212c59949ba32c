"""Which Celery queues the kitchen has."""

from kitchen.models import Zone, queue_of


def zone_queues() -> list[str]:
    """One for each zone; workers with `--zones` follow them."""
    return [queue_of(code) for code in Zone.objects.values_list("code", flat=True)]
