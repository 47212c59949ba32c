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
