"""The guest's page of one order, without a login: whoever has the link may look."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from orders.models import Order
from orders.tracking import seen_by_guest
from restaurant.accounts.throttling import RateLimit
from restaurant.api import error_page, page_not_found
from restaurant.events.news import AUDIENCE, POSITION, audience_of_guest, first_hint
from restaurant.shapes import EVENT_STREAM

#: The page's own files and its own server, and nobody else.
ONLY_OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: Whoever has the link may look: so the link is told to nobody, and kept nowhere.
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": ONLY_OURS,
}

#: What the script says, in the reader's language.
WORDS = {
    "live": _("Live · %(age)s s"),
    "stale": _("No live news just now: this page looks every 2 seconds · %(age)s s old"),
    "offline": _("No connection. What you see here is %(age)s s old."),
    "left": _("This page is not there any more."),
}

Page = Callable[[HttpRequest, Order], HttpResponse]


def page_of_order(page: Page) -> Callable[..., HttpResponse]:
    """A page for whoever has the link of an order; it is in the language that its reader wants."""

    @require_safe
    @wraps(page)
    def guarded(request: HttpRequest, secret: str) -> HttpResponse:
        order = Order.objects.filter(tracking_secret=secret).first()
        response = in_words_of(request, page, order) if order else refuse(request)
        for name, value in PRIVATE.items():
            response[name] = value
        return response

    return guarded


def in_words_of(request: HttpRequest, page: Page, order: Order) -> HttpResponse:
    """The page in the language that its link says (`?lang=th`), or that the browser asks for."""
    asked = request.GET.get("lang")
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
    with translation.override(language):
        response = page(request, order)
        response["Content-Language"] = str(translation.get_language())
    return response


def refuse(request: HttpRequest) -> HttpResponse:
    """A wrong link; who tries many of them is told to wait, and those with a right one are not.

    Guests of one house share an address, and one of them who guesses must not shut the others out.
    """
    limit = RateLimit()
    counted: Any = request
    if limit.allow_request(counted, None):
        return page_not_found(request, LookupError())
    response = error_page(request, 429, "This was asked for too often.")
    response["Retry-After"] = str(max(1, round(limit.wait())))
    return response


@page_of_order
def track(request: HttpRequest, order: Order) -> HttpResponse:
    here = translation.get_language()
    others = [pair for pair in settings.LANGUAGES if pair[0] != here]
    frame = {
        "words": WORDS,
        "others": others,
        "chosen": here if "lang" in request.GET else "",
        "now": timezone.now(),
    }
    return render(request, "orders/track.html", {**frame, "seen": seen_by_guest(order)})


@page_of_order
def board(request: HttpRequest, order: Order) -> HttpResponse:
    """The part that changes: the page puts it in place of the one before."""
    return render(request, "orders/track_board.html", {"seen": seen_by_guest(order)})


@page_of_order
def stream(request: HttpRequest, order: Order) -> HttpResponse:
    """Says when to look, and nothing else; the ASGI router goes on from here."""
    position, frames = first_hint()
    return HttpResponse(
        frames,
        content_type=EVENT_STREAM,
        headers={
            AUDIENCE: audience_of_guest(order.ref),
            POSITION: str(position),
            "X-Accel-Buffering": "no",
        },
    )
