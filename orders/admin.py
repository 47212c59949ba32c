"""Orders in the admin: to be looked at; what changes them are their services."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from kitchen.services import trays_of
from orders.models import Order, OrderLine
from restaurant.admin import ReadOnly
from restaurant.events.models import EventRecord
from restaurant.events.serializers import events_as_json


class OrderLineInline(ReadOnly, admin.TabularInline):
    model = OrderLine
    fields = ("tray", "quantity", "name", "name_th", "unit_price", "note")
    readonly_fields = fields


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):
    list_display = (
        "label",
        "state",
        "total",
        "placed_at",
        "promised_at",
        "ready_at",
    )
    list_filter = ("state", "channel", "placed_at")
    search_fields = ("=number", "=table", "client_ref")
    search_help_text = "Number, table, or the app's own reference"
    ordering = ("-number",)
    show_full_result_count = False
    inlines = (OrderLineInline,)
    readonly_fields = ("kitchen", "history")
    fieldsets = (
        (None, {"fields": (("state", "channel", "table", "total"),)}),
        (None, {"fields": (("placed_at", "promised_at", "ready_at", "served_at"),)}),
        (None, {"fields": (("note", "allergies"), ("cancelled_at", "cancel_reason"))}),
        (None, {"fields": (("placed_by", "client_ref", "ref", "version"),)}),
        (None, {"fields": ("kitchen", "history")}),
    )

    @admin.display(description="in the kitchen")
    def kitchen(self, order: Order) -> SafeString:
        """Its trays, and where each ticket stands."""
        return render_to_string("orders/admin_kitchen.html", {"trays": trays_of(order.ref)})

    @admin.display(description="events")
    def history(self, order: Order) -> SafeString:
        """What happened, oldest first, and who has heard of it."""
        events = events_as_json(list(EventRecord.objects.about(order.ref)))
        return render_to_string("orders/admin_history.html", {"events": events})
