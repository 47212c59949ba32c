"""Which tickets are due, and when is each tray to be expected? Rows in, nothing written."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from kitchen.lifecycle import TicketState
from kitchen.models import Ticket, Tray
from kitchen.pacing import Track, ends, pace
from kitchen.services.queues import Clock, Kitchen, tracks_left

#: Seconds on the wall between two looks of the pacer. What is due before the middle between this
#: look and the next is fired now.
PERIOD = 1.0
#: What moves by less than so many seconds on the wall, or than this share of the time until then,
#: is not written again: in a full house everything moves a little all the time.
NOTICEABLE = timedelta(seconds=1)
HARDLY = 0.1


@dataclass
class Plan:
    """What is to be fired now, what is held until another time, and when each tray will come."""

    due: list[Ticket] = field(default_factory=list)
    moved: list[Ticket] = field(default_factory=list)
    expected: dict[UUID, datetime] = field(default_factory=dict)


def plan(trays: Sequence[Tray], tickets: Iterable[Ticket], kitchen: Kitchen) -> Plan:
    """Bring these trays together, those first that stand first.

    `tickets` are all that the kitchen has to do, as `tracks_left` wants them. The held ones of
    these trays get their `fire_at`.
    """
    tracks = tracks_left(tickets)
    live = [track for track in tracks if track[0].state != TicketState.HELD]
    before = [kitchen.clock.track(track) for track in live]
    own, held = places_of(live), defaultdict(list)
    for track in tracks:
        if track[0].state == TicketState.HELD:
            held[track[0].tray_id].append(track)
    found = Plan()
    for tray in trays:
        waiting = sorted(held[tray.pk], key=work, reverse=True)
        now = [Track(kitchen.clock.track(track).steps) for track in waiting]
        fires = pace(before, own[tray.pk], now, kitchen.cooks).fires if waiting else []
        for track, as_fired, seconds in zip(waiting, now, fires, strict=True):
            due = is_due(tray, track[0], seconds, kitchen)
            if due:
                found.due.append(track[0])
                before.append(as_fired)
            if tray.rushed_at is None:
                found.moved += moved(track, 0 if due else seconds, kitchen.clock)
    found.expected = expectations(trays, tracks, kitchen)
    return found


def is_due(tray: Tray, ticket: Ticket, seconds: float, kitchen: Kitchen) -> bool:
    """It need not wait: for no other part, or for less than half a look of the pacer."""
    in_a_hurry = not kitchen.holds or tray.rushed_at is not None
    return in_a_hurry or ticket.position > 1 or seconds / kitchen.clock.scale <= PERIOD / 2


def work(track: Sequence[Ticket]) -> int:
    return sum(ticket.prep_seconds for ticket in track)


def places_of(tracks: Sequence[Sequence[Ticket]]) -> dict[UUID, list[int]]:
    """Where each tray's tracks stand."""
    places = defaultdict(list)
    for place, track in enumerate(tracks):
        places[track[0].tray_id].append(place)
    return places


def moved(track: Sequence[Ticket], seconds: float, clock: Clock) -> list[Ticket]:
    """Move the track to be fired in so many seconds; nothing if that is hardly another time."""
    fire_at = clock.at(seconds)
    by = fire_at - track[0].fire_at
    if not is_news(track[0].fire_at, fire_at, NOTICEABLE, clock):
        return []
    for ticket in track:
        ticket.fire_at += by
    return list(track)


def is_news(known: datetime, moment: datetime, grain: timedelta, clock: Clock) -> bool:
    """It is another time than is known, by more than the grain and for how far away it is."""
    return abs(moment - known) >= max(grain, HARDLY * (moment - clock.now))


def expectations(
    trays: Sequence[Tray], tracks: Sequence[Sequence[Ticket]], kitchen: Kitchen
) -> dict[UUID, datetime]:
    """When the last track of each tray is done, as all is planned now."""
    found = ends([kitchen.clock.track(track) for track in tracks], kitchen.cooks)
    places = places_of(tracks)
    return {
        tray.pk: kitchen.clock.at(max(found[place] for place in places[tray.pk]))
        for tray in trays
        if tray.pk in places
    }
