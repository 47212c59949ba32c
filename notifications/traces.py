"""What notifications tell in the trace of an order: who outside was told of it, and when."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from notifications.lifecycle import DeliveryState
from notifications.models import Delivery, Endpoint, Mail
from notifications.services import origin_of
from restaurant.subscriptions import Style
from restaurant.trace.contract import FOLLOWERS, Chapter, Kind, Lane, Mark, Message, Span, Story

#: To whom a mail goes stands in no trace.
MAILBOX = "mail"


def trace(story: Story) -> Chapter:
    endpoints = {one.pk: one.url for one in Endpoint.objects.only("url")}
    # By receiver and order there is an index.
    of_order = Delivery.objects.filter(endpoint__in=[*endpoints], order_ref=story.order_ref)
    deliveries = list(of_order.defer("body"))
    receivers = Counter(one.event for one in deliveries)
    told: list[tuple[Delivery | Mail, str, int]] = [
        (one, origin_of(one.callback_url or endpoints[one.endpoint_id]), receivers[one.event])
        for one in deliveries
    ]
    told += [(one, MAILBOX, 0) for one in Mail.objects.filter(guest=story.order_ref).defer("body")]
    data = {said.record.uuid: said.data for said in story.said}
    messages = [as_message(row, to, many, data.get(row.event, {})) for row, to, many in told]
    spans = [as_span(row, to) for row, to, _many in told]
    return Chapter([Lane(FOLLOWERS, _("Notifications"), "notifications")], messages, spans)


def style_of(receivers: int) -> Style:
    """Each receiver answers by itself, later, and is asked until it does; a mailbox does not."""
    if receivers > 1:
        return Style.PUBLISH_ASYNC_RESPONSES
    return Style.REQUEST_ASYNC_RESPONSE if receivers else Style.NOTIFICATION


def as_message(row: Delivery | Mail, to: str, receivers: int, data: Mapping[str, Any]) -> Message:
    return Message(
        at=row.made_at,
        sender=FOLLOWERS,
        hearers=(FOLLOWERS,),
        style=style_of(receivers),
        name=row.name,
        to=to,
        event=row.event,
        data=data,
        sent_at=row.last_tried_at,
        heard_at=row.finished_at if row.state == DeliveryState.DELIVERED else None,
        times=row.tries,
        parts=max(receivers, 1),
        marks=marks_of(row),
        row=row_of(row),
    )


def as_span(row: Delivery | Mail, to: str) -> Span:
    return Span(
        lane=FOLLOWERS,
        kind=Kind.SENDING,
        begins=row.made_at,
        ends=row.finished_at,
        row=row_of(row),
        what=f"{row.name} → {to}",
        marks=marks_of(row),
    )


def row_of(row: Delivery | Mail) -> str:
    return f"{type(row).__name__} {row.pk}"


def marks_of(row: Delivery | Mail) -> frozenset[Mark]:
    return frozenset({Mark.RETRIED} if row.tries > 1 else ())
