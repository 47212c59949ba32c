"""Shops and zones, and what a manager sets."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kitchen import services
from kitchen.models import KitchenSettings, Shop, Ticket, Zone
from restaurant.admin import HouseAdmin, OneRow, SavesWhatChanged
from restaurant.verbs import HasVerbs, Verb
from restaurant.wording import own_name


@admin.register(Shop)
class ShopAdmin(HouseAdmin):
    """Its accounts are users in the group that is made with it; one with a zone stays."""

    list_display = ("name", "name_th", "code", "its_zones")
    fields = (("name", "name_th"), "code", "place")
    list_display_links = ("name",)
    # One by one, for each may have zones.
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        return super().get_queryset(request).prefetch_related("zones")

    def get_readonly_fields(self, request: HttpRequest, obj: Shop | None = None) -> Any:
        return ("code",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        services.save_shop(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Shop | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.zones.exists())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.remove_shop(obj)

    @admin.display(description=_("zones"))
    def its_zones(self, shop: Shop) -> str:
        return ", ".join(own_name(zone) for zone in shop.zones.all())


@admin.register(Zone)
class ZoneAdmin(SavesWhatChanged, HasVerbs):
    list_display = ("name", "name_th", "opened", "cooks", "work")
    fields = (("name", "name_th"), "code", ("is_open", "cooks"), ("shop", "printer"), "place")
    verbs = (
        Verb(
            name="close",
            label=_("Close"),
            done=_("Closed"),
            icon="block",
            permission="kitchen.change_zone",
            do=lambda zone: services.change_zone(zone, is_open=False),
            fits=lambda zone: zone.is_open,
        ),
        Verb(
            name="reopen",
            label=_("Reopen"),
            done=_("Open again"),
            icon="check_circle",
            permission="kitchen.change_zone",
            do=lambda zone: services.change_zone(zone, is_open=True),
            fits=lambda zone: not zone.is_open,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        tickets = Ticket.objects.filter(zone=OuterRef("pk"), finished_at=None).order_by()
        counted = tickets.values("zone").annotate(count=Count("pk")).values("count")
        return super().get_queryset(request).annotate(open_tickets=Coalesce(Subquery(counted), 0))

    def get_readonly_fields(self, request: HttpRequest, obj: Zone | None = None) -> Any:
        return ("code",) if obj else ()

    @admin.display(description=_("open"), boolean=True, ordering="is_open")
    def opened(self, zone: Zone) -> bool:
        return zone.is_open

    @admin.display(description=_("tickets to do"), ordering="open_tickets")
    def work(self, zone: Any) -> SafeString:
        """Their number, and the way to them."""
        tickets = reverse("admin:kitchen_ticket_changelist")
        return format_html(
            '<a class="plain" href="{}?zone__code__exact={}">{}</a>',
            tickets,
            zone.pk,
            zone.open_tickets,
        )


@admin.register(KitchenSettings)
class KitchenSettingsAdmin(OneRow):
    read = staticmethod(KitchenSettings.current)
    write = staticmethod(services.change_settings)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if settings.DEMO else ("time_scale",)
