"""What a manager finds in the sidebar, in the order in which it is needed."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Page:
    """A page, who may see it, and the function (by its name) that counts what waits there."""

    title: Words
    icon: str
    name: str
    permission: str = ""
    query: str = ""
    counted_by: str = ""
    site: str = "admin:"

    @property
    def link(self) -> str:
        return self.home + (f"?{self.query}" if self.query else "")

    @property
    def home(self) -> str:
        return reverse(f"{self.site}{self.name}")

    def fits(self, request: HttpRequest) -> bool:
        """It is the page that is shown, or the list that the page belongs to."""
        below = self.name != "index" and request.path.startswith(self.home)
        asked = request.GET.items()
        return (request.path == self.home or below) and set(parse_qsl(self.query)) <= set(asked)


PAGES: list[tuple[Words, list[Page]]] = [
    (
        "",
        [
            Page(_("Now"), "monitoring", "index"),
            Page(_("The kitchen's screens"), "tv", "kitchen", site=""),
            Page(
                _("Reports"),
                "bar_chart",
                "reports_projection_changelist",
                "reports.view_projection",
            ),
        ],
    ),
    (
        _("Needs attention"),
        [
            Page(
                _("Late orders"),
                "alarm",
                "orders_order_changelist",
                "orders.view_order",
                "shown=late",
                "orders.services.count_late",
            ),
            Page(
                _("Late trays"),
                "running_with_errors",
                "kitchen_tray_changelist",
                "kitchen.view_tray",
                "shown=late",
                "kitchen.services.count_late_trays",
            ),
            Page(
                _("Quarantine"),
                "warning",
                "kitchen_ticket_changelist",
                "kitchen.view_ticket",
                "shown=quarantined",
                "kitchen.services.count_quarantined",
            ),
            Page(
                _("Not printed"),
                "print_error",
                "kitchen_ticket_changelist",
                "kitchen.view_ticket",
                "shown=unprinted",
                "kitchen.services.count_unprinted",
            ),
            Page(
                _("Refunds due"),
                "currency_exchange",
                "orders_refund_changelist",
                "orders.view_refund",
                "shown=due",
                "orders.services.count_refunds_due",
            ),
            Page(
                _("Dead letters"),
                "unsubscribe",
                "notifications_delivery_changelist",
                "notifications.view_delivery",
                "shown=dead",
                "notifications.services.count_dead",
            ),
            Page(
                _("Mails not sent"),
                "mark_email_unread",
                "notifications_mail_changelist",
                "notifications.view_mail",
                "shown=dead",
                "notifications.services.count_dead_mails",
            ),
            Page(
                _("Left alone"),
                "hearing_disabled",
                "events_eventrecord_changelist",
                "events.view_eventrecord",
                "shown=left_alone",
                "restaurant.events.deaths.count_left_alone",
            ),
        ],
    ),
    (
        _("Service"),
        [
            Page(_("Orders"), "receipt_long", "orders_order_changelist", "orders.view_order"),
            Page(
                _("The pass"),
                "room_service",
                "kitchen_tray_changelist",
                "kitchen.view_tray",
                "shown=ready",
            ),
            Page(_("Trays"), "dinner_dining", "kitchen_tray_changelist", "kitchen.view_tray"),
            Page(_("Tickets"), "skillet", "kitchen_ticket_changelist", "kitchen.view_ticket"),
            Page(_("Payments"), "payments", "orders_payment_changelist", "orders.view_payment"),
        ],
    ),
    (
        _("The house"),
        [
            Page(_("Menu"), "menu_book", "kitchen_menuitem_changelist", "kitchen.view_menuitem"),
            Page(
                _("Option groups"),
                "checklist",
                "kitchen_optiongroup_changelist",
                "kitchen.view_optiongroup",
            ),
            Page(_("Options"), "egg_alt", "kitchen_option_changelist", "kitchen.view_option"),
            Page(_("Zones"), "countertops", "kitchen_zone_changelist", "kitchen.view_zone"),
            Page(_("Shops"), "storefront", "kitchen_shop_changelist", "kitchen.view_shop"),
            Page(
                _("Settings"),
                "tune",
                "kitchen_kitchensettings_changelist",
                "kitchen.view_kitchensettings",
            ),
            Page(
                _("Bills"),
                "request_quote",
                "orders_billsettings_changelist",
                "orders.view_billsettings",
            ),
        ],
    ),
    (
        _("Behind it"),
        [
            Page(
                _("How it runs"),
                "monitor_heart",
                "doctor_signoflife_changelist",
                "doctor.view_signoflife",
            ),
            Page(
                _("Events"), "history", "events_eventrecord_changelist", "events.view_eventrecord"
            ),
            Page(
                _("Webhooks"),
                "webhook",
                "notifications_endpoint_changelist",
                "notifications.view_endpoint",
            ),
            Page(
                _("Deliveries"),
                "outbox",
                "notifications_delivery_changelist",
                "notifications.view_delivery",
            ),
            Page(_("Mails"), "mail", "notifications_mail_changelist", "notifications.view_mail"),
            Page(
                _("Who did what"), "fact_check", "admin_logentry_changelist", "admin.view_logentry"
            ),
            Page(_("Tokens"), "key", "knox_authtoken_changelist", "knox.view_authtoken"),
            Page(_("Users"), "group", "auth_user_changelist", "auth.view_user"),
            Page(_("Roles"), "badge", "auth_group_changelist", "auth.view_group"),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The pages that this user may see, as unfold wants them."""
    groups = [(title, [page for page in pages if may_see(request, page)]) for title, pages in PAGES]
    # Of two that fit, such as all orders and the late ones, the more exact one is marked.
    fitting = [page for _title, pages in groups for page in pages if page.fits(request)]
    shown = max(fitting, key=lambda page: (len(page.link), page.link), default=None)
    found: list[dict[str, Any]] = [
        {"title": title, "items": [as_item(page, page is shown) for page in pages]}
        for title, pages in groups
        if pages
    ]
    if settings.FLOWER_URL and request.user.has_perm("events.view_eventrecord"):
        flower = {"title": "Flower", "icon": "local_florist", "link": settings.FLOWER_URL}
        found[-1]["items"] = [*found[-1]["items"], {**flower, "active": False}]
    return found


def may_see(request: HttpRequest, page: Page) -> bool:
    return not page.permission or bool(request.user.has_perm(page.permission))


def as_item(page: Page, active: bool) -> dict[str, Any]:
    count = import_string(page.counted_by)() if page.counted_by else 0
    badge = {"badge": str(count), "badge_variant": "danger"} if count else {}
    return {"title": page.title, "icon": page.icon, "link": page.link, "active": active, **badge}
