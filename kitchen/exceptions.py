"""What the kitchen refuses, a sentence each."""

from restaurant.errors import Invalid, Refused, Unavailable


class UnknownItem(Invalid):
    """There is no such item on the menu: GET /api/v1/menu/ lists them."""

    item: str


class UnknownOption(Invalid):
    """This item has no such option: GET /api/v1/menu/ lists them."""

    option: str


class DuplicateOption(Invalid):
    """The same option stands here twice."""

    option: str


class TooManyOptions(Invalid):
    """Of this group only one can be chosen."""

    group: str


class OptionRequired(Invalid):
    """Of this group one must be chosen."""

    group: str


class SoldOut(Refused):
    """There is not enough of this left."""

    item: str
    left: int
    #: Of the item something else may be had.
    option: str


class ZoneClosed(Refused):
    """A zone that this needs is closed."""

    item: str
    zone: str


class KitchenFull(Unavailable):
    """The kitchen has more to do than the house wants to let guests wait for."""

    quote_minutes: int


WHY_NOT_RESERVED = (
    UnknownItem,
    UnknownOption,
    DuplicateOption,
    TooManyOptions,
    OptionRequired,
    SoldOut,
    ZoneClosed,
    KitchenFull,
)


WHY_NOT_REFIRED = (SoldOut, ZoneClosed)


class NotOpenedYet(Refused):
    """The kitchen has not heard of this order yet."""
