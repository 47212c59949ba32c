"""The guest's side over HTTP: validate, one service, answer."""

from typing import Any
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from kitchen.services import WHY_NOT_REFIRED, WHY_NOT_RESERVED, Progress, progress
from orders import services
from orders.exceptions import (
    DuplicateClientRef,
    MixedCourses,
    NoSuchCourse,
    NoSuchTray,
    TooManyLines,
    UnknownLine,
)
from orders.models import Order
from orders.reports.services import note_refusal
from orders.serializers import (
    CancelSerializer,
    ChangeSerializer,
    FireSerializer,
    NewOrderSerializer,
    OrderJson,
    OrderQuery,
    RefireSerializer,
    ServeSerializer,
    WaitQuery,
    as_change,
    as_order,
    etag_of,
    order_as_json,
)
from restaurant.accounts.permissions import EVERY_ROLE
from restaurant.accounts.roles import Role
from restaurant.errors import (
    DomainError,
    IllegalTransition,
    Invalid,
    VersionMismatch,
    VersionRequired,
)
from restaurant.etags import is_known
from restaurant.events.models import EventRecord
from restaurant.events.news import audience_of_order
from restaurant.events.serializers import EventJson, NewsJson, events_as_json
from restaurant.events.shares import heard_by
from restaurant.events.views import LiveStream, StreamQuery
from restaurant.fields import PageQuery
from restaurant.idempotency.views import idempotent
from restaurant.operations import Api, operation
from restaurant.pagination import CursorPages

#: Refusals that are not the fault of who asked.
HOUSE_CAN_NOT = tuple(kind for kind in WHY_NOT_RESERVED if not issubclass(kind, Invalid))
PLACERS = frozenset({Role.APP, Role.WAITER, Role.MANAGER})
SERVERS = frozenset({Role.WAITER, Role.MANAGER})


class OrdersByTime(CursorPages):
    ordering = ("-placed_at", "-number")


class EventsInOrder(CursorPages):
    ordering = ("id",)
    page_size = 200


def note_order_refused(refusal: DomainError, request: Request) -> None:
    """For the reports: the house could not take an order."""
    if isinstance(refusal, HOUSE_CAN_NOT):
        body: Any = request.data
        note_refusal(
            code=refusal.code,
            channel=body["channel"],
            principal=request.user,
            idempotency_key=request.headers["Idempotency-Key"],
        )


class OrderList(Api):
    """Place an order; list orders, the newest first."""

    allowed = {"GET": EVERY_ROLE, "POST": PLACERS}

    @operation(OrderJson, in_pages=True, query=OrderQuery)
    def get(self, request: Request) -> Response:
        """List orders, the newest first: staff see all, an app its own, a shop its part."""
        filters = self.filters
        if "placed_after" in filters:
            filters["placed_at__gt"] = filters.pop("placed_after")
        pages = OrdersByTime()
        orders = pages.paginate_queryset(
            Order.objects.visible_to(request.user).filter(**filters).prefetch_related("lines"),
            request,
        )
        kitchen = progress([order.ref for order in orders])
        return pages.get_paginated_response(
            [
                order_as_json(services.part_for(request.user, order), kitchen[order.ref], request)
                for order in orders
            ]
        )

    @operation(
        OrderJson,
        status=201,
        body=NewOrderSerializer,
        headers=("Location", "ETag"),
        refuses=(DuplicateClientRef, *WHY_NOT_RESERVED),
    )
    @idempotent(required=True, note=note_order_refused)
    def post(self, request: Request) -> Response:
        """Place an order: portions are taken, and each tray is promised for a time."""
        new = as_order(self.body(request), request)
        order, lines = services.place_order(new, principal=request.user)
        not_begun = Progress({}, 0)
        return Response(
            order_as_json(services.Part(order, lines), not_begun, request),
            status=status.HTTP_201_CREATED,
            headers={
                "Location": f"{request.path}{order.ref}/",
                "ETag": etag_of(order, not_begun),
            },
        )


def answer(request: Request, order: Order) -> Response:
    """The order as it is now, as its caller may see it."""
    order.refresh_from_db()
    kitchen = progress([order.ref])[order.ref]
    return Response(
        order_as_json(services.part_for(request.user, order), kitchen, request),
        headers={"ETag": etag_of(order, kitchen)},
    )


