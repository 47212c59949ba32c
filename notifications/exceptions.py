"""What notifications refuse, a sentence each."""

from restaurant.errors import Invalid, NotFound, Refused


class NoSuchEndpoint(NotFound):
    """There is no such webhook."""


class NoSuchDelivery(NotFound):
    """This webhook has no such delivery."""


class TooManyEndpoints(Refused):
    """You have as many webhooks as one account may have: delete one first."""

    most: int


class StillWaiting(Refused):
    """It is waiting to be sent already."""


class AfterTooOld(Invalid):
    """What came after this position is history by now: begin with after=0, and read your orders."""

    code_of_kind = "invalid_query"
