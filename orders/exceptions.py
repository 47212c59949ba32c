"""What taking orders refuses, a sentence each."""

from restaurant.errors import Invalid, NotFound, Refused


class NoSuchOrder(NotFound):
    """There is no such order, or it is not yours."""


class DuplicateClientRef(Refused):
    """You have placed an order with this client_ref before."""

    order: str


class UnknownLine(Invalid):
    """The order has no such line."""

    line: str


class TooManyLines(Invalid):
    """An order has at most 100 lines."""

    code_of_kind = "invalid_body"


class MixedCourses(Invalid):
    """What is on one tray is of one course."""

    code_of_kind = "invalid_body"


class NoSuchCourse(NotFound):
    """The order has no such course."""

    course: int


class NoSuchTray(NotFound):
    """The order has no such tray."""

    tray: int


class NothingDue(Refused):
    """There is nothing left to pay."""


class MoreThanDue(Refused):
    """That is more than is due; only of cash change is given."""

    due: str


class NotPaid(Refused):
    """It is not paid yet."""

    due: str


class CardNumber(Invalid):
    """This looks like the number of a card, which is kept nowhere here: send that of the slip."""
