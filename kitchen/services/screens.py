"""What stands on the kitchen's screens: the same few queries, however much there is to do."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db.models import Count, F, Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kitchen.lifecycle import TicketState, TrayState
from kitchen.models import LATELY, KitchenSettings, MenuItem, Ticket, Tray, Zone
from kitchen.services.board import A_DAY

#: More than anybody can look at; the rest is counted.
MOST_CARDS, MOST_COMING, MOST_DONE, MOST_TRAYS, MOST_SERVED = 60, 20, 8, 80, 12


#: How the rest of a tray stands, as a cook would say it.
STANDING = {
    TicketState.HELD: _("coming"),
    TicketState.FIRED: _("to start"),
    TicketState.COOKING: _("cooking"),
    TicketState.DONE: _("done"),
    TicketState.QUARANTINED: _("not reached"),
}


@dataclass(frozen=True)
class Part:
    """So many parts of a tray that are at this zone in this state."""

    zone: Zone
    state: str
    count: int

    @property
    def word(self) -> str:
        return str(STANDING[TicketState(self.state)])


@dataclass(frozen=True)
class Timer:
    """Since when, and how long it may take, on the clock on the wall."""

    since: datetime
    seconds: int


@dataclass(frozen=True)
class Card:
    """A ticket that a cook can start or finish; the n-th of them has the key n."""

    ticket: Ticket
    #: How many trays its order has; a shop is not told.
    trays: int | None
    parts: list[Part]
    before: Zone | None
    after: Zone | None
    timer: Timer


@dataclass(frozen=True)
class Coming:
    """A held ticket, and the zone that it comes from, if another has it before."""

    ticket: Ticket
    before: Zone | None


@dataclass(frozen=True)
class AllDay:
    """How many of the same the zone has to do altogether; `item` unless it belongs to an option."""

    ticket: Ticket
    quantity: int
    item: MenuItem | None


@dataclass(frozen=True)
class ZoneScreen:
    """A zone's tickets in fire order, and what its cooks must know beside them."""

    zone: Zone
    cards: list[Card]
    more: int
    #: Those of the cards that are to be stopped: they must not be overlooked further down.
    stops: list[Ticket]
    coming: list[Coming]
    more_coming: int
    done: list[Ticket]
    all_day: list[AllDay]
    sold_out: list[MenuItem]


def zone_screen(code: str, shop: str | None = None) -> ZoneScreen | None:
    """What the zone's cooks see; None if there is no such zone.

    Cooks of a shop see of a tray what their shop cooks of it, and nothing else.
    """
    zones = Zone.objects.in_bulk()
    if code not in zones or shop not in (None, zones[code].shop_id):
        return None
    tickets = list(
        Ticket.objects.on_screen(code)
        .to_show()
        .select_related("tray")
        .order_by("fire_at", "tray__opened_at", "id")
    )
    to_do = [t for t in tickets if t.state in (TicketState.FIRED, TicketState.COOKING)]
    coming = [t for t in tickets if t.state == TicketState.HELD]
    # What was thrown away is not cooked on.
    done = [t for t in tickets if t.state == TicketState.DONE and not t.wasted]
    menu = MenuItem.objects.filter(steps__zone=code).distinct()
    return ZoneScreen(
        zone=zones[code],
        cards=list(cards_of(to_do[:MOST_CARDS], zones, shop)),
        more=len(to_do[MOST_CARDS:]),
        stops=[t for t in to_do[:MOST_CARDS] if t.cancel_requested],
        coming=[Coming(t, zones.get(t.previous_zone)) for t in coming[:MOST_COMING]],
        more_coming=len(coming[MOST_COMING:]),
        done=sorted(done, key=lambda t: t.done_at or t.fire_at, reverse=True)[:MOST_DONE],
        all_day=all_day([*to_do, *coming], list(menu)),
        sold_out=[item for item in menu if not item.available or item.portions_left == 0],
    )


def cards_of(tickets: list[Ticket], zones: dict[str, Zone], shop: str | None) -> Iterator[Card]:
    """Each with the rest of its tray, or with what the shop cooks of it."""
    orders = {ticket.tray.order_ref for ticket in tickets}
    counted = trays_of_orders(orders) if shop is None else {}
    on_trays: dict[UUID, list[Ticket]] = {}
    same = Ticket.objects.filter(tray__in={ticket.tray_id for ticket in tickets}).to_show()
    if shop is not None:
        same = same.filter(zone__shop=shop)
    for ticket in same.order_by("track", "position"):
        on_trays.setdefault(ticket.tray_id, []).append(ticket)
    scale = KitchenSettings.current().time_scale
    for ticket in tickets:
        others = [t for t in on_trays[ticket.tray_id] if t.track != ticket.track]
        yield Card(
            ticket=ticket,
            trays=counted.get(ticket.tray.order_ref),
            parts=parts_of(others, zones),
            before=zones.get(ticket.previous_zone),
            after=zones.get(ticket.next_zone),
            timer=timer_of(ticket, scale),
        )


def timer_of(ticket: Ticket, scale: float) -> Timer:
    """A cook's work counts from its start; what nobody has begun, from when it was fired."""
    since = ticket.started_at if ticket.state == TicketState.COOKING else ticket.fired_at
    return Timer(since or ticket.fire_at, max(1, round(ticket.prep_seconds / scale)))


def parts_of(tickets: Iterable[Ticket], zones: dict[str, Zone]) -> list[Part]:
    """Where each track of these tickets stands, the same ones counted."""
    standing = Counter((now.zone_id, now.state) for now in map(present, tracks_of(tickets)) if now)
    return [Part(zones[zone], state, count) for (zone, state), count in standing.items()]


