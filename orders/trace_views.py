"""The trace of an order: over HTTP, and as a page with a picture and what it is drawn from."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from orders import services
from orders.history import in_words
from orders.models import Order
from restaurant.accounts.pages import page_for
from restaurant.accounts.roles import STAFF
from restaurant.operations import Api, operation
from restaurant.subscriptions import Style
from restaurant.trace.axis import since
from restaurant.trace.contract import Kind, Mark, Message, Span, Trace
from restaurant.trace.gathering import trace_of
from restaurant.trace.layout import draw
from restaurant.trace.serializers import TraceJson, trace_as_json
from restaurant.trace.words import KINDS, MARKS, STYLES

#: It asks its own server, runs no script, and is shown in no other page.
ONLY_OURS = (
    "default-src 'none'; style-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class OrderTrace(Api):
    """How an order was told from one to the other."""

    allowed = {"GET": STAFF}

    @operation(TraceJson)
    def get(self, request: Request, ref: UUID) -> Response:
        """Every message of its life: who told whom, when, and in which style."""
        order = services.find_order(ref, request.user)
        return Response(trace_as_json(order.ref, trace_of(order.ref, timezone.now())))


@page_for(STAFF)
def trace_page(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The same to be looked at."""
    order = get_object_or_404(Order, ref=ref)
    trace = trace_of(order.ref, timezone.now())
    drawing = draw(trace, MARKS)
    used = Counter(message.style for message in trace.messages)
    context = {
        "order": order,
        "trace": trace,
        "drawing": drawing,
        "lasted": after_begin(trace, trace.until),
        "told": [*told(trace)],
        "done": [*done(trace)],
        "kinds": [(kind, words) for kind, words in KINDS.items() if kind in done_of(trace)],
        "again": [
            words for mark, words in MARKS.items() if mark in marks_of(trace) - {Mark.WASTED}
        ],
        "wasted": MARKS[Mark.WASTED] if Mark.WASTED in marks_of(trace) else "",
        "styles": [(style, used[style], STYLES[style]) for style in Style if used[style]],
    }
    response = render(request, "orders/trace.html", context)
    response["Content-Security-Policy"] = ONLY_OURS
    return response


def done_of(trace: Trace) -> set[Kind]:
    return {span.kind for span in trace.spans}


def marks_of(trace: Trace) -> set[Mark]:
    return {mark for span in trace.spans for mark in span.marks}


@dataclass(frozen=True)
class Told:
    """A message as a row of the table."""

    number: int
    message: Message
    after: str
    sender: str
    hearers: str
    words: str
    marks: list[Any]


@dataclass(frozen=True)
class Done:
    """A span as a row of the table."""

    span: Span
    lane: str
    begins: str
    ends: str
    kind: Any
    marks: list[Any]


def after_begin(trace: Trace, at: datetime) -> str:
    return since((at - trace.begins).total_seconds())


def told(trace: Trace) -> Iterator[Told]:
    lanes = {lane.code: lane.name for lane in trace.lanes}
    names = {str(span.ticket): span.what for span in trace.spans if span.ticket}
    zones = {code.removeprefix("zone."): name for code, name in lanes.items()}
    for number, message in enumerate(trace.messages, start=1):
        yield Told(
            number,
            message,
            after_begin(trace, message.at),
            lanes[message.sender],
            ", ".join(lanes[code] for code in message.hearers),
            words_of(message, names, zones),
            [MARKS[mark] for mark in sorted(message.marks)],
        )


def words_of(message: Message, names: Mapping[str, str], zones: Mapping[str, str]) -> str:
    if message.name == "call_out":
        parts = {"number": message.tray, "parts": message.parts}
        return _("Tray %(number)s is called out, tickets: %(parts)s") % parts
    return in_words(message.name, message.data, names, zones)


def done(trace: Trace) -> Iterator[Done]:
    """What belongs together follows each other."""
    lanes = {lane.code: lane.name for lane in trace.lanes}
    first: dict[str, int] = {}
    for place, span in enumerate(trace.spans):
        first.setdefault(span.row, place)
    for span in sorted(trace.spans, key=lambda one: first[one.row]):
        yield Done(
            span,
            lanes[span.lane],
            after_begin(trace, span.begins),
            after_begin(trace, span.ends) if span.ends else "",
            KINDS[span.kind],
            [MARKS[mark] for mark in sorted(span.marks)],
        )
