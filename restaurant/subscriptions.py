"""Who hears what: the story of an order. `manage.py check` proves that each line fits."""

from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How one part of the house talks to another.

    Those without a line below are said by the code that talks so, in the `traces.py` of its app.
    """

    #: The caller waits for the answer.
    REQUEST_RESPONSE = "request/response"
    NOTIFICATION = "notification"
    PUBLISH_SUBSCRIBE = "publish/subscribe"
    REQUEST_ASYNC_RESPONSE = "request/async response"
    #: Said to several at once; each of them answers later.
    PUBLISH_ASYNC_RESPONSES = "publish/async responses"
    #: One knows the whole: it gives each its part, and goes on when all have answered.
    ORCHESTRATION = "orchestration"


@dataclass(frozen=True)
class Subscription:
    """One hearer of an event: the dotted name of its task, and the style of telling it."""

    to: str
    style: Style


SUBSCRIPTIONS: dict[str, list[Subscription]] = {
    # The guest has ordered: the head chef splits the order into trays and tickets.
    "order.placed": [Subscription("kitchen.tasks.open_order", Style.REQUEST_ASYNC_RESPONSE)],
    # The guest has told more of an allergy: whoever cooks must read it.
    "order.changed": [Subscription("kitchen.tasks.change_notes", Style.NOTIFICATION)],
    # A waiter has somebody in a hurry: its tickets go before all others.
    "order.rushed": [Subscription("kitchen.tasks.rush_order", Style.NOTIFICATION)],
    # The first pan is on the fire.
    "trays.started": [Subscription("orders.tasks.mark_preparing", Style.NOTIFICATION)],
    # All trays stand at the pass, one was taken back from it, or nothing of it will be cooked.
    "trays.ready": [Subscription("orders.tasks.follow_kitchen", Style.PUBLISH_SUBSCRIBE)],
    "tray.voided": [Subscription("orders.tasks.follow_kitchen", Style.PUBLISH_SUBSCRIBE)],
    "tray.reopened": [Subscription("orders.tasks.follow_kitchen", Style.PUBLISH_SUBSCRIBE)],
    # The guest has ordered more: the head chef drives the tray with it.
    "tray.extended": [Subscription("kitchen.tasks.drive_tray", Style.NOTIFICATION)],
    # The guest has sent something back: the head chef drives the tray with it anew.
    "line.refired": [Subscription("kitchen.tasks.drive_tray", Style.NOTIFICATION)],
    # A line's recipe was emptied before the kitchen opened it: the guest does not get it.
    "line.refused": [Subscription("orders.tasks.drop_line", Style.NOTIFICATION)],
    # A finished part is cooked again, a quarantined one tried again: the head chef drives the tray
    # on a new canvas.
    "ticket.recalled": [Subscription("kitchen.tasks.drive_tray", Style.NOTIFICATION)],
    "ticket.retried": [Subscription("kitchen.tasks.drive_tray", Style.NOTIFICATION)],
}
