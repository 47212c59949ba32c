"""The kitchen's verbs."""

from kitchen.exceptions import WHY_NOT_RESERVED
from kitchen.services.board import (
    PassBoard,
    StockBoard,
    ZoneBoard,
    count_late_trays,
    count_quarantined,
    count_unprinted,
    pass_board,
    stock_board,
    zone_boards,
    zones,
)
from kitchen.services.chits import reprint
from kitchen.services.house import (
    begin_day,
    change_item,
    change_option,
    change_settings,
    change_zone,
)
from kitchen.services.notes import change_notes
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
    "PassBoard",
    "Progress",
    "Reservation",
    "StockBoard",
    "TrayProgress",
    "Wanted",
    "ZoneBoard",
    "begin_day",
    "change_item",
    "change_notes",
    "change_option",
    "change_settings",
    "change_zone",
    "count_late_trays",
    "count_quarantined",
    "count_unprinted",
    "counts",
    "drive",
    "finish",
    "open_order",
    "pass_board",
    "plate",
    "progress",
    "recall",
    "repair",
    "reprint",
    "reserve",
    "retry",
    "serve",
    "start",
    "stock_board",
    "stop",
    "trays_of",
    "void",
    "zone_boards",
    "zones",
]
