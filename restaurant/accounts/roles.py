"""The roles are Django groups; a manager may do all that waiters and cooks may."""

from collections.abc import Set
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    APP = "app"
    WAITER = "waiter"
    COOK = "cook"
    MANAGER = "manager"
    #: Of a shop in the house. It has no group of its own: each shop has one.
    SHOP = "shop"


STAFF = frozenset({Role.WAITER, Role.COOK, Role.MANAGER})
#: What the names of the shops' groups begin with.
SHOP_GROUP = "shop:"

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
        "view_shop",
        "add_shop",
        "change_shop",
        "delete_shop",
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
        keep_roles(user, {group.name for group in user.groups.all()})
    roles_kept: frozenset[Role] = user._roles
    return roles_kept


def shop_of(user: Any) -> str | None:
    """The shop whose part is all that the user may see; None: it is not limited to one."""
    shop: str | None = user._shop if roles_of(user) == {Role.SHOP} else None
    return shop


def group_of_shop(code: str) -> str:
    """The name of the group whose members are the shop's accounts."""
    return SHOP_GROUP + code


def keep_roles(user: Any, groups: Set[str | None]) -> None:
    """For who has read the names of the user's groups already.

    Who is of a shop, and not staff, is that alone: its part does not grow by what else it is.
    """
    roles = {role for role in (*STAFF, Role.APP) if role in groups}
    if user.is_superuser or Role.MANAGER in roles:
        roles |= STAFF
    shops = sorted(name for name in groups if name and name.startswith(SHOP_GROUP))
    if shops and not roles & STAFF:
        roles = {Role.SHOP}
        user._shop = shops[0].removeprefix(SHOP_GROUP)
    user._roles = frozenset(roles)


def is_staff(user: Any) -> bool:
    """Works in the house: sees every order."""
    return bool(roles_of(user) & STAFF)
