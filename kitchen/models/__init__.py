"""The rows of the kitchen: zones, menu and recipes, trays and tickets, chits, settings."""

from kitchen.models.chits import (
    Chit,
    cancelled_on_paper,
    changed_on_paper,
    to_be_printed,
)
from kitchen.models.house import (
    FASTEST,
    LONGEST_AT_THE_PASS,
    LONGEST_QUOTE,
    SLOWEST,
    KitchenSettings,
)
from kitchen.models.menu import (
    MenuItem,
    Option,
    OptionGroup,
    OptionStep,
    RecipeStep,
    seller,
)
from kitchen.models.shops import Shop
from kitchen.models.tickets import LATELY, PACED_BY, Printed, Ticket, TicketQuerySet, ZoneLoad
from kitchen.models.trays import Tray
from kitchen.models.zones import Zone, queue_of

__all__ = [
    "FASTEST",
    "LATELY",
    "LONGEST_AT_THE_PASS",
    "LONGEST_QUOTE",
    "PACED_BY",
    "SLOWEST",
    "Chit",
    "KitchenSettings",
    "MenuItem",
    "Option",
    "OptionGroup",
    "OptionStep",
    "Printed",
    "RecipeStep",
    "Shop",
    "Ticket",
    "TicketQuerySet",
    "Tray",
    "Zone",
    "ZoneLoad",
    "cancelled_on_paper",
    "changed_on_paper",
    "queue_of",
    "seller",
    "to_be_printed",
]