class OrderDetail(Api):
    """`?wait=N` is served by the ASGI router, which asks here again."""

    allowed = {"GET": EVERY_ROLE, "PATCH": PLACERS}

    @operation(OrderJson, query=WaitQuery, headers=("ETag",), conditional=True)
    def get(self, request: Request, ref: UUID) -> Response:
        """One order. `wait`: answered when its state changes or so many seconds have passed."""
        response = answer(request, services.find_order(ref, request.user))
        if is_known(response["ETag"], request.headers.get("If-None-Match", "")):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": response["ETag"]})
        return response

    @operation(
        OrderJson,
        body=ChangeSerializer,
        headers=("ETag",),
        refuses=(
            *(VersionRequired, VersionMismatch, IllegalTransition),
            *(UnknownLine, TooManyLines, MixedCourses),
            *WHY_NOT_RESERVED,
        ),
    )
    def patch(self, request: Request, ref: UUID) -> Response:
        """Add or cancel lines of an order that the kitchen is at, and change its notes."""
        order = services.find_order(ref, request.user)
        change, seen = as_change(self.body(request)), request.headers.get("If-Match")
        if seen is None:
            raise VersionRequired()
        services.change_order(
            order.ref, lambda now, kitchen: is_known(etag_of(now, kitchen), seen), change
        )
        return answer(request, order)


class OrderEvents(Api):
    """The order's history, oldest first."""

    allowed = {"GET": EVERY_ROLE}

    @operation(EventJson, in_pages=True, query=PageQuery)
    def get(self, request: Request, ref: UUID) -> Response:
        order = services.find_order(ref, request.user)
        pages = EventsInOrder()
        events = pages.paginate_queryset(EventRecord.objects.about(order.ref), request)
        return pages.get_paginated_response(events_as_json(heard_by(request.user, events)))


class OrderStream(LiveStream):
    """The history of one order, live."""

    allowed = {"GET": EVERY_ROLE}

    @operation(NewsJson, query=StreamQuery, live=True)
    def get(self, request: Request, ref: UUID) -> Response:
        """The order's events as they happen."""
        order = services.find_order(ref, request.user)
        return self.stream(audience_of_order(order.ref))


class OrderCancel(Api):
    """Cancel an order that is not ready yet."""

    allowed = {"POST": PLACERS}

    @operation(OrderJson, body=CancelSerializer, headers=("ETag",), refuses=(IllegalTransition,))
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        order = services.find_order(ref, request.user)
        services.cancel_order(order, self.body(request)["reason"])
        return answer(request, order)


class OrderServe(Api):
    """Hand a tray, or the whole order, to the guest."""

    allowed = {"POST": SERVERS}

    @operation(
        OrderJson,
        body=ServeSerializer,
        headers=("ETag",),
        refuses=(IllegalTransition, NoSuchTray),
    )
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        order = services.find_order(ref, request.user)
        services.serve_order(order, self.body(request).get("tray"))
        return answer(request, order)


class OrderRush(Api):
    """Put an order before the others."""

    allowed = {"POST": SERVERS}

    @operation(OrderJson, headers=("ETag",), refuses=(IllegalTransition,))
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        order = services.find_order(ref, request.user)
        self.body(request)
        services.rush_order(order, by=request.user.get_username())
        return answer(request, order)


class OrderRefire(Api):
    """Have one line cooked once more, before all else."""

    allowed = {"POST": SERVERS}

    @operation(
        OrderJson,
        body=RefireSerializer,
        headers=("ETag",),
        refuses=(IllegalTransition, UnknownLine, *WHY_NOT_REFIRED),
    )
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        order = services.find_order(ref, request.user)
        services.refire_line(order, **self.body(request), by=request.user.get_username())
        return answer(request, order)


class OrderFire(Api):
    """The guests are ready for the next course."""

    allowed = {"POST": SERVERS}

    @operation(
        OrderJson,
        body=FireSerializer,
        headers=("ETag",),
        refuses=(IllegalTransition, NoSuchCourse),
    )
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        order = services.find_order(ref, request.user)
        services.fire_course(order, self.body(request)["course"])
        return answer(request, order)
