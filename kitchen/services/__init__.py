"""The kitchen's verbs."""

from kitchen.exceptions import WHY_NOT_REFIRED, WHY_NOT_RESERVED
from kitchen.services.board import (
    PassBoard,
    StockBoard,
    ZoneBoard,
    count_late_trays,
    count_quarantined,
    count_unprinted,
    items,
    pass_board,
    stock_board,
    zone_boards,
    zones,
)
from kitchen.services.chits import reprint
from kitchen.services.cooked import Cooked, all_cooked
from kitchen.services.courses import fire_course, fires_courses_itself
from kitchen.services.house import (
    begin_day,
    change_item,
    change_option,
    change_settings,
    change_zone,
)
from kitchen.services.lines import add_lines, hold_portions, void_lines
from kitchen.services.notes import change_notes
from kitchen.services.opening import open_order
from kitchen.services.pacer import pace
from kitchen.services.patience import watch_pass
from kitchen.services.refiring import refire
from kitchen.services.repairs import repair
from kitchen.services.reservations import Reservation, Wanted, reserve
from kitchen.services.rushing import rush
from kitchen.services.screens import PassScreen, ZoneScreen, pass_screen, zone_screen
from kitchen.services.shops import (
    refuse_foreign_items,
    refuse_foreign_ticket,
    remove_shop,
    save_shop,
    shops,
    trays_at_shops,
    zones_of_shops,
)
from kitchen.services.standing import Part, Progress, TrayProgress, parts_of, progress, trays_of
from kitchen.services.tickets import counts, finish, recall, retry, start, stop
from kitchen.services.trays import CallOut, Canvas, drive, plate, serve, void

__all__ = [
    "WHY_NOT_REFIRED",
    "WHY_NOT_RESERVED",
    "CallOut",
    "Canvas",
    "Cooked",
    "Part",
    "PassBoard",
    "PassScreen",
    "Progress",
    "Reservation",
    "StockBoard",
    "TrayProgress",
    "Wanted",
    "ZoneBoard",
    "ZoneScreen",
    "add_lines",
    "all_cooked",
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
    "fire_course",
    "fires_courses_itself",
    "hold_portions",
    "items",
    "open_order",
    "pace",
    "parts_of",
    "pass_board",
    "pass_screen",
    "plate",
    "progress",
    "recall",
    "refire",
    "refuse_foreign_items",
    "refuse_foreign_ticket",
    "remove_shop",
    "repair",
    "reprint",
    "reserve",
    "retry",
    "rush",
    "save_shop",
    "serve",
    "shops",
    "start",
    "stock_board",
    "stop",
    "trays_at_shops",
    "trays_of",
    "void",
    "void_lines",
    "watch_pass",
    "zone_boards",
    "zone_screen",
    "zones",
    "zones_of_shops",
]
