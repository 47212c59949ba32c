"""Who carries the messages: Redis, or RabbitMQ where `BROKER_URL` names one."""

from amqp.exceptions import AMQPError
from django.conf import settings
from kombu import Connection
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

#: What is raised by a broker that is not there, or does not let us in: what RabbitMQ says no to,
#: kombu passes on as it is.
AWAY = (OperationalError, OSError, AMQPError)


def is_rabbitmq() -> bool:
    return str(settings.CELERY_BROKER_URL).startswith("amqp")


def name() -> str:
    """For people."""
    return "RabbitMQ" if is_rabbitmq() else "Redis"


def answers(within: float) -> bool:
    """It is there, and not frozen: known after about so many seconds."""
    return rabbitmq_answers(within) if is_rabbitmq() else redis_answers(within)


def redis_answers(within: float) -> bool:
    patience = {"socket_timeout": within, "socket_connect_timeout": within}
    with Redis.from_url(settings.CELERY_BROKER_URL, **patience) as redis:
        try:
            return bool(redis.ping())
        except RedisError:
            return False


def rabbitmq_answers(within: float) -> bool:
    with Connection(settings.CELERY_BROKER_URL, connect_timeout=within) as rabbitmq:
        try:
            rabbitmq.ensure_connection(max_retries=1, interval_start=0)
        except AWAY:
            return False
        return True
