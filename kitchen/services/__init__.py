"""The kitchen's verbs."""

from kitchen.services.board import (
    PassBoard,
    ZoneBoard,
    count_late_trays,
    count_quarantined,
    pass_board,
    sold_out,
    zone_boards,
    zones,
)
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
    "Canvas",
    "PassBoard",
    "Progress",
    "Reached",
    "Reservation",
    "TrayProgress",
    "Wanted",
    "ZoneBoard",
    "change_item",
    "change_settings",
    "change_zone",
    "count_late_trays",
    "count_quarantined",
    "drive",
    "find",
    "find_repairs",
    "finish",
    "open_order",
    "pass_board",
    "plate",
    "progress",
    "reach",
    "recall",
    "reserve",
    "retry",
    "serve",
    "sold_out",
    "start",
    "stop",
    "trays_of",
    "void",
    "zone_boards",
    "zones",
]
