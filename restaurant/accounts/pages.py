"""Pages for those who work in the house."""

from collections.abc import Callable, Set
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from restaurant.accounts.roles import Role, roles_of

View = Callable[..., HttpResponseBase]


def page_for(allowed: Set[Role], *, part: bool = False) -> Callable[[View], View]:
    """A page for these roles: others are told so, and who is not logged in is asked to.

    A `part` is put into a page that is open already, where a form to log in would only confuse.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response: HttpResponseBase
            if not request.user.is_authenticated:
                response = (
                    HttpResponse(status=401) if part else redirect_to_login(request.get_full_path())
                )
            elif not roles_of(request.user) & allowed:
                response = render(request, "house/forbidden.html", status=403)
            else:
                response = view(request, *args, **kwargs)
            response.headers["Cache-Control"] = "no-store"
            return response

        return guarded

    return decorate
