"""Shops: who sells what, and what each may touch."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction

from kitchen.models import MenuItem, Shop, Ticket
from restaurant.accounts.roles import group_of_shop
from restaurant.errors import Forbidden, NotFound


def shops() -> list[Shop]:
    """All of them, in the order of their places."""
    return list(Shop.objects.all())


def save_shop(shop: Shop) -> None:
    """Make the shop, or write what it is called now; its accounts are the members of its group."""
    with transaction.atomic():
        shop.save()
        Group.objects.get_or_create(name=group_of_shop(shop.code))


def remove_shop(shop: Shop) -> None:
    """Its accounts are nobody's then. Raises ProtectedError while a zone is its."""
    with transaction.atomic():
        Group.objects.filter(name=group_of_shop(shop.code)).delete()
        shop.delete()


def zones_of_shops() -> dict[str, set[str]]:
    """For each shop the codes of its zones."""
    found: dict[str, set[str]] = {}
    for shop, zone in Shop.objects.values_list("code", "zones__code"):
        found.setdefault(shop, set()).update([zone] if zone else [])
    return found


def trays_at_shops(order_refs: Iterable[UUID]) -> set[tuple[UUID, int, str]]:
    """Which trays of these orders a shop cooks something for: order, number, shop."""
    tickets = Ticket.objects.filter(tray__order_ref__in=order_refs, zone__shop__isnull=False)
    return set(tickets.values_list("tray__order_ref", "tray__number", "zone__shop").distinct())


def refuse_foreign_ticket(ticket: UUID, shop: str | None) -> None:
    """To a shop the tickets of other zones are as if they were not: raises NotFound."""
    if shop is not None and not Ticket.objects.filter(pk=ticket, zone__shop=shop).exists():
        raise NotFound("There is no such ticket.")


def refuse_foreign_items(items: Iterable[str], shop: str | None) -> None:
    """A shop may 86 what it sells, and nothing that another sells: raises Forbidden."""
    if shop is None:
        return
    for item in MenuItem.objects.filter(pk__in=items).with_shops():
        if item.shop != shop:
            raise Forbidden("Not only your shop sells this.")
