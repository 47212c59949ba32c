"""The kitchen over HTTP: validate, one service, answer."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Prefetch
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from kitchen import services
from kitchen.audiences import ALL_TRAYS, audience_of_zone
from kitchen.lifecycle import TrayState
from kitchen.models import KitchenSettings, MenuItem, Option, Ticket, Tray, Zone, ZoneLoad
from kitchen.serializers import (
    ChangeItem,
    ChangeOption,
    ChangeSettings,
    ChangeZone,
    ItemJson,
    OptionJson,
    PassTrayJson,
    Press,
    SettingsJson,
    ShopJson,
    TicketJson,
    TicketQuery,
    TrayQuery,
    ZoneJson,
    item_as_json,
    option_as_json,
    settings_as_json,
    shop_as_json,
    ticket_as_json,
    tray_as_json,
    zone_as_json,
)
from restaurant.accounts.permissions import ANYONE
from restaurant.accounts.roles import STAFF, Role, shop_of
from restaurant.errors import Forbidden, IllegalTransition
from restaurant.events.serializers import NewsJson
from restaurant.events.views import LiveStream, StreamQuery
from restaurant.idempotency.views import idempotent
from restaurant.operations import Api, operation
from restaurant.pagination import CursorPages

#: A shop's accounts may what a cook may, at the zones of their shop and with what it sells.
COOKS = frozenset({Role.COOK, Role.MANAGER, Role.SHOP})
LOOKERS = STAFF | {Role.SHOP}
MANAGERS = frozenset({Role.MANAGER})


class ByFireTime(CursorPages):
    ordering = ("fire_at", "id")
    page_size = 200


class ByOpening(CursorPages):
    ordering = ("opened_at", "id")
    page_size = 100


class Shops(Api):
    """Who sells here beside the house; a plain list."""

    allowed = {"GET": ANYONE}

    @operation(list[ShopJson])
    def get(self, request: Request) -> Response:
        return Response([shop_as_json(shop) for shop in services.shops()])


class Menu(Api):
    """What can be ordered; a plain list."""

    allowed = {"GET": ANYONE}

    @operation(list[ItemJson])
    def get(self, request: Request) -> Response:
        items = MenuItem.objects.with_shops().prefetch_related("option_groups__options__steps")
        return Response([item_as_json(item) for item in items])


class MenuItemDetail(Api):
    """One item; PATCH 86es it, or counts its portions."""

    allowed = {"GET": ANYONE, "PATCH": COOKS}

    @operation(ItemJson)
    def get(self, request: Request, code: str) -> Response:
        """One item of the menu."""
        return Response(item_as_json(get_object_or_404(MenuItem, pk=code)))

    @operation(ItemJson, body=ChangeItem, refuses=(Forbidden,))
    def patch(self, request: Request, code: str) -> Response:
        """86 an item, bring it back, or count its portions; null: unlimited."""
        item = get_object_or_404(MenuItem, pk=code)
        services.refuse_foreign_items([code], shop_of(request.user))
        return Response(item_as_json(services.change_item(item, **self.body(request))))


class MenuItemOption(Api):
    """What can be chosen about an item; PATCH 86es it for every item that has its group."""

    allowed = {"PATCH": COOKS}

    @operation(OptionJson, body=ChangeOption, refuses=(Forbidden,))
    def patch(self, request: Request, code: str, option: str) -> Response:
        """86 an option, or bring it back; a shop needs to sell all items that have it."""
        found = get_object_or_404(Option, code=option, group__items=code)
        items = found.group.items.values_list("pk", flat=True)
        services.refuse_foreign_items(items, shop_of(request.user))
        return Response(option_as_json(services.change_option(found, **self.body(request))))


class Zones(Api):
    """Every zone with its load; a plain list."""

    allowed = {"GET": LOOKERS}

    @operation(list[ZoneJson])
    def get(self, request: Request) -> Response:
        """Every zone with its load; a shop's own."""
        loads, scale = Ticket.objects.load(), KitchenSettings.current().time_scale
        seen = Zone.objects.visible_to(request.user)
        return Response(
            [zone_as_json(zone, loads.get(zone.pk, ZoneLoad()), scale) for zone in seen]
        )


