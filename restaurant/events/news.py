"""The feed as live streams tell it: server-sent events, and who is to hear each of them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string
from rest_framework.renderers import JSONRenderer

from restaurant.events.models import EventRecord
from restaurant.events.serializers import news_as_json
from restaurant.events.shares import Shares, shares_of_apps

#: Whoever is further behind is told to look at everything anew.
MOST_BEHIND = 3000
#: Milliseconds after which a browser comes back when its stream has ended.
RETRY = b"retry: 1000\n\n"
#: Instead of a ping when the feed can't be read: it keeps the connection, and is no sign of life.
SILENCE = b": the feed can't be read\n\n"
#: Headers by which Django says that a stream may go on, and from where.
AUDIENCE = "X-Live-Audience"
POSITION = "X-Live-Position"
#: A stream that does not know its audience yet keeps everything.
EVERYTHING = "everything"

OF_ORDER = "order:"
#: An audience as its part of one shop: `shop:krua:zone:fry`.
OF_SHOP = "shop:"
#: Whoever has the link to an order's page: they are told to look, and nothing else. A position
#: would tell how much happens in the house.
OF_GUEST = "guest:"
OF_ONE_ORDER = (OF_ORDER, OF_GUEST)
LOOK = b"data: look\n\n"
STILL_THERE = b"event: ping\ndata: {}\n\n"


def audience_of_order(ref: UUID) -> str:
    return f"{OF_ORDER}{ref}"


def audience_of_guest(ref: UUID) -> str:
    return f"{OF_GUEST}{ref}"


def audience_at(shop: str | None, audience: str) -> str:
    """The audience, or as much of it as is of the shop."""
    return audience if shop is None else f"{OF_SHOP}{shop}:{audience}"


def whole(audience: str) -> str:
    """The audience, whichever shop's part of it is meant."""
    return audience.split(":", 2)[2] if audience.startswith(OF_SHOP) else audience


@dataclass(frozen=True, slots=True)
class News:
    """An event on its way to its audiences; without any it is a ping, for all."""

    position: int
    frame: bytes
    audiences: frozenset[str] = frozenset()
    #: The same for guests.
    hint: bytes = LOOK

    def as_told_to(self, audience: str) -> bytes:
        return self.hint if audience.startswith(OF_GUEST) else self.frame


@cache
def audiences_of_apps() -> Callable[[Sequence[EventRecord]], list[set[str]]]:
    """The apps' function that answers which audiences, beside its order's, each event concerns."""
    found: Callable[[Sequence[EventRecord]], list[set[str]]] = import_string(
        settings.LIVE_AUDIENCES
    )
    return found


def news_for(events: Sequence[EventRecord], wanted: Collection[str]) -> list[News]:
    """Those events that somebody of `wanted` is to hear, each encoded once; and what of it each
    shop hears.
    """
    others: list[set[str]] = [set() for _ in events]
    if not all(whole(audience).startswith(OF_ONE_ORDER) for audience in wanted):
        others = audiences_of_apps()(events)
    shares: list[Shares] = [{} for _ in events]
    if any(audience == EVERYTHING or audience.startswith(OF_SHOP) for audience in wanted):
        shares = shares_of_apps()(events)
    found = [
        (
            told,
            frozenset(audience_at(shop, one) for one in (*audiences_of_one(event.subject), *more)),
        )
        for event, more, share in zip(events, others, shares, strict=True)
        for shop, told in [(None, event), *share.items()]
    ]
    return [
        News(event.position or 0, frame_of(event), audiences)
        for event, audiences in found
        if EVERYTHING in wanted or not audiences.isdisjoint(wanted)
    ]


def audiences_of_one(order: UUID) -> tuple[str, str]:
    return audience_of_order(order), audience_of_guest(order)


def frame_of(event: EventRecord) -> bytes:
    """It has no name of its own in the stream, so a page need not know the names to hear it."""
    body: bytes = JSONRenderer().render(news_as_json(event))
    return b"id: %d\ndata: %s\n\n" % (event.position or 0, body)


def ping(position: int) -> bytes:
    """A sign of life that a page can see; it has all news up to this position."""
    return control(b"ping", position)


def sign_of_life(position: int) -> News:
    return News(position, ping(position), hint=STILL_THERE)


def no_sign_of_life(position: int) -> News:
    return News(position, SILENCE, hint=SILENCE)


def control(name: bytes, position: int) -> bytes:
    told: bytes = JSONRenderer().render({"at": timezone.now(), "position": position})
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (position, name, told)


def first_hint() -> tuple[int, bytes]:
    """Where the feed is, and what a guest's stream tells first: a page that opens it looks."""
    return EventRecord.objects.newest(), RETRY + STILL_THERE


def catch_up(audience: str, after: int | None) -> tuple[int, bytes]:
    """Where the feed is, and what a stream that begins now tells first.

    `after` is the position that the caller has seen; None: it wants only what comes.
    """
    newest = EventRecord.objects.newest()
    if after is None:
        return newest, RETRY + ping(newest)
    missed = None if after > newest else missed_by(audience, after, newest)
    if missed is None:
        return newest, RETRY + control(b"reload", newest)
    return newest, b"".join([RETRY, *(news.frame for news in missed), ping(newest)])


def missed_by(audience: str, after: int, newest: int) -> Iterable[News] | None:
    """Its news between these positions; None: they are too many."""
    if whole(audience).startswith(OF_ORDER):
        events = EventRecord.objects.filter(subject=UUID(whole(audience).removeprefix(OF_ORDER)))
    elif newest - after <= MOST_BEHIND:
        events = EventRecord.objects.all()
    else:
        return None
    return news_for(list(events.after(after).filter(position__lte=newest)), [audience])
