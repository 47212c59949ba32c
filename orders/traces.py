"""What orders tell in the trace of an order: who called them, and whom they called."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from orders.services import NOTHING_TO_COOK
from restaurant.trace.contract import Chapter, Lane, Mark, Message, Said, Story, call, tellings

GUEST, ORDERS = "guest", "orders"
#: The kitchen's door, where it is called in the caller's transaction.
KITCHEN, THE_PASS = "head_chef", "pass"
#: By what came of it: the service that a guest or a waiter has called, over the API or a page.
CALLED = {
    "order.placed": "orders.services.place_order",
    "order.changed": "orders.services.change_order",
    "order.rushed": "orders.services.rush_order",
    "order.cancelled": "orders.services.cancel_order",
    "order.payment_taken": "orders.services.pay_order",
    "order.refunded": "orders.services.pay_back",
    "order.closed": "orders.services.close_order",
    "line.refired": "orders.services.refire_line",
    "tray.served": "orders.services.serve_order",
}
#: And the kitchen's services that this one has called.
CALLED_ON = {
    "order.placed": "kitchen.services.reserve",
    "order.cancelled": "kitchen.services.void",
    "course.fired": "kitchen.services.fire_course",
    "line.refired": "kitchen.services.refire",
    "tray.served": "kitchen.services.serve",
}


def trace(story: Story) -> Chapter:
    lanes = [Lane(GUEST, _("Guest, waiter")), Lane(ORDERS, _("Orders"), tasks_of="orders")]
    ours = {one.record.pk for one in story.said_by("orders")}
    messages: list[Message] = []
    for said in story.said:
        messages += calls(said, story)
        if said.record.pk in ours:
            messages += tellings(said, ORDERS)
    return Chapter(lanes, messages)


def calls(said: Said, story: Story) -> Iterator[Message]:
    """The calls that led to the event, from outside and on to the kitchen."""
    marks = {Mark.REFIRED} if said.name == "line.refired" else set()
    if came_by_itself(said):
        return
    if said.name in CALLED and is_first_of_its_call(said, story):
        if not was_dropped(said, story):
            yield call(said, GUEST, ORDERS, CALLED[said.name], marks)
        for service in services_called_on(said):
            door = THE_PASS if said.name == "tray.served" else KITCHEN
            yield call(said, ORDERS, door, service, marks)
    elif said.name == "course.fired":
        yield call(said, ORDERS, KITCHEN, CALLED_ON[said.name])


def services_called_on(said: Said) -> list[str]:
    if said.name == "order.changed":
        both = [
            ("added", "kitchen.services.add_lines"),
            ("cancelled", "kitchen.services.void_lines"),
        ]
        return [service for name, service in both if said.data.get(name)]
    return [CALLED_ON[said.name]] if said.name in CALLED_ON else []


def came_by_itself(said: Said) -> bool:
    """Nobody has cancelled the order: the kitchen could make nothing of it."""
    return said.name == "order.cancelled" and said.data.get("reason") == NOTHING_TO_COOK


def was_dropped(said: Said, story: Story) -> bool:
    """Nobody has changed the order: the kitchen has refused this line."""
    refused = {one.data.get("line") for one in story.named("line.refused")}
    gone = set(said.data.get("cancelled", ())) if said.name == "order.changed" else set()
    return bool(gone) and gone <= refused


def is_first_of_its_call(said: Said, story: Story) -> bool:
    """One call may serve several trays, all at the same moment."""
    alike = (one for one in story.named(said.name) if one.at == said.at)
    return said.name != "tray.served" or next(alike).record.pk == said.record.pk
