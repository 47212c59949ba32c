"""The pages of webhooks and mails: who is told, what became of it, a button to tell it again."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from notifications import services
from notifications.lifecycle import DeliveryState
from notifications.models import Delivery, Endpoint, Mail
from restaurant.admin import ReadOnly
from restaurant.lists import Shown
from restaurant.verbs import HasVerbs, Verb
from restaurant.wording import badge


@admin.register(Endpoint)
class EndpointAdmin(ReadOnly, HasVerbs):
    list_display = ("url", "principal", "told", "enabled", "paused_until", "letters")
    list_filter = ("enabled",)
    list_select_related = ("principal",)
    search_fields = ("url",)
    ordering = ("-created_at",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("url", ("principal", "created_at"), "told", "letters")}),
        (None, {"fields": (("enabled", "disabled_because"), ("failures", "paused_until"))}),
    )
    readonly_fields = ("told", "letters")
    verbs = (
        Verb(
            name="disable",
            label=_("Disable"),
            done=_("Disabled"),
            icon="block",
            permission="notifications.change_endpoint",
            do=lambda endpoint: services.change_endpoint(endpoint, enabled=False),
            fits=lambda endpoint: endpoint.enabled,
        ),
        Verb(
            name="enable",
            label=_("Enable"),
            done=_("Enabled"),
            icon="check_circle",
            permission="notifications.change_endpoint",
            do=lambda endpoint: services.change_endpoint(endpoint, enabled=True),
            fits=lambda endpoint: not endpoint.enabled,
        ),
        Verb(
            name="try_now",
            label=_("Try now"),
            done=_("Tried again"),
            icon="resume",
            permission="notifications.change_endpoint",
            do=lambda endpoint: services.change_endpoint(endpoint, enabled=True),
            fits=lambda endpoint: endpoint.enabled and endpoint.paused_until is not None,
        ),
        Verb(
            name="redeliver",
            label=_("Send dead letters again"),
            done=_("Sent again"),
            icon="replay",
            permission="notifications.change_delivery",
            do=services.redeliver_dead,
            fits=lambda endpoint: True,
        ),
    )

    @admin.display(description=_("told of"))
    def told(self, endpoint: Endpoint) -> str:
        return ", ".join(endpoint.events) or str(_("callbacks only"))

    @admin.display(description=_("deliveries"))
    def letters(self, endpoint: Endpoint) -> SafeString:
        deliveries = reverse("admin:notifications_delivery_changelist")
        return format_html(
            '<a class="plain" href="{}?endpoint__id__exact={}">{}</a>',
            deliveries,
            endpoint.pk,
            _("show"),
        )


class Arrival(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("All")), *DeliveryState.choices]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() == "all" else queryset.filter(state=self.value())


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, HasVerbs):
    list_display = ("name", "to", "standing", "order", "tries", "answer", "made_at")
    list_filter = (Arrival,)
    list_select_related = ("endpoint",)
    search_fields = ("order_ref",)
    search_help_text = _("The order's ref")
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (("name", "standing"), "to", ("order", "sequence"), "event", "body")}),
        (None, {"fields": (("tries", "answer"), ("made_at", "last_tried_at"))}),
        (None, {"fields": (("next_try_at", "finished_at"),)}),
    )
    readonly_fields = ("standing", "to", "order", "answer")
    verbs = (
        Verb(
            name="redeliver",
            label=_("Send again"),
            done=_("Sent again"),
            icon="replay",
            permission="notifications.change_delivery",
            do=services.redeliver,
            fits=lambda delivery: delivery.state != DeliveryState.WAITING,
        ),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "endpoint__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(order_ref=UUID(search_term.strip())), False
        except ValueError:
            return queryset.none(), False

    @admin.display(description=_("to"))
    def to(self, delivery: Delivery) -> str:
        return delivery.to

    @admin.display(description=_("state"))
    def standing(self, delivery: Delivery) -> SafeString:
        return badge(delivery)

    @admin.display(description=_("order"))
    def order(self, delivery: Delivery) -> SafeString:
        return order_link(delivery.order_ref, str(delivery.order_ref)[:8])

    @admin.display(description=_("answer"))
    def answer(self, delivery: Delivery) -> str:
        """The last one: `500 It was refused.`"""
        return f"{delivery.last_status or ''} {delivery.last_error}".strip()


@admin.register(Mail)
class MailAdmin(ReadOnly, HasVerbs):
    list_display = ("subject", "to", "standing", "order", "tries", "last_error", "made_at")
    list_filter = (Arrival,)
    list_select_related = ("guest",)
    search_fields = ("guest__email", "guest__number")
    search_help_text = _("Address, or the order's number")
    ordering = ("-id",)
    sortable_by = ()
    fieldsets = (
        (None, {"fields": (("subject", "standing"), ("to", "order"), ("name", "event"), "body")}),
        (None, {"fields": (("tries", "last_error"), ("made_at", "last_tried_at"))}),
        (None, {"fields": (("next_try_at", "finished_at"),)}),
    )
    readonly_fields = ("standing", "to", "order")
    verbs = (
        Verb(
            name="mail_again",
            label=_("Send again"),
            done=_("Sent again"),
            icon="replay",
            permission="notifications.change_mail",
            do=services.mail_again,
            fits=lambda mail: mail.state != DeliveryState.WAITING,
        ),
    )

    @admin.display(description=_("to"))
    def to(self, mail: Mail) -> str:
        return mail.guest.email

    @admin.display(description=_("state"))
    def standing(self, mail: Mail) -> SafeString:
        return badge(mail)

    @admin.display(description=_("order"))
    def order(self, mail: Mail) -> SafeString:
        return order_link(mail.guest.order_ref, str(mail.guest))


def order_link(order_ref: UUID, text: str) -> SafeString:
    page = reverse(settings.ORDER_PAGE, args=(order_ref,))
    return format_html('<a class="plain" href="{}">{}</a>', page, text)
