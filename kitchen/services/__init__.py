"""The kitchen's verbs."""

from kitchen.exceptions import WHY_NOT_RESERVED
from kitchen.services.house import change_item, change_settings, change_zone
from kitchen.services.repairs import repair
from kitchen.services.reservations import Reservation, Wanted, reserve
from kitchen.services.tickets import counts, finish, recall, retry, start, stop
from kitchen.services.trays import (
    CallOut,
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
    "CallOut",
    "Canvas",
    "Progress",
    "Reservation",
    "TrayProgress",
    "Wanted",
    "change_item",
    "change_settings",
    "change_zone",
    "counts",
    "drive",
    "finish",
    "open_order",
    "plate",
    "progress",
    "recall",
    "repair",
    "reserve",
    "retry",
    "serve",
    "start",
    "stop",
    "trays_of",
    "void",
]
