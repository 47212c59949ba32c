"""The kitchen's screens: a frame that stays, and a board that is fetched anew with all news.

What a cook or a waiter presses goes to the API, with the session.
"""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kitchen import services
from kitchen.lifecycle import TicketState
from restaurant.accounts.pages import page_for
from restaurant.accounts.roles import STAFF, Role, roles_of, shop_of

#: Cooks of a shop among them, who see the zones of their shop.
COOKS = frozenset({Role.COOK, Role.MANAGER, Role.SHOP})
SERVERS = frozenset({Role.WAITER, Role.MANAGER})

#: What the scripts say, in the reader's language.
WORDS = {
    "live": _("Live · %(age)s s"),
    "stale": _("STALE: no live news. This page looks every 2 seconds · %(age)s s old"),
    "offline": _("OFFLINE: nothing new for %(age)s s. Presses are kept and sent later."),
    "left": _("You are logged out: log in again. Presses are kept."),
    "kept": _("will be sent"),
    "sending": _("sending…"),
    "close": _("close"),
    "late": _("LATE"),
    "waiting": _("waiting"),
    "start": _("Start"),
    "done": _("Done"),
    "new": _("New: %(what)s"),
    "stop": _("Stop, it was cancelled: %(what)s"),
    "started": _("Started: %(what)s"),
    "finished": _("Done: %(what)s"),
    "stopped": _("Stopped: %(what)s"),
    "recalled": _("Taken back: %(what)s"),
    "served": _("Served: %(what)s"),
    "serve": _("Serve"),
    "refire": _("Cook again"),
    "refired": _("Cooked again: %(what)s"),
    "reprint": _("Print again"),
    "too_long": _("too long"),
    "dropped": _("Not sent any more: %(what)s"),
    "nothing": _("There is nothing to undo."),
    "moved": _("The cards have just moved: look, and press again."),
    "faster": _("Not possible any more, its state is: %(state)s."),
    "taken_back": _("It was taken back since you looked: look, and press again."),
    "refused": _("Refused: %(detail)s"),
    "unreached": _("No answer: nothing was changed. Try again."),
    "sound_on": _("Sound on"),
    "sound_off": _("Sound off"),
    "sound_locked": _("Touch for sound"),
    "states": dict(TicketState.choices),
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every screen's frame shows."""
    roles = roles_of(request.user)
    return {
        "words": WORDS,
        "now": timezone.now(),
        "cooks": bool(roles & COOKS),
        "serves": bool(roles & SERVERS),
    }


@page_for(STAFF | COOKS)
def home(request: HttpRequest) -> HttpResponse:
    """Which screen? The pass is the house's."""
    shop = shop_of(request.user)
    at_the_pass = services.pass_board() if shop is None else None
    shown = {"zones": services.zone_boards(shop), "pass": at_the_pass}
    return render(request, "kitchen/home.html", frame(request) | shown)


@page_for(COOKS)
def zone(request: HttpRequest, code: str) -> HttpResponse:
    """A zone's screen."""
    return render(request, "kitchen/zone.html", frame(request) | of_zone(request, code))


@page_for(COOKS, part=True)
def zone_board(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "kitchen/zone_board.html", of_zone(request, code))


def of_zone(request: HttpRequest, code: str) -> dict[str, Any]:
    screen = services.zone_screen(code, shop_of(request.user))
    if screen is None:
        raise Http404
    return {"screen": screen}


@page_for(STAFF)
def the_pass(request: HttpRequest) -> HttpResponse:
    """The pass's screen."""
    return render(request, "kitchen/pass.html", frame(request) | of_pass(request))


@page_for(STAFF, part=True)
def pass_board(request: HttpRequest) -> HttpResponse:
    return render(request, "kitchen/pass_board.html", of_pass(request))


def of_pass(request: HttpRequest) -> dict[str, Any]:
    screen = services.pass_screen()
    orders = {one.tray.order_ref for one in (*screen.ready, *screen.coming, *screen.served)}
    return {
        "screen": screen,
        "serves": bool(roles_of(request.user) & SERVERS),
        "serve": {ref: reverse(settings.SERVE_ROUTE, args=(ref,)) for ref in orders},
        "refire": {ref: reverse(settings.REFIRE_ROUTE, args=(ref,)) for ref in orders},
        "trace": {ref: reverse(settings.TRACE_PAGE, args=(ref,)) for ref in orders},
    }
