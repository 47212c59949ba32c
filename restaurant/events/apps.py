from django.apps import AppConfig
from django.core import checks
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules

from restaurant.cursors import guard_cursors
from restaurant.events.checks import check_subscriptions


class EventsConfig(AppConfig):
    name = "restaurant.events"
    label = "events"

    def ready(self) -> None:
        # An app declares what it says in its `events.py`.
        autodiscover_modules("events")
        checks.register(check_subscriptions, "events")
        connection_created.connect(guard_cursors, dispatch_uid="guard_cursors")
