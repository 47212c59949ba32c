"""What the kitchen has to do: trays at the pass, tickets by zone."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kitchen import services
from kitchen.lifecycle import TicketState, TrayState
from kitchen.models import (
    Chit,
    Printed,
    Ticket,
    Tray,
)
from restaurant.admin import HouseAdmin, HouseInline, ReadOnly
from restaurant.lists import Shown
from restaurant.verbs import HasVerbs, Verb
from restaurant.wording import ago, badge, chosen, late_mark, own_name


def order_link(tray: Tray) -> SafeString:
    """The tray's order, on its own page; whose page that is, the settings say."""
    return format_html(
        '<a class="plain" href="{}">{}</a>',
        reverse(settings.ORDER_PAGE, args=(tray.order_ref,)),
        tray.order_label,
    )


def what_to_cook(ticket: Ticket) -> SafeString:
    """`2 × Pad krapow`, and below it what was chosen about it."""
    options = format_html("<br><b>{}</b>", chosen(ticket.options)) if ticket.options else ""
    return format_html("{} × {}{}", ticket.quantity, own_name(ticket), options)


class TicketInline(ReadOnly, HouseInline):
    model = Ticket
    ordering = ("track", "position")
    verbose_name_plural = _("Tickets")
    fields = ("at_zone", "what", "read", "standing", "fire_at", "started_at", "done_at")
    readonly_fields = fields
    show_change_link = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return super().get_queryset(request).select_related("zone").defer("parked")

    @admin.display(description=_("zone"))
    def at_zone(self, ticket: Ticket) -> str:
        return own_name(ticket.zone)

    @admin.display(description=_("what"))
    def what(self, ticket: Ticket) -> SafeString:
        return what_to_cook(ticket)

    @admin.display(description=_("note"))
    def read(self, ticket: Ticket) -> str:
        return ticket.to_read

    @admin.display(description=_("state"))
    def standing(self, ticket: Ticket) -> SafeString:
        return badge(ticket)


class AtThePass(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("Open")),
            ("ready", _("At the pass")),
            ("late", _("Late")),
            ("served", _("Served")),
            ("void", _("Void")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        shown = self.value()
        if shown == "late":
            return queryset.late()
        if shown == "open":
            return queryset.filter(state__in=[TrayState.WAITING, TrayState.READY])
        return queryset.filter(state=shown)


@admin.register(Tray)
class TrayAdmin(ReadOnly, HouseAdmin):
    sortable_by = ()
    list_display = ("tray", "order", "standing", "opened_at", "promised_at", "ready_at", "waits")
    list_filter = (AtThePass,)
    fieldsets = (
        (None, {"fields": (("order", "number", "standing"),)}),
        (None, {"fields": (("opened_at", "promised_at"), ("ready_at", "served_at"))}),
    )
    readonly_fields = ("order", "standing")
    inlines = (TicketInline,)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        # What still stands there, the oldest first; what is gone, the last first.
        gone = request.GET.get("shown") in (TrayState.SERVED, TrayState.VOID)
        return ["-opened_at"] if gone else ["opened_at"]

    @admin.display(description=_("tray"))
    def tray(self, tray: Tray) -> str:
        return str(_("Tray %(number)s") % {"number": tray.number})

    @admin.display(description=_("order"))
    def order(self, tray: Tray) -> SafeString:
        return order_link(tray)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, tray: Tray) -> SafeString:
        return badge(tray) + late_mark(tray.late_for)

    @admin.display(description=_("at the pass since"))
    def waits(self, tray: Tray) -> str | None:
        return ago(tray.ready_at) if tray.state == TrayState.READY and tray.ready_at else None


class ToDo(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("To do")),
            ("late", _("Late")),
            ("quarantined", _("Quarantined")),
            ("unprinted", _("Not printed")),
            ("stop", _("To be stopped")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        todo = queryset.filter(finished_at=None)
        if self.value() == "late":
            return todo.filter(tray__promised_at__lt=timezone.now())
        if self.value() == "quarantined":
            return queryset.quarantined()
        if self.value() == "unprinted":
            return queryset.unprinted()
        return todo.filter(cancel_requested=True) if self.value() == "stop" else todo


def unprinted_mark(ticket: Ticket) -> SafeString:
    """Nothing, or that the cook has no chit."""
    if ticket.printed != Printed.FAILED:
        return SafeString()
    return format_html(
        ' <span class="badge" data-state="late">{}</span>', ticket.get_printed_display()
    )


class ChitInline(ReadOnly, HouseInline):
    model = Chit
    ordering = ("pk",)
    verbose_name_plural = _("On paper")
    fields = ("kind", "is_reprint", "made_at", "tries", "printed_at", "dropped_at", "error")
    readonly_fields = fields
    hide_title = True


@admin.register(Ticket)
class TicketAdmin(ReadOnly, HasVerbs):
    list_display = ("what", "at_zone", "standing", "order", "fire_at", "started_at", "attempts")
    list_filter = (ToDo, "zone", "state")
    sortable_by = ()
    ordering = ("fire_at",)
    list_select_related = ("tray", "zone")
    fieldsets = (
        (None, {"fields": (("what", "standing"), ("order", "at_zone"), ("allergies", "note"))}),
        (None, {"fields": (("fire_at", "fired_at"), ("started_at", "done_at"))}),
        (None, {"fields": (("track", "position"), ("prep_seconds", "attempts"), "printed")}),
    )
    readonly_fields = ("what", "at_zone", "standing", "order")
    inlines = (ChitInline,)
    verbs = (
        Verb(
            name="try_again",
            label=_("Try again"),
            done=_("Tried again"),
            icon="replay",
            permission="kitchen.change_ticket",
            do=lambda ticket: services.retry(ticket.pk),
            fits=lambda ticket: ticket.state == TicketState.QUARANTINED,
        ),
        Verb(
            name="print_again",
            label=_("Print again"),
            done=_("To be printed again"),
            icon="print",
            permission="kitchen.change_ticket",
            do=lambda ticket: services.reprint(ticket.pk),
            fits=lambda ticket: bool(ticket.zone.printer) and ticket.fired_at is not None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return super().get_queryset(request).defer("parked")

    @admin.display(description=_("zone"))
    def at_zone(self, ticket: Ticket) -> str:
        return own_name(ticket.zone)

    @admin.display(description=_("what"))
    def what(self, ticket: Ticket) -> SafeString:
        return what_to_cook(ticket)

    @admin.display(description=_("order"))
    def order(self, ticket: Ticket) -> SafeString:
        return order_link(ticket.tray)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, ticket: Ticket) -> SafeString:
        late_for = ticket.tray.late_for if ticket.finished_at is None else None
        stop = _("cancelled: to be stopped") if ticket.cancel_requested else ""
        return (
            badge(ticket) + late_mark(late_for) + unprinted_mark(ticket) + format_html(" {}", stop)
        )
