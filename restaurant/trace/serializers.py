"""A trace as JSON."""

from datetime import datetime, timedelta
from typing import Annotated, TypedDict
from uuid import UUID

from restaurant.subscriptions import Style
from restaurant.trace.contract import Kind, Mark, Message, Span, Trace


class LaneJson(TypedDict):
    """Somebody who tells or is told: the guest, orders, the head chef, a zone, the pass, …"""

    code: str
    name: str


class MessageJson(TypedDict):
    """`sender` and `hearers` are lanes; `to` is who exactly: a task, a service, a receiver."""

    number: int
    at: datetime
    name: str
    sender: str
    hearers: list[str]
    to: str
    style: Annotated[str, Style]
    event: UUID | None
    tray: int | None
    ticket: UUID | None
    sent_at: datetime | None
    heard_at: datetime | None
    answered_at: datetime | None
    waited_seconds: float | None
    worked_seconds: float | None
    times: int
    parts: int
    marks: list[Annotated[str, Mark]]


class SpanJson(TypedDict):
    """Something lasts at a lane; `ends` is null while it does."""

    lane: str
    kind: Annotated[str, Kind]
    begins: datetime
    ends: datetime | None
    seconds: float | None
    what: str
    tray: int | None
    ticket: UUID | None
    marks: list[Annotated[str, Mark]]


class TraceJson(TypedDict):
    """The life of an order: who told whom, and what was done meanwhile."""

    order: UUID
    begins: datetime
    until: datetime
    lanes: list[LaneJson]
    messages: list[MessageJson]
    spans: list[SpanJson]


def trace_as_json(order: UUID, trace: Trace) -> TraceJson:
    return {
        "order": order,
        "begins": trace.begins,
        "until": trace.until,
        "lanes": [{"code": lane.code, "name": lane.name} for lane in trace.lanes],
        "messages": [message_as_json(n, one) for n, one in enumerate(trace.messages, start=1)],
        "spans": [span_as_json(span) for span in trace.spans],
    }


def message_as_json(number: int, message: Message) -> MessageJson:
    return {
        "number": number,
        "at": message.at,
        "name": message.name,
        "sender": message.sender,
        "hearers": [*message.hearers],
        "to": message.to,
        "style": message.style,
        "event": message.event,
        "tray": message.tray,
        "ticket": UUID(message.ticket) if message.ticket else None,
        "sent_at": message.sent_at,
        "heard_at": message.heard_at,
        "answered_at": message.answered_at,
        "waited_seconds": in_seconds(message.waited),
        "worked_seconds": in_seconds(message.worked),
        "times": message.times,
        "parts": message.parts,
        "marks": sorted(message.marks),
    }


def span_as_json(span: Span) -> SpanJson:
    return {
        "lane": span.lane,
        "kind": span.kind,
        "begins": span.begins,
        "ends": span.ends,
        "seconds": in_seconds(span.lasted),
        "what": span.what,
        "tray": span.tray,
        "ticket": span.ticket,
        "marks": sorted(span.marks),
    }


def in_seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
