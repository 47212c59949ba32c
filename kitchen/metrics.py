"""What the kitchen has before it, as numbers."""

from collections.abc import Iterator

from kitchen import services
from restaurant.doctor.contract import Gauge


def count() -> Iterator[Gauge]:
    """Of what is open only: what was done is history."""
    boards = services.zone_boards()
    tickets = [
        ((board.zone.code, state), getattr(board.load, state))
        for board in boards
        for state in ("held", "fired", "cooking")
    ]
    late = [((board.zone.code,), board.load.late) for board in boards]
    wait = [((board.zone.code,), board.wait.total_seconds()) for board in boards]
    at_pass = services.pass_board()
    trays = [(("ready",), at_pass.ready), (("late",), at_pass.late)]
    yield Gauge("tickets", "Open tickets, later courses aside.", tickets, ("zone", "state"))
    yield Gauge("tickets_late", "Open tickets of trays past their promise.", late, ("zone",))
    yield Gauge("zone_work_seconds", "How long its cooks will need for all of it.", wait, ("zone",))
    yield Gauge("trays", "At the pass since a day at most, or past their promise.", trays, ("is",))