class ZoneDetail(Api):
    """Open or close a zone, and say how many cooks work there."""

    allowed = {"PATCH": MANAGERS}

    @operation(ZoneJson, body=ChangeZone)
    def patch(self, request: Request, code: str) -> Response:
        zone = get_object_or_404(Zone, pk=code)
        services.change_zone(zone, **self.body(request))
        load = Ticket.objects.load().get(code, ZoneLoad())
        return Response(zone_as_json(zone, load, KitchenSettings.current().time_scale))


class ZoneTickets(Api):
    """A zone's tickets by fire time: held, fired, cooking, and what was done lately."""

    allowed = {"GET": LOOKERS}

    @operation(TicketJson, in_pages=True, query=TicketQuery)
    def get(self, request: Request, code: str) -> Response:
        zone = get_object_or_404(Zone.objects.visible_to(request.user), pk=code)
        tickets = (
            Ticket.objects.in_state(zone.pk, **self.filters)
            if self.filters
            else Ticket.objects.on_screen(zone.pk)
        )
        pages = ByFireTime()
        found = pages.paginate_queryset(tickets.to_show().select_related("tray"), request)
        return pages.get_paginated_response([ticket_as_json(ticket) for ticket in found])


class ZoneStream(LiveStream):
    """What a zone's screen shows has changed."""

    allowed = {"GET": LOOKERS}

    @operation(NewsJson, query=StreamQuery, live=True)
    def get(self, request: Request, code: str) -> Response:
        """The zone's events as they happen, and those of trays that it works for."""
        zone = get_object_or_404(Zone.objects.visible_to(request.user), pk=code)
        return self.stream(audience_of_zone(zone.pk))


class TicketPress(Api):
    """A cook's press; the same press again changes nothing."""

    allowed = {"POST": COOKS}
    press: Callable[..., Ticket] = services.start

    @operation(TicketJson, body=Press, refuses=(IllegalTransition,))
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        services.refuse_foreign_ticket(ref, shop_of(request.user))
        return Response(ticket_as_json(self.press(ref, **self.body(request))))


class TicketReprint(Api):
    """Print a ticket's chit once more, marked as a reprint."""

    allowed = {"POST": COOKS}

    @operation(TicketJson, refuses=(IllegalTransition,))
    @idempotent()
    def post(self, request: Request, ref: UUID) -> Response:
        self.body(request)
        services.refuse_foreign_ticket(ref, shop_of(request.user))
        return Response(ticket_as_json(services.reprint(ref)))


class Trays(Api):
    """The pass: trays that wait or are ready, or those in one `state`, the oldest first."""

    allowed = {"GET": STAFF}

    @operation(PassTrayJson, in_pages=True, query=TrayQuery)
    def get(self, request: Request) -> Response:
        pages = ByOpening()
        shown = self.filters or {"state__in": [TrayState.WAITING, TrayState.READY]}
        tickets = Prefetch("tickets", queryset=Ticket.objects.to_show())
        trays = Tray.objects.filter(**shown).prefetch_related(tickets)
        found = pages.paginate_queryset(trays, request)
        return pages.get_paginated_response([tray_as_json(tray) for tray in found])


class PassStream(LiveStream):
    """What the pass shows has changed."""

    allowed = {"GET": STAFF}

    @operation(NewsJson, query=StreamQuery, live=True)
    def get(self, request: Request) -> Response:
        """The events of all trays and tickets as they happen."""
        return self.stream(ALL_TRAYS)


class Settings(Api):
    """What a manager sets."""

    allowed = {"GET": STAFF, "PATCH": MANAGERS}

    @operation(SettingsJson)
    def get(self, request: Request) -> Response:
        return Response(settings_as_json(KitchenSettings.current()))

    @operation(SettingsJson, body=ChangeSettings, refuses=(Forbidden,))
    def patch(self, request: Request) -> Response:
        return Response(settings_as_json(services.change_settings(**self.body(request))))
