"""What only Redis knows: asked by a task and by `manage.py doctor`, never by a web request."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from restaurant.doctor.models import SignOfLife

#: Seconds that Redis has for each answer.
PATIENCE = 1.0


@dataclass(frozen=True)
class Reading:
    """How many messages wait in each queue, how many are being worked on, and Redis itself."""

    at: datetime | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    taken: int = 0
    redis: Mapping[str, Any] = field(default_factory=dict)
    #: Why Redis could not be read.
    error: str = ""

    @classmethod
    def of(cls, sign: SignOfLife | None) -> "Reading":
        """The last one that a task has taken; an empty one if none has."""
        if sign is None or not sign.said:
            return cls()
        # Of another release it may have said more.
        known = {one.name for one in fields(cls)} & sign.said.keys()
        return cls(at=sign.at, **{name: sign.said[name] for name in known})

    def as_json(self) -> dict[str, Any]:
        """All but its time, which is that of the sign of life that it comes with."""
        return {name: value for name, value in asdict(self).items() if name != "at"}


def take_reading() -> Reading:
    """Ask Redis now. One that hangs costs a second or two."""
    now = timezone.now()
    names = queues()
    redis = Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    )
    with redis:
        try:
            pipe = redis.pipeline(transaction=False)
            for name in names:
                pipe.llen(name)
            pipe.hlen("unacked")
            pipe.info()
            *lengths, taken, info = pipe.execute()
            return Reading(now, dict(zip(names, lengths, strict=True)), taken, facts(redis, info))
        except RedisError as error:
            return Reading(now, error=str(error) or type(error).__name__)


def queues() -> list[str]:
    """Every queue of the house: those of the routes, and those that the workers follow."""
    follow: Callable[[], Iterable[str]] = import_string(settings.WORKER_QUEUES_FROM)
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    return [*sorted(routed | {settings.CELERY_TASK_DEFAULT_QUEUE}), *follow()]


def facts(redis: "Redis", info: Mapping[str, Any]) -> dict[str, Any]:
    """What of its settings decides how much it may forget."""
    try:
        fsync = redis.config_get("appendfsync").get("appendfsync", "")
    except ResponseError:  # rented servers keep their settings to themselves
        fsync = ""
    return {
        "version": info.get("valkey_version") or info.get("redis_version", ""),
        "appendonly": bool(info.get("aof_enabled")),
        "appendfsync": fsync,
        "policy": info.get("maxmemory_policy", ""),
        "used": info.get("used_memory", 0),
        "most": info.get("maxmemory", 0),
    }
