"""What the kitchen refuses, a sentence each."""

from restaurant.errors import Invalid, Refused


class UnknownItem(Invalid):
    """There is no such item on the menu: GET /api/v1/menu/ lists them."""


class SoldOut(Refused):
    """There is not enough of this left."""


class ZoneClosed(Refused):
    """A zone that this needs is closed."""
