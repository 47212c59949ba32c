"""The kitchen's verbs."""

from kitchen.exceptions import WHY_NOT_RESERVED
from kitchen.services.house import change_item, change_settings, change_zone
from kitchen.services.repairs import find_repairs
from kitchen.services.reservations import Reservation, Wanted, reserve
from kitchen.services.tickets import Reached, find, finish, reach, recall, retry, start, stop
from kitchen.services.trays import (
    Canvas,
    Progress,
    TrayProgress,
    drive,
    open_order,
    plate,
    progress,
    serve,
    trays_of,
    void,
)

__all__ = [
    "WHY_NOT_RESERVED",
    "Canvas",
    "Progress",
    "Reached",
    "Reservation",
    "TrayProgress",
    "Wanted",
    "change_item",
    "change_settings",
    "change_zone",
    "drive",
    "find",
    "find_repairs",
    "finish",
    "open_order",
    "plate",
    "progress",
    "reach",
    "recall",
    "reserve",
    "retry",
    "serve",
    "start",
    "stop",
    "trays_of",
    "void",
]
