"""A live stream as Django answers it: who may hear it, and what they have missed.

The ASGI router goes on from there (`restaurant/streams.py`). Under plain WSGI the stream ends after
what was missed, and a browser asks again a second later.
"""

from typing import Any

from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from restaurant.accounts.roles import shop_of
from restaurant.api import InvalidQuery
from restaurant.events.news import AUDIENCE, POSITION, audience_at, catch_up
from restaurant.fields import QuerySerializer
from restaurant.operations import Api
from restaurant.shapes import EVENT_STREAM

LAST_SEEN = "Last-Event-ID"


class StreamQuery(QuerySerializer):
    """Where to go on; a browser that comes back says it in a header, which counts for more."""

    after = serializers.IntegerField(
        min_value=0,
        max_value=2**63 - 1,
        required=False,
        help_text="The position that you have seen: what came after it is told first.",
    )

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        filters = super().of(request)
        if last_seen := request.headers.get(LAST_SEEN):
            header = cls(data={"after": last_seen})
            if not header.is_valid():
                raise InvalidQuery({LAST_SEEN: header.errors["after"]})
            filters = header.validated_data
        return filters


class EventStream(JSONRenderer):
    """Server-sent events as they are; a refusal is JSON here, too."""

    media_type = EVENT_STREAM
    format = "event-stream"

    def render(self, data: Any, *args: Any, **more: Any) -> Any:
        return data if isinstance(data, bytes) else super().render(data, *args, **more)


class LiveStream(Api):
    """A view whose `get` answers `stream(audience)`; a shop hears its own part of it."""

    renderer_classes = [EventStream]

    def stream(self, audience: str) -> Response:
        audience = audience_at(shop_of(self.request.user), audience)
        position, frames = catch_up(audience, self.filters.get("after"))
        return Response(
            frames,
            headers={AUDIENCE: audience, POSITION: str(position), "X-Accel-Buffering": "no"},
        )
