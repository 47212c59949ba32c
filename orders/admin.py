"""The pages of orders: to be looked at; what changes them are their services."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from kitchen.services import trays_of, zones
from orders import services
from orders.billing import SATANG
from orders.dashboard import show_live
from orders.history import timeline
from orders.lifecycle import OPEN, OrderState
from orders.models import BillSettings, Order, Payment, Refund
from orders.sellers import shop_names
from restaurant.admin import HouseAdmin, OneRow, ReadOnly
from restaurant.lists import Shown
from restaurant.verbs import HasVerbs, Verb
from restaurant.wording import badge, late_mark, money, own_name


class Reason(forms.Form):
    """Why an order is cancelled: the guest and the kitchen are told."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )


class WhichTray(forms.Form):
    """One tray, or all of the order."""

    tray = forms.IntegerField(required=False, min_value=1)


class WhichLine(forms.Form):
    """One line of the order."""

    line = forms.UUIDField()


class Pay(forms.Form):
    """What a guest hands over."""

    method = forms.ChoiceField(
        label=_("Method"), choices=Payment.Method.choices, widget=UnfoldAdminSelectWidget
    )
    amount = forms.DecimalField(
        label=_("Handed over"),
        min_value=SATANG,
        max_digits=14,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reference = forms.CharField(
        label=_("Number of the slip, never of a card"),
        max_length=64,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    #: The payment's own: a button pressed twice is one payment.
    payment = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


def pay(order: Order, by: str, payment: UUID, **handed: Any) -> bool:
    """False if this payment was taken before."""
    if order.payments.filter(pk=payment).exists():
        return False
    services.pay_order(order, services.Tender(**handed, id=payment), by=by)
    return True


def left_to_pay(order: Order) -> str:
    due = services.read_bill(order).balance.due
    return f"{_('Left to pay')}: {money(due, order.currency)}"


class Standing(Shown):
    """Of all orders those that a manager looks for."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("all", _("All")),
            ("open", _("Open")),
            ("late", _("Late")),
            ("ready", _("Ready")),
            ("cancelled", _("Cancelled")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        shown = self.value()
        if shown == "open":
            return queryset.open()
        if shown == "late":
            return queryset.late()
        return queryset if shown == "all" else queryset.filter(state=shown)


@admin.register(Order)
class OrderAdmin(ReadOnly, HasVerbs):
    list_display = ("name", "standing", "amount", "placed_at", "promised_at", "ready_at")
    list_filter = (Standing, "state", "channel", "placed_at")
    search_fields = ("number", "table", "client_ref")
    search_help_text = _("Number, table, or the app's reference")
    ordering = ("-placed_at", "-number")
    sortable_by = ()
    change_form_before_template = "orders/order_page.html"
    verbs = (
        Verb(
            name="serve",
            label=_("Serve"),
            done=_("Served"),
            icon="room_service",
            permission="orders.change_order",
            do=services.serve_order,
            fits=lambda order: order.state == OrderState.READY,
            form=WhichTray,
        ),
        Verb(
            name="cancel",
            label=_("Cancel order"),
            done=_("Cancelled"),
            icon="cancel",
            permission="orders.change_order",
            do=services.cancel_order,
            fits=lambda order: order.state in OPEN,
            form=Reason,
            asks=True,
        ),
        Verb(
            name="cancel_line",
            label=_("Cancel line"),
            done=_("Line cancelled"),
            icon="remove_circle",
            permission="orders.change_order",
            do=services.cancel_line,
            fits=lambda order: False,
            form=WhichLine,
            of_a_part=True,
        ),
        Verb(
            name="pay",
            label=_("Take payment"),
            done=_("Paid"),
            icon="payments",
            permission="orders.change_order",
            do=pay,
            # What is due is not on the row: the button stands with the bill.
            fits=lambda order: False,
            form=Pay,
            tells=left_to_pay,
            asks=True,
            signed=True,
            of_a_part=True,
        ),
        Verb(
            name="close",
            label=_("Close order"),
            done=_("Closed"),
            icon="done_all",
            permission="orders.change_order",
            do=services.close_order,
            fits=lambda order: order.state == OrderState.SERVED,
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("live/", view(show_live), name="dashboard-live"),
            path("by-ref/<uuid:ref>/", view(self.by_ref), name="order-by-ref"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Order | None = None) -> Any:
        """None: its page says all, and nothing of it is a field to be filled in."""
        return ()

    def by_ref(self, request: HttpRequest, ref: UUID) -> HttpResponse:
        """To the page of the order that the kitchen knows by its ref."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect("admin:orders_order_change", get_object_or_404(Order, ref=ref).pk)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        term = search_term.strip()
        return (queryset.called(term) if term else queryset), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        order: Order = context["original"]
        bill = services.read_bill(order)
        may_pay = request.user.has_perm("orders.change_order")
        trays, lines = trays_of(order.ref), list(order.lines.all())
        context |= {
            "trays": trays,
            "shops": shop_names(lines),
            "zones": {zone.code: own_name(zone) for zone in zones()},
            "lines": lines,
            "timeline": timeline(order, trays),
            "bill": bill,
            "order": order,
            "can_pay": may_pay and bill.balance.due and order.state != OrderState.CLOSED,
            "can_pay_back": request.user.has_perm("orders.change_refund"),
            "guest": import_string(settings.GUEST_OF_ORDER)(order.ref),
            "can_serve": request.user.has_perm("orders.change_order"),
            "can_change": request.user.has_perm("orders.change_order") and order.state in OPEN,
        }
        return super().render_change_form(request, context, *args, **options)

    @admin.display(description=_("order"))
    def name(self, order: Order) -> str:
        return order.label

    @admin.display(description=_("state"))
    def standing(self, order: Order) -> SafeString:
        return badge(order) + late_mark(order.late_for)

    @admin.display(description=_("total"))
    def amount(self, order: Order) -> str:
        return money(order.total, order.currency)


def order_link(row: Payment | Refund) -> SafeString:
    """To the order that it belongs to."""
    page = reverse("admin:orders_order_change", args=(row.order_id,))
    return format_html('<a class="plain" href="{}">{}</a>', page, row.order.label)


@admin.register(Payment)
class PaymentAdmin(ReadOnly, HouseAdmin):
    list_display = (
        "kept",
        "method",
        "given_back",
        "for_order",
        "reference",
        "taken_at",
        "taken_by",
    )
    list_filter = ("method", "taken_at")
    list_select_related = ("order",)
    ordering = ("-taken_at",)
    sortable_by = ()
    search_fields = ("reference",)

    @admin.display(description=_("amount"))
    def kept(self, payment: Payment) -> str:
        return money(payment.amount, payment.order.currency)

    @admin.display(description=_("change given"))
    def given_back(self, payment: Payment) -> str:
        return money(payment.change, payment.order.currency) if payment.change else "–"

    @admin.display(description=_("order"))
    def for_order(self, payment: Payment) -> SafeString:
        return order_link(payment)


class Owed(Shown):
    """The refunds that somebody waits for."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", _("Due")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.due() if self.value() == "due" else queryset


@admin.register(Refund)
class RefundAdmin(ReadOnly, HasVerbs):
    list_display = ("owed_back", "for_order", "reason", "made_at", "paid_back_at", "paid_back_by")
    list_filter = (Owed,)
    list_select_related = ("order",)
    ordering = ("made_at",)
    sortable_by = ()
    verbs = (
        Verb(
            name="pay_back",
            label=_("Paid back"),
            done=_("Paid back"),
            icon="currency_exchange",
            permission="orders.change_refund",
            do=services.pay_back,
            fits=lambda refund: refund.paid_back_at is None,
            signed=True,
        ),
    )

    @admin.display(description=_("amount"))
    def owed_back(self, refund: Refund) -> str:
        return money(refund.amount, refund.order.currency)

    @admin.display(description=_("order"))
    def for_order(self, refund: Refund) -> SafeString:
        return order_link(refund)


@admin.register(BillSettings)
class BillSettingsAdmin(OneRow):
    read = staticmethod(BillSettings.current)
    write = staticmethod(services.change_bill_settings)
