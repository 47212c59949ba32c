"""The Celery app, its mend for a lost Redis, and the queues that follow the zones."""

import os
from typing import Any

import click
from celery import Celery
from celery.signals import task_prerun
from django.conf import settings
from django.db import close_old_connections
from kombu.transport import redis as kombu_redis

from restaurant.queues import FollowQueues

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")

app = Celery("restaurant")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(lambda: settings.INSTALLED_APPS)
app.user_options["worker"].add(
    click.Option(["--zones"], is_flag=True, help="Also work on the queue of every zone.")
)
app.steps["consumer"].add(FollowQueues)


@task_prerun.connect
def fresh_connection(**_: Any) -> None:
    """Drop a connection that a restart of the database has broken; kept ones are asked if alive."""
    close_old_connections()


_close = kombu_redis.Channel.close


def close_twice_if_needed(channel: Any) -> None:
    """Close the channel although the reply that it was waiting for can't be read any more.

    kombu 5.7.0: when Redis goes away, `Channel.close` raises out of the BRPOP in flight before the
    channel counts as closed; the consumer then closes it again, after its connection details
    were dropped, and the worker exits with "AttributeError: 'NoneType' object has no attribute
    'hostname'". The second try, at once and with the details still there, has no BRPOP to wait for.
    """
    try:
        _close(channel)
    except Exception:
        if channel.closed:
            raise
        _close(channel)


setattr(kombu_redis.Channel, "close", close_twice_if_needed)
