"""The kitchen over HTTP: validate, one service, answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kitchen import services
from kitchen.lifecycle import TrayState
from kitchen.models import KitchenSettings, MenuItem, Ticket, Tray, Zone, ZoneLoad
from kitchen.serializers import (
    ChangeItem,
    ChangeSettings,
    ChangeZone,
    TicketQuery,
    TrayQuery,
    item_as_json,
    settings_as_json,
    ticket_as_json,
    tray_as_json,
    zone_as_json,
)
from restaurant.accounts.permissions import ANYONE
from restaurant.accounts.roles import STAFF, Role
from restaurant.fields import QuerySerializer, StrictSerializer
from restaurant.idempotency.views import idempotent
from restaurant.pagination import CursorPages

COOKS = frozenset({Role.COOK, Role.MANAGER})
MANAGERS = frozenset({Role.MANAGER})


class ByFireTime(CursorPages):
    ordering = ("fire_at", "id")
    page_size = 200


class ByOpening(CursorPages):
    ordering = ("opened_at", "id")
    page_size = 100


class Menu(APIView):
    """What can be ordered; a plain list."""

    allowed = {"GET": ANYONE}

    def get(self, request: Request) -> Response:
        QuerySerializer.of(request)
        return Response([item_as_json(item) for item in MenuItem.objects.prefetch_related("steps")])


class MenuItemDetail(APIView):
    """One item; PATCH 86es it, or counts its portions."""

    allowed = {"GET": ANYONE, "PATCH": COOKS}

    def get(self, request: Request, code: str) -> Response:
        return Response(item_as_json(get_object_or_404(MenuItem, pk=code)))

    def patch(self, request: Request, code: str) -> Response:
        item = get_object_or_404(MenuItem, pk=code)
        change = ChangeItem(data=request.data)
        change.is_valid(raise_exception=True)
        return Response(item_as_json(services.change_item(item, **change.validated_data)))


class Zones(APIView):
    """Every zone with its load; a plain list."""

    allowed = {"GET": STAFF}

    def get(self, request: Request) -> Response:
        QuerySerializer.of(request)
        loads, scale = Ticket.objects.load(), KitchenSettings.current().time_scale
        return Response(
            [zone_as_json(z, loads.get(z.pk, ZoneLoad()), scale) for z in Zone.objects.all()]
        )


class ZoneDetail(APIView):
    """Open or close a zone, and say how many cooks work there."""

    allowed = {"PATCH": MANAGERS}

    def patch(self, request: Request, code: str) -> Response:
        zone = get_object_or_404(Zone, pk=code)
        change = ChangeZone(data=request.data)
        change.is_valid(raise_exception=True)
        services.change_zone(zone, **change.validated_data)
        load = Ticket.objects.load().get(code, ZoneLoad())
        return Response(zone_as_json(zone, load, KitchenSettings.current().time_scale))


class ZoneTickets(APIView):
    """A zone's tickets by fire time: held, fired, cooking, and what was done lately."""

    allowed = {"GET": STAFF}

    def get(self, request: Request, code: str) -> Response:
        filters = TicketQuery.of(request)
        zone = get_object_or_404(Zone, pk=code)
        tickets = (
            Ticket.objects.in_state(zone.pk, **filters)
            if filters
            else Ticket.objects.on_screen(zone.pk)
        )
        pages = ByFireTime()
        found = pages.paginate_queryset(tickets.to_show().select_related("tray"), request)
        return pages.get_paginated_response([ticket_as_json(ticket) for ticket in found])


class TicketPress(APIView):
    """A cook's press; the same press again changes nothing."""

    allowed = {"POST": COOKS}
    press: Callable[[UUID], Ticket] = services.start

    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        StrictSerializer(data=request.data).is_valid(raise_exception=True)
        return Response(ticket_as_json(self.press(ref)))


class Trays(APIView):
    """The pass: trays that wait or are ready, or those in one `state`, the oldest first."""

    allowed = {"GET": STAFF}

    def get(self, request: Request) -> Response:
        filters = TrayQuery.of(request)
        pages = ByOpening()
        shown = filters or {"state__in": [TrayState.WAITING, TrayState.READY]}
        tickets = Prefetch("tickets", queryset=Ticket.objects.to_show())
        trays = Tray.objects.filter(**shown).prefetch_related(tickets)
        found = pages.paginate_queryset(trays, request)
        return pages.get_paginated_response([tray_as_json(tray) for tray in found])


class Settings(APIView):
    """What a manager sets."""

    allowed = {"GET": STAFF, "PATCH": MANAGERS}

    def get(self, request: Request) -> Response:
        return Response(settings_as_json(KitchenSettings.current()))

    def patch(self, request: Request) -> Response:
        change = ChangeSettings(data=request.data)
        change.is_valid(raise_exception=True)
        values: dict[str, Any] = change.validated_data
        return Response(settings_as_json(services.change_settings(**values)))
