"""System checks: every subscription names an event that exists and a task that can hear it."""

import inspect
from typing import Any

from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from restaurant.events.contract import DECLARED
from restaurant.subscriptions import SUBSCRIPTIONS


def check_subscriptions(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Registered with Django, so `manage.py check` and every start run it."""
    return [
        message
        for event, subscriptions in SUBSCRIPTIONS.items()
        for subscription in subscriptions
        for message in check_one(event, subscription.to)
    ]


def check_one(event: str, to: str) -> list[CheckMessage]:
    """What is wrong with one line of the subscriptions, if anything."""
    if event not in DECLARED:
        return [
            Error(
                f"Nobody says {event}, which {to} wants to hear.",
                hint=f'Declare it: class …(Event, name="{event}") in the events.py of its app.',
                id="events.E001",
            )
        ]
    try:
        hears = import_string(to).run.hears
    except (ImportError, AttributeError) as error:
        return [
            Error(
                f"{to} is not a hearer: {error}",
                hint="Write it in the tasks.py of its app, decorated with @app.task and @hears.",
                id="events.E003",
            )
        ]
    try:
        inspect.signature(hears).bind(**dict.fromkeys(DECLARED[event].told()))
    except TypeError as error:
        return [
            Error(
                f"{to} cannot hear {event}: {error}",
                hint=f"{event} tells: {', '.join(DECLARED[event].told())}.",
                id="events.E002",
            )
        ]
    return []
