"""What is shown of events; never the messages that they carry."""

from collections.abc import Sequence
from typing import Any

from restaurant.events.models import EventRecord, Heard
from restaurant.subscriptions import SUBSCRIPTIONS


def events_as_json(events: Sequence[EventRecord]) -> list[dict[str, Any]]:
    """Events with whom they were told to, and who has heard them."""
    heard = Heard.objects.by_event(event.id for event in events)
    return [
        {
            "id": event.uuid,
            "position": event.position,
            "name": event.name,
            "subject": event.subject,
            "happened_at": event.happened_at,
            "data": event.data,
            "told": [
                {
                    "to": subscription.to,
                    "style": subscription.style,
                    "sent_at": event.sent_at,
                    "heard_at": heard.get(event.id, {}).get(subscription.to),
                }
                for subscription in SUBSCRIPTIONS.get(event.name, [])
            ],
        }
        for event in events
    ]
