"""What the house owes its guests, as numbers."""

from collections.abc import Iterator

from orders import services
from restaurant.doctor.contract import Gauge, gauge


def count() -> Iterator[Gauge]:
    """Of what is open only: with 100,000 orders nobody counts them all."""
    by_state = [((state,), many) for state, many in services.count_open().items()]
    yield Gauge("orders", "Orders that the kitchen owes something of.", by_state, ("state",))
    yield gauge("orders_late", "Those past their promise.", services.count_late())
    yield gauge("newest_order_number", "It grows with each order.", services.newest_number())
