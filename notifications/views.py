"""Webhooks and the feed over HTTP: validate, one service, answer."""

from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from notifications import services
from notifications.exceptions import StillWaiting, TooManyEndpoints
from notifications.serializers import (
    DeliveryJson,
    DeliveryQuery,
    EndpointChangeSerializer,
    EndpointJson,
    EndpointWithSecretJson,
    FeedQuery,
    NewEndpointSerializer,
    RedeliveredJson,
    delivery_as_json,
    endpoint_as_json,
    with_secret_as_json,
)
from restaurant.accounts.roles import Role
from restaurant.events.serializers import EventJson, events_as_json
from restaurant.fields import PageQuery
from restaurant.idempotency.views import idempotent
from restaurant.operations import Api, operation
from restaurant.pagination import CursorPages

TOLD = frozenset({Role.APP, Role.MANAGER, Role.SHOP})


class EndpointsByAge(CursorPages):
    ordering = ("-created_at", "id")


class DeliveriesByAge(CursorPages):
    ordering = ("-id",)
    page_size = 100


class EndpointList(Api):
    """Be told by webhook."""

    allowed = {"GET": TOLD, "POST": TOLD}

    @operation(EndpointJson, in_pages=True, query=PageQuery)
    def get(self, request: Request) -> Response:
        """The account's webhooks, the newest first; a manager sees all."""
        pages = EndpointsByAge()
        endpoints = pages.paginate_queryset(services.endpoints_of(request.user), request)
        return pages.get_paginated_response([endpoint_as_json(one) for one in endpoints])

    @operation(
        EndpointWithSecretJson,
        status=201,
        body=NewEndpointSerializer,
        headers=("Location",),
        refuses=(TooManyEndpoints,),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Add a receiver. Its secret is in this answer and in no other."""
        endpoint = services.add_endpoint(request.user, **self.body(request))
        return Response(
            with_secret_as_json(endpoint, services.current_secret(endpoint)),
            status=status.HTTP_201_CREATED,
            headers={"Location": f"{request.path}{endpoint.pk}/"},
        )


class EndpointDetail(Api):
    """One receiver."""

    allowed = {"GET": TOLD, "PATCH": TOLD, "DELETE": TOLD}

    @operation(EndpointJson)
    def get(self, request: Request, ref: UUID) -> Response:
        return Response(endpoint_as_json(services.find_endpoint(ref, request.user)))

    @operation(EndpointJson, body=EndpointChangeSerializer)
    def patch(self, request: Request, ref: UUID) -> Response:
        """Another address, other events, or whether it is told at all."""
        endpoint = services.find_endpoint(ref, request.user)
        services.change_endpoint(endpoint, **self.body(request))
        return Response(endpoint_as_json(endpoint))

    @operation(None, status=204)
    def delete(self, request: Request, ref: UUID) -> Response:
        """Nothing more is sent to it, and what was is forgotten."""
        services.remove_endpoint(services.find_endpoint(ref, request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EndpointRotate(Api):
    """A new secret; the one before signs as well for a day."""

    allowed = {"POST": TOLD}

    @operation(EndpointWithSecretJson)
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        endpoint = services.find_endpoint(ref, request.user)
        self.body(request)
        secret = services.rotate_secret(endpoint)
        return Response(with_secret_as_json(endpoint, secret))


class DeliveryList(Api):
    """What was sent to a receiver, or is to be sent."""

    allowed = {"GET": TOLD}

    @operation(DeliveryJson, in_pages=True, query=DeliveryQuery)
    def get(self, request: Request, ref: UUID) -> Response:
        """The newest first; `?state=dead` are the dead letters."""
        endpoint = services.find_endpoint(ref, request.user)
        pages = DeliveriesByAge()
        deliveries = endpoint.deliveries.filter(**self.filters).select_related("endpoint")
        found = pages.paginate_queryset(deliveries, request)
        return pages.get_paginated_response([delivery_as_json(one) for one in found])


class DeliveryRedeliver(Api):
    """Send one once more, with the same webhook-id."""

    allowed = {"POST": TOLD}

    @operation(DeliveryJson, refuses=(StillWaiting,))
    @idempotent()
    def post(self, request: Request, ref: UUID, delivery: UUID) -> Response:
        endpoint = services.find_endpoint(ref, request.user)
        self.body(request)
        found = services.find_delivery(endpoint, delivery)
        services.redeliver(found)
        return Response(delivery_as_json(found))


class DeadRedeliver(Api):
    """Send the dead letters of a receiver once more, at most 1000 with one call."""

    allowed = {"POST": TOLD}

    @operation(RedeliveredJson)
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        endpoint = services.find_endpoint(ref, request.user)
        self.body(request)
        return Response({"redelivered": services.redeliver_dead(endpoint)})


class Feed(Api):
    """The events of the house, for those who poll."""

    allowed = {"GET": TOLD}

    @operation(EventJson, in_pages=True, query=FeedQuery)
    def get(self, request: Request) -> Response:
        """What happened after a position: an app sees its own orders' events, a manager all.

        A shop sees what concerns its own tickets and lines.
        """
        feed = services.read_feed(request.user, **self.filters)
        here = request.build_absolute_uri()
        goes_on = replace_query_param(here, "after", str(feed.next_after))
        return Response(
            {
                "next": None if feed.next_after is None else goes_on,
                "previous": None,
                "results": events_as_json(feed.events),
            }
        )
