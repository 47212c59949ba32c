"""What is shown of events; never the messages that they carry."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from restaurant.events.models import EventRecord, Heard
from restaurant.subscriptions import SUBSCRIPTIONS, Style


class ToldJson(TypedDict):
    """Somebody who is told of it; `heard_at` is null until they have heard."""

    to: str
    style: Annotated[str, Style]
    sent_at: datetime | None
    heard_at: datetime | None


class NewsJson(TypedDict):
    """Something that happened."""

    id: UUID
    position: int | None
    name: str
    subject: UUID
    happened_at: datetime
    data: dict[str, Any]


class EventJson(NewsJson):
    """Something that happened, and whom it was told."""

    told: list[ToldJson]


def news_as_json(event: EventRecord) -> NewsJson:
    """An event without whom it was told: that would be read anew for each."""
    return {
        "id": event.uuid,
        "position": event.position,
        "name": event.name,
        "subject": event.subject,
        "happened_at": event.happened_at,
        "data": event.data,
    }


def events_as_json(events: Sequence[EventRecord]) -> list[EventJson]:
    """Events with whom they were told to, and who has heard them."""
    heard = Heard.objects.by_event(event.id for event in events)
    return [
        {
            **news_as_json(event),
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
