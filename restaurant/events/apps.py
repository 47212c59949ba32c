from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules

from restaurant.events.checks import check_subscriptions


class EventsConfig(AppConfig):
    name = "restaurant.events"
    label = "events"

    def ready(self) -> None:
        # An app declares what it says in its `events.py`.
        autodiscover_modules("events")
        checks.register(check_subscriptions, "events")
