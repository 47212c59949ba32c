"""The roles are Django groups; a manager may do all that waiters and cooks may."""

from collections.abc import Set
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    APP = "app"
    WAITER = "waiter"
    COOK = "cook"
    MANAGER = "manager"


STAFF = frozenset({Role.WAITER, Role.COOK, Role.MANAGER})

#: What a manager may see and do in the admin, by app. Users and roles are the owner's: whoever may
#: change them can make himself anything. The other roles have nothing there.
MANAGER_MAY = {
    "orders": [
        "view_order",
        "change_order",
        "view_orderline",
        "view_payment",
        "view_refund",
        "change_refund",
        "view_billsettings",
        "change_billsettings",
    ],
    "kitchen": [
        "view_tray",
        "view_ticket",
        "change_ticket",
        "view_chit",
        "view_zone",
        "add_zone",
        "change_zone",
        "view_menuitem",
        "add_menuitem",
        "change_menuitem",
        "view_recipestep",
        "add_recipestep",
        "change_recipestep",
        "delete_recipestep",
        "view_optiongroup",
        "add_optiongroup",
        "change_optiongroup",
        "view_option",
        "add_option",
        "change_option",
        "view_optionstep",
        "add_optionstep",
        "change_optionstep",
        "delete_optionstep",
        "view_kitchensettings",
        "change_kitchensettings",
    ],
    "events": ["view_eventrecord", "change_eventrecord"],
    "reports": ["view_projection"],
    "notifications": [
        "view_endpoint",
        "change_endpoint",
        "view_delivery",
        "change_delivery",
        "view_mail",
        "change_mail",
    ],
    "knox": ["view_authtoken", "delete_authtoken"],
    "admin": ["view_logentry"],
    "doctor": ["view_signoflife"],
}


def roles_of(user: Any) -> Set[Role]:
    """The roles of a user; a superuser is a manager. One query, kept on the user object."""
    if not user.is_authenticated:
        return frozenset()
    if not hasattr(user, "_roles"):
        keep_roles(user, set(user.groups.values_list("name", flat=True)))
    roles_kept: frozenset[Role] = user._roles
    return roles_kept


def keep_roles(user: Any, groups: Set[str]) -> None:
    """For who has read the names of the user's groups already."""
    roles = {role for role in Role if role in groups}
    if user.is_superuser or Role.MANAGER in roles:
        roles |= STAFF
    user._roles = frozenset(roles)


def is_staff(user: Any) -> bool:
    """Works in the house: sees every order."""
    return bool(roles_of(user) & STAFF)
