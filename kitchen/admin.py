"""The kitchen in the admin: menu, zones and settings to be changed, states to be looked at."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from kitchen import services
from kitchen.lifecycle import TicketState
from kitchen.models import KitchenSettings, MenuItem, RecipeStep, Ticket, Tray, Zone
from restaurant.admin import ReadOnly, SavesWhatChanged


@admin.register(Zone)
class ZoneAdmin(SavesWhatChanged, admin.ModelAdmin):
    list_display = ("name", "name_th", "code", "is_open", "cooks", "place")
    list_editable = ("is_open", "cooks")

    def get_readonly_fields(self, request: HttpRequest, obj: Zone | None = None) -> Any:
        return ("code",) if obj else ()


class RecipeStepInline(admin.TabularInline):
    model = RecipeStep
    extra = 0
    min_num = 1
    validate_min = True
    verbose_name_plural = "recipe: tracks run side by side, a track's steps follow each other"


@admin.register(MenuItem)
class MenuItemAdmin(SavesWhatChanged, admin.ModelAdmin):
    list_display = ("name", "name_th", "kind", "price", "available", "portions_left", "recipe")
    list_editable = ("available", "portions_left")
    list_filter = ("kind", "available", "steps__zone")
    search_fields = ("name", "name_th", "code")
    inlines = (RecipeStepInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MenuItem]:
        return super().get_queryset(request).prefetch_related("steps")

    def get_readonly_fields(self, request: HttpRequest, obj: MenuItem | None = None) -> Any:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: MenuItem | None = None) -> bool:
        # Open orders still need its recipe: an item that is gone is made unavailable.
        return False

    @admin.display
    def recipe(self, item: MenuItem) -> str:
        """`boil 240 s → fry 60 s`; tracks that run side by side are joined by `+`."""
        tracks: dict[int, list[str]] = {}
        for step in item.steps.all():
            tracks.setdefault(step.track, []).append(str(step))
        return " + ".join(" → ".join(steps) for steps in tracks.values())


class TicketInline(ReadOnly, admin.TabularInline):
    model = Ticket
    ordering = ("track", "position")
    fields = (
        "track",
        "position",
        "zone",
        "quantity",
        "name",
        "note",
        "state",
        "fire_at",
        "started_at",
        "done_at",
    )
    readonly_fields = fields
    show_change_link = True


@admin.register(Tray)
class TrayAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("__str__", "state", "opened_at", "promised_at", "ready_at", "served_at")
    list_filter = ("state",)
    search_fields = ("order_label", "order_ref")
    ordering = ("-opened_at",)
    show_full_result_count = False
    inlines = (TicketInline,)


@admin.register(Ticket)
class TicketAdmin(ReadOnly, admin.ModelAdmin):
    list_display = (
        "name",
        "quantity",
        "zone",
        "state",
        "tray",
        "fire_at",
        "started_at",
        "attempts",
    )
    list_filter = ("zone", "state", "cancel_requested")
    search_fields = ("tray__order_label", "item")
    ordering = ("-fire_at",)
    list_select_related = ("tray", "zone")
    show_full_result_count = False
    actions = ("try_again",)

    @admin.action(description="Try quarantined tickets again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Ticket]) -> None:
        """The head chef calls them out anew."""
        quarantined = list(queryset.filter(state=TicketState.QUARANTINED))
        for ticket in quarantined:
            services.retry(ticket.pk)
            self.log_change(request, ticket, "tried again")
            self.message_user(request, f"{ticket} is tried again.", messages.SUCCESS)
        if not quarantined:
            self.message_user(request, "None of these is quarantined.", messages.WARNING)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("kitchen.change_ticket")


@admin.register(KitchenSettings)
class KitchenSettingsAdmin(SavesWhatChanged, admin.ModelAdmin):
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if settings.DEMO else ("time_scale",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not KitchenSettings.objects.exists()

    def has_delete_permission(
        self, request: HttpRequest, obj: KitchenSettings | None = None
    ) -> bool:
        return False
