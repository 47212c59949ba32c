"""Each view says which roles may use which method; what it does not name is not there."""

from collections.abc import Set
from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from restaurant.accounts.roles import STAFF, Role, roles_of

#: In a view's `allowed`: no login needed.
ANYONE: frozenset[Role] = frozenset()
EVERY_ROLE = STAFF | {Role.APP, Role.SHOP}


class ByRole(BasePermission):
    """Reads the view's `allowed`: `{"GET": EVERY_ROLE, "POST": {Role.WAITER}}`."""

    message = "Your role may not do this."

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "GET" if request.method == "HEAD" else request.method
        allowed: Set[Role] | None = getattr(view, "allowed", {}).get(method)
        if allowed is None:
            raise MethodNotAllowed(str(request.method))
        return allowed == ANYONE or bool(roles_of(request.user) & allowed)
