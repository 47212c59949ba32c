"""What only the broker knows: asked by a task and by `manage.py doctor`, never by a web request."""

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

from restaurant import broker
from restaurant.celery import app
from restaurant.doctor.models import SignOfLife
from restaurant.queues import waiting

#: Seconds that the broker has for each answer.
PATIENCE = 1.0


@dataclass(frozen=True)
class Reading:
    """How many messages wait in each queue, how many are being worked on, and the broker itself."""

    at: datetime | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    #: RabbitMQ does not tell it.
    taken: int | None = 0
    redis: Mapping[str, Any] = field(default_factory=dict)
    #: The version, where that is the broker.
    rabbitmq: str = ""
    #: Why the broker could not be read.
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
    """Ask the broker now. One that hangs costs a second or two."""
    read = read_rabbitmq if broker.is_rabbitmq() else read_redis
    return read(timezone.now(), queues())


def read_rabbitmq(now: datetime, names: list[str]) -> Reading:
    try:
        with app.connection_for_read(connect_timeout=PATIENCE) as rabbitmq:
            rabbitmq.ensure_connection(max_retries=1, interval_start=0)
            lengths = {name: waiting(rabbitmq, name) for name in names}
            server: Any = rabbitmq.connection
            version = str(server.server_properties.get("version", ""))
            return Reading(now, lengths, taken=None, rabbitmq=version)
    except broker.AWAY as error:
        return Reading(now, taken=None, error=str(error) or type(error).__name__)


def read_redis(now: datetime, names: list[str]) -> Reading:
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
