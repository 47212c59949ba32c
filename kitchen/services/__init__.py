"""The kitchen's verbs."""

from kitchen.exceptions import WHY_NOT_REFIRED, WHY_NOT_RESERVED
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
from kitchen.services.house import change_item, change_option, change_settings, change_zone
from kitchen.services.lines import add_lines, hold_portions, void_lines
from kitchen.services.notes import change_notes
from kitchen.services.pacer import pace
from kitchen.services.patience import watch_pass
from kitchen.services.refiring import refire
from kitchen.services.repairs import repair
from kitchen.services.reservations import Reservation, Wanted, reserve
from kitchen.services.rushing import rush
from kitchen.services.screens import PassScreen, ZoneScreen, pass_screen, zone_screen
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
    "WHY_NOT_REFIRED",
    "WHY_NOT_RESERVED",
    "CallOut",
    "Canvas",
    "PassBoard",
    "PassScreen",
    "Progress",
    "Reservation",
    "TrayProgress",
    "Wanted",
    "ZoneBoard",
    "ZoneScreen",
    "add_lines",
    "change_item",
    "change_notes",
    "change_option",
    "change_settings",
    "change_zone",
    "count_late_trays",
    "count_quarantined",
    "counts",
    "drive",
    "finish",
    "hold_portions",
    "open_order",
    "pace",
    "pass_board",
    "pass_screen",
    "plate",
    "progress",
    "recall",
    "refire",
    "repair",
    "reserve",
    "retry",
    "rush",
    "serve",
    "sold_out",
    "start",
    "stop",
    "trays_of",
    "void",
    "void_lines",
    "watch_pass",
    "zone_boards",
    "zone_screen",
    "zones",
]
