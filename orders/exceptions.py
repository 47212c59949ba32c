"""What taking orders refuses, a sentence each."""

from restaurant.errors import NotFound, Refused


class NoSuchOrder(NotFound):
    """There is no such order, or it is not yours."""


class DuplicateClientRef(Refused):
    """You have placed an order with this client_ref before."""

    order: str


class NoSuchCourse(NotFound):
    """The order has no such course."""

    course: int


class NoSuchTray(NotFound):
    """The order has no such tray."""

    tray: int