def tracks_of(tickets: Iterable[Ticket]) -> list[list[Ticket]]:
    """Tickets in their order, track by track."""
    return [list(track) for _, track in groupby(tickets, key=lambda ticket: ticket.track)]


def present(track: list[Ticket]) -> Ticket | None:
    """Where the track is now: its first unfinished ticket, else its last; None if it is gone."""
    cooked = [t for t in track if t.state != TicketState.VOID and not t.wasted]
    to_do = (ticket for ticket in cooked if ticket.state != TicketState.DONE)
    return next(to_do, cooked[-1] if cooked else None)


def all_day(tickets: Iterable[Ticket], menu: list[MenuItem]) -> list[AllDay]:
    """The most wanted first; what was cancelled is not wanted any more."""
    wanted: Counter[tuple[str, str]] = Counter()
    named: dict[tuple[str, str], Ticket] = {}
    for ticket in tickets:
        if not ticket.cancel_requested:
            wanted[ticket.item, ticket.name] += ticket.quantity
            named[ticket.item, ticket.name] = ticket
    items = {(item.pk, item.name): item for item in menu}
    return [AllDay(named[key], many, items.get(key)) for key, many in wanted.most_common()]


@dataclass(frozen=True)
class TrackOnTray:
    """Where one track of a line stands, and how long its food has been waiting for the rest."""

    ticket: Ticket
    zone: Zone
    timer: Timer
    waits_since: datetime | None

    @property
    def word(self) -> str:
        return str(STANDING[TicketState(self.ticket.state)])


@dataclass(frozen=True)
class LineOnTray:
    """One line of the order, with its tracks."""

    ticket: Ticket
    tracks: list[TrackOnTray]

    @property
    def is_there(self) -> bool:
        return all(track.waits_since for track in self.tracks)

    @property
    def is_begun(self) -> bool:
        """Then it can be cooked again."""
        return any(
            track.waits_since or track.ticket.started_at or track.ticket.position > 1
            for track in self.tracks
        )


@dataclass(frozen=True)
class TrayOnPass:
    """A tray, how many its order has, and what is on it."""

    tray: Tray
    trays: int
    lines: list[LineOnTray]

    @property
    def misses_its_promise(self) -> bool:
        """It is expected later than was promised."""
        promised, expected = self.tray.promised_at, self.tray.expected_at
        return bool(promised and expected and expected > promised)

    @property
    def allergies(self) -> str:
        """The guest's, said once."""
        return next((line.ticket.allergies for line in self.lines if line.ticket.allergies), "")


@dataclass(frozen=True)
class PassScreen:
    """Trays that are ready, and those that come together, the oldest promise first.

    What was served lately may come back to be cooked again. Nothing should stand here for longer
    than `limit_seconds` on the clock on the wall.
    """

    ready: list[TrayOnPass]
    coming: list[TrayOnPass]
    more: int
    served: list[TrayOnPass]
    limit_seconds: int


def pass_screen() -> PassScreen:
    """What stands at the pass or is on its way there."""
    now, house, zones = timezone.now(), KitchenSettings.current(), Zone.objects.in_bulk()
    lately = Tray.objects.filter(opened_at__gte=now - A_DAY)
    waiting = Tray.objects.filter(state=TrayState.WAITING) | lately.filter(state=TrayState.READY)
    served = lately.filter(state=TrayState.SERVED, served_at__gte=now - LATELY)
    # PostgreSQL and SQLite would put what is not promised at different ends.
    oldest = F("promised_at").asc(nulls_last=True)
    first = list(waiting.order_by(oldest, "opened_at", "number")[: MOST_TRAYS + 1])
    last = list(served.order_by("-served_at")[:MOST_SERVED])
    prefetch_related_objects(
        [*first, *last],
        Prefetch("tickets", queryset=Ticket.objects.to_show().order_by("track", "position")),
    )
    counted = trays_of_orders({tray.order_ref for tray in (*first, *last)})

    def shown(trays: Iterable[Tray], *states: str) -> list[TrayOnPass]:
        return [
            TrayOnPass(tray, counted[tray.order_ref], [*lines_of(tray, zones, house.time_scale)])
            for tray in trays
            if tray.state in states
        ]

    return PassScreen(
        ready=shown(first[:MOST_TRAYS], TrayState.READY),
        coming=shown(first[:MOST_TRAYS], TrayState.WAITING),
        more=len(first[MOST_TRAYS:]),
        served=shown(last, TrayState.SERVED),
        limit_seconds=max(1, round(house.pass_limit_seconds / house.time_scale)),
    )


def trays_of_orders(order_refs: Iterable[UUID]) -> dict[UUID, int]:
    """How many trays each of these orders has."""
    trays = Tray.objects.filter(order_ref__in=order_refs).values("order_ref")
    return {row["order_ref"]: row["count"] for row in trays.annotate(count=Count("pk")).order_by()}


def lines_of(tray: Tray, zones: dict[str, Zone], scale: float) -> Iterator[LineOnTray]:
    by_line: dict[UUID, list[Ticket]] = {}
    for ticket in tray.tickets.all():
        by_line.setdefault(ticket.line_ref, []).append(ticket)
    for tickets in by_line.values():
        standing = [now for now in map(present, tracks_of(tickets)) if now]
        tracks = [
            TrackOnTray(now, zones[now.zone_id], timer_of(now, scale), now.done_at)
            for now in standing
        ]
        if tracks:
            yield LineOnTray(tickets[0], tracks)
