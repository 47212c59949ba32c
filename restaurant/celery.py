"""The Celery app, its transport, and the queues that follow the zones."""

import os
from threading import local
from time import monotonic
from typing import Any

import click
from celery import Celery
from celery.signals import task_prerun
from django.conf import settings
from django.db import close_old_connections, connection
from kombu.transport import TRANSPORT_ALIASES

from restaurant.queues import FollowQueues
from restaurant.task_events import GatherTaskEvents

#: Seconds for which a database connection that lived is believed to live.
ASK_AGAIN = 1.0

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")

TRANSPORT_ALIASES["redis"] = TRANSPORT_ALIASES["rediss"] = "restaurant.transport:Transport"
TRANSPORT_ALIASES["amqp"] = "restaurant.transport:RabbitMQ"
TRANSPORT_ALIASES["amqps"] = "restaurant.transport:RabbitMQOverTLS"
app = Celery("restaurant")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(lambda: settings.INSTALLED_APPS)
app.user_options["worker"].add(
    click.Option(["--zones"], is_flag=True, help="Also work on the queue of every zone.")
)
app.steps["consumer"].update({FollowQueues, GatherTaskEvents})


class Asked(local):
    """When this thread last asked whether its connection lives."""

    at = 0.0


asked = Asked()


@task_prerun.connect
def fresh_connection(**_: Any) -> None:
    """Drop a connection that a restart of the database has broken.

    Kept ones are asked if they live, which takes a statement: not for each task of a busy thread.
    """
    if connection.errors_occurred or monotonic() - asked.at > ASK_AGAIN:
        close_old_connections()
        asked.at = monotonic()
