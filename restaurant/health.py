"""For whoever watches the processes: is this one alive, is it ready?"""

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from redis import Redis
from redis.exceptions import RedisError

from restaurant.events.models import EventRecord

#: Seconds that Redis has for its answer: nobody waits for it.
GLANCE = 0.3


def livez(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> JsonResponse:
    """The database is writable and migrated.

    While Redis is away it says `degraded`, with 200: orders are taken all the same.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return JsonResponse({"status": "not migrated"}, status=503)
    with transaction.atomic():
        # Takes the write lock and changes nothing.
        EventRecord.objects.filter(pk=0).update(due_at=None)
    return JsonResponse({"status": "ready" if redis_answers() else "degraded"})


def redis_answers() -> bool:
    """Redis is there, and not frozen."""
    patience = {"socket_timeout": GLANCE, "socket_connect_timeout": GLANCE}
    with Redis.from_url(settings.CELERY_BROKER_URL, **patience) as redis:
        try:
            return bool(redis.ping())
        except RedisError:
            return False
