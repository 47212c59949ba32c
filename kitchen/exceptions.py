"""What the kitchen refuses, a sentence each."""

from restaurant.errors import Invalid, Refused, Unavailable


class UnknownItem(Invalid):
    """There is no such item on the menu: GET /api/v1/menu/ lists them."""

    item: str


class SoldOut(Refused):
    """There is not enough of this left."""

    item: str
    left: int


class ZoneClosed(Refused):
    """A zone that this needs is closed."""

    item: str
    zone: str


class KitchenFull(Unavailable):
    """The kitchen has more to do than the house wants to let guests wait for."""

    quote_minutes: int


WHY_NOT_RESERVED = (UnknownItem, SoldOut, ZoneClosed, KitchenFull)


WHY_NOT_REFIRED = (SoldOut, ZoneClosed)


class NotOpenedYet(Refused):
    """The kitchen has not heard of this order yet."""
