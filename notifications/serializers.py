"""The shapes of what comes in and what is answered about webhooks."""

from datetime import datetime
from typing import Annotated, Any, TypedDict
from uuid import UUID

from rest_framework import serializers

from notifications.lifecycle import DeliveryState
from notifications.models import Delivery, Endpoint
from notifications.services import may_be_chosen
from restaurant.fields import (
    PageQuery,
    QuerySerializer,
    StrictBooleanField,
    StrictCharField,
    StrictListField,
    StrictSerializer,
)
from restaurant.outbound.fields import OutsideUrlField
from restaurant.shapes import Uri


class EventNameField(StrictCharField):
    """An event that a receiver can be told of."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in may_be_chosen():
            raise serializers.ValidationError(
                f"One of {', '.join(may_be_chosen())}.", "unknown_event"
            )
        return name


def event_names(**more: Any) -> StrictListField:
    return StrictListField(
        child=EventNameField(max_length=64), min_length=1, max_length=100, **more
    )


class NewEndpointSerializer(StrictSerializer):
    """Where an account wants to be told, and of what."""

    url = OutsideUrlField(look_up=True)
    events = event_names()

    def validate_events(self, events: list[str]) -> list[str]:
        return sorted(set(events))


class EndpointChangeSerializer(StrictSerializer):
    """What changes of it; the rest stays."""

    url = OutsideUrlField(look_up=True, required=False)
    events = event_names(required=False)
    enabled = StrictBooleanField(required=False)

    def validate_events(self, events: list[str]) -> list[str]:
        return sorted(set(events))


class DeliveryQuery(PageQuery):
    state = serializers.ChoiceField(choices=DeliveryState.choices, required=False)


class FeedQuery(QuerySerializer):
    after = serializers.IntegerField(
        min_value=0,
        max_value=2**63 - 1,
        default=0,
        help_text="The `position` of the last event that you have.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=500, default=200)


class EndpointJson(TypedDict):
    """A receiver; never its secret."""

    id: UUID
    account: str
    url: Uri
    events: list[str]
    enabled: bool
    disabled_because: str
    paused_until: datetime | None
    created_at: datetime


class EndpointWithSecretJson(EndpointJson):
    """A receiver with its new secret, which is shown this once."""

    secret: str


class DeliveryJson(TypedDict):
    """One event for one receiver."""

    id: UUID
    event: UUID
    name: str
    order: UUID
    sequence: int
    url: Uri
    state: Annotated[str, DeliveryState]
    tries: int
    made_at: datetime
    next_try_at: datetime | None
    last_tried_at: datetime | None
    last_status: int | None
    last_error: str
    finished_at: datetime | None


class RedeliveredJson(TypedDict):
    """How many dead letters are sent once more."""

    redelivered: int


def endpoint_as_json(endpoint: Endpoint) -> EndpointJson:
    return {
        "id": endpoint.pk,
        "account": endpoint.principal.get_username(),
        "url": endpoint.url,
        "events": endpoint.events,
        "enabled": endpoint.enabled,
        "disabled_because": endpoint.disabled_because,
        "paused_until": endpoint.paused_until,
        "created_at": endpoint.created_at,
    }


def with_secret_as_json(endpoint: Endpoint, secret: str) -> EndpointWithSecretJson:
    return {**endpoint_as_json(endpoint), "secret": secret}


def delivery_as_json(delivery: Delivery) -> DeliveryJson:
    return {
        "id": delivery.ref,
        "event": delivery.event,
        "name": delivery.name,
        "order": delivery.order_ref,
        "sequence": delivery.sequence,
        "url": delivery.to,
        "state": delivery.state,
        "tries": delivery.tries,
        "made_at": delivery.made_at,
        "next_try_at": delivery.next_try_at,
        "last_tried_at": delivery.last_tried_at,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "finished_at": delivery.finished_at,
    }
