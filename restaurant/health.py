"""For whoever watches the processes: is this one alive, is it ready?"""

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from restaurant import broker
from restaurant.events.models import EventRecord

#: Seconds that the broker has for its answer: nobody waits for it.
GLANCE = 0.3


def livez(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> JsonResponse:
    """The database is writable and migrated.

    While the broker is away it says `degraded`, with 200: orders are taken all the same.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return JsonResponse({"status": "not migrated"}, status=503)
    with transaction.atomic():
        # Takes the write lock and changes nothing.
        EventRecord.objects.filter(pk=0).update(due_at=None)
    return JsonResponse({"status": "ready" if broker.answers(GLANCE) else "degraded"})
