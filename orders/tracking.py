"""What a guest sees of an order: every state in plain words, and each part of every dish."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kitchen import services as kitchen
from orders.lifecycle import OPEN, OrderState
from orders.models import Order, OrderLine
from orders.sellers import Names, shop_names
from orders.serializers import line_state, live_promise, tray_promise
from orders.services import Bill, read_bill

Words = str | Lazy

#: By state, and by channel where it is not the same for all.
ORDER_WORDS: dict[str, Words | dict[str, Words]] = {
    OrderState.PLACED: _("We have your order."),
    OrderState.PREPARING: _("The kitchen is preparing your order."),
    OrderState.READY: {
        Order.Channel.DINE_IN: _("Your order is ready. We are bringing it to your table."),
        Order.Channel.TAKEAWAY: _("Your order is ready. Please come and collect it."),
        Order.Channel.DELIVERY: _("Your order is ready. It will be on its way to you soon."),
    },
    OrderState.SERVED: {
        Order.Channel.DINE_IN: _("Everything is served. Enjoy your meal!"),
        Order.Channel.TAKEAWAY: _("You have your order. Enjoy your meal!"),
        Order.Channel.DELIVERY: _("Your order has left the kitchen. Enjoy your meal!"),
    },
    OrderState.CLOSED: _("All is done. Thank you for coming!"),
    OrderState.CANCELLED: _("This order was cancelled."),
}
TRAY_WORDS: dict[str, Words] = {
    "waiting": _("not begun yet"),
    "cooking": _("being prepared"),
    "ready": _("ready"),
    "served": _("served"),
    "void": _("cancelled"),
    "to_come": _("when you are ready for it"),
}
LINE_WORDS: dict[str, Words] = {
    "waiting": _("not begun yet"),
    "cooking": _("being prepared"),
    "ready": _("ready"),
    "served": _("served"),
    "cancelled": _("cancelled"),
}
PART_WORDS: dict[str, Words] = {
    "waiting": _("waiting"),
    "cooking": _("cooking"),
    "ready": _("done"),
}
#: The guest waits for nothing any more.
OVER = (OrderState.SERVED, OrderState.CLOSED, OrderState.CANCELLED)


@dataclass(frozen=True)
class Promise:
    """When something is expected, and what was promised first, if that was another minute."""

    at: datetime
    first: datetime | None

    @property
    def is_missed(self) -> bool:
        return self.at < timezone.now()

    @property
    def moved(self) -> bool:
        return self.first is not None and to_the_minute(self.first) != to_the_minute(self.at)


@dataclass(frozen=True)
class Part:
    """A step of a dish."""

    zone: kitchen.Part
    words: Words

    @property
    def state(self) -> str:
        return self.zone.state


@dataclass(frozen=True)
class Line:
    """So many of one dish; its tracks go on beside each other."""

    line: OrderLine
    state: str
    words: Words
    tracks: list[list[Part]]


@dataclass(frozen=True)
class ShopPart:
    """What one shop makes of a tray; it has no name where all of an order is the house's."""

    name: Words
    lines: list[Line]


@dataclass(frozen=True)
class Tray:
    """What is served together; `course` where the order has several."""

    number: int
    course: int | None
    state: str
    words: Words
    promise: Promise | None
    parts: list[ShopPart]


@dataclass(frozen=True)
class Seen:
    """The order as its guest sees it. Nothing is promised of it while nothing is to come now."""

    order: Order
    words: Words
    promise: Promise | None
    trays: list[Tray]
    bill: Bill

    @property
    def is_over(self) -> bool:
        return self.order.state in OVER

    @property
    def between_courses(self) -> bool:
        return self.order.between_courses and self.order.state in OPEN

    @property
    def reason(self) -> str:
        """Why it was cancelled; what the house itself says is there in the guest's language."""
        why = self.order.cancel_reason
        return gettext(why) if why else ""


def seen_by_guest(order: Order) -> Seen:
    """The order now, its trays in their order."""
    progress = kitchen.progress([order.ref])[order.ref]
    parts = kitchen.parts_of(order.ref)
    by_tray: dict[int, list[OrderLine]] = {}
    for line in order.lines.all():
        by_tray.setdefault(line.tray, []).append(line)
    seen = list(trays(order, by_tray, progress, parts))
    to_come = any(tray.promise for tray in seen)
    promise = Promise(live_promise(order, progress), order.promised_at) if to_come else None
    return Seen(order, order_words(order), promise, seen, read_bill(order))


def order_words(order: Order) -> Words:
    words = ORDER_WORDS[order.state]
    return words[order.channel] if isinstance(words, dict) else words


def trays(
    order: Order,
    by_tray: dict[int, list[OrderLine]],
    progress: kitchen.Progress,
    parts: dict[UUID, list[list[kitchen.Part]]],
) -> Iterator[Tray]:
    many_courses = len({line.course for lines in by_tray.values() for line in lines}) > 1
    names = shop_names(line for lines in by_tray.values() for line in lines)
    for number, lines in sorted(by_tray.items()):
        tray = progress.trays.get(number)
        shown = [line_seen(line, line_state(line, tray), parts.get(line.id, [])) for line in lines]
        state = tray_state(tray.state if tray else "waiting", shown)
        waits = order.state in OPEN and state in ("waiting", "cooking")
        promise = promise_of(order, number, tray) if waits else None
        yield Tray(
            number=number,
            course=lines[0].course if many_courses else None,
            state=state,
            words=TRAY_WORDS["to_come" if waits and promise is None else state],
            promise=promise,
            parts=shop_parts(shown, names),
        )


def shop_parts(lines: list[Line], names: Names) -> list[ShopPart]:
    """The lines of a tray by shop, in the order in which they were ordered first."""
    by_shop: dict[str, list[Line]] = {}
    for line in lines:
        by_shop.setdefault(line.line.shop, []).append(line)
    return [ShopPart(names.get(shop, ""), of_shop) for shop, of_shop in by_shop.items()]


def tray_state(state: str, lines: Iterable[Line]) -> str:
    """Of a tray that waits: whether any of it is begun. Without a line left, it is void."""
    states = {line.state for line in lines}
    if states == {"cancelled"}:
        return "void"
    return "cooking" if state == "waiting" and states & {"cooking", "ready"} else state


def promise_of(order: Order, number: int, tray: kitchen.TrayProgress | None) -> Promise | None:
    """A tray of a course that nobody has called for is not promised."""
    live, first = tray_promise(order, number, tray), order.tray_promises[str(number)]
    if live is None:
        return None
    return Promise(live, datetime.fromisoformat(first) if first else None)


def line_seen(line: OrderLine, state: str, tracks: list[list[kitchen.Part]]) -> Line:
    """Its parts are shown while it is made."""
    shown = tracks if state in ("waiting", "cooking", "ready") else []
    parts = [[Part(part, PART_WORDS[part.state]) for part in track] for track in shown]
    return Line(line, state, LINE_WORDS[state], parts)


def to_the_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
