"""The one place that writes the state of a tray or a ticket.

The moves that every ticket makes are written twice: portably, statement by statement, and for
PostgreSQL as one statement each, for a tenth of the time (docs/performance.md). Both say the same
events; `kitchen/tests/test_moves.py` holds them against each other.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import F, Model, OuterRef, Subquery
from django.utils import timezone

from kitchen.events import (
    TicketDone,
    TicketEvent,
    TicketFired,
    TicketStarted,
    TrayChanged,
    TrayReady,
    TraysReady,
    TraysStarted,
)
from kitchen.lifecycle import FINISHED, TICKET_MOVES, TRAY_MOVES, Move, TicketState, TrayState
from kitchen.models import Ticket, Tray
from restaurant.events.publish import publish


def take(tray_id: UUID) -> None:
    """Take the tray's row until the commit, and raise its version.

    Whoever starts, finishes, recalls or voids tickets takes it first, and whoever counts them: two
    last parts that finish at once must not both see the other one unfinished.
    """
    Tray.objects.filter(pk=tray_id).update(version=F("version") + 1, touched_at=timezone.now())


def take_order(order_ref: UUID) -> list[Tray]:
    """The rows of all trays of the order until the commit, in the order in which all take them.

    Whoever looks at several needs them: of two last trays one must see the other ready.
    """
    return list(Tray.objects.of_order(order_ref).select_for_update())


def take_free(tray_ids: Collection[UUID]) -> list[Tray]:
    """Those of the trays that wait and are in nobody's hands, until the commit."""
    waiting = Tray.objects.filter(pk__in=tray_ids, state=TrayState.WAITING)
    return list(waiting.order_by("order_ref", "number").select_for_update(skip_locked=True))


def move_tray(tray_id: UUID, verb: str, **also: Any) -> bool:
    """Make the move if it is legal from the present state; False if it is not."""
    move = TRAY_MOVES[verb]
    return bool(
        Tray.objects.filter(pk=tray_id, state__in=move.sources).update(
            state=move.to, version=F("version") + 1, touched_at=timezone.now(), **also
        )
    )


def move_tickets(verb: str, *, having: dict[str, Any], **also: Any) -> int:
    """Make the move for all tickets that match `having` and may make it; return how many did.

    What finishes them notes the tray's version beside the time: it is the order in which they
    finished, whatever the clocks say.
    """
    move = TICKET_MOVES[verb]
    if move.to in FINISHED:
        version = Tray.objects.filter(pk=OuterRef("tray_id")).values("version")
        also = {"finished_at": timezone.now(), "finished_version": Subquery(version)} | also
    elif set(move.sources) & set(FINISHED):
        also |= {"finished_at": None, "finished_version": None}
    return Ticket.objects.filter(state__in=move.sources, **having).update(state=move.to, **also)


def told(event: type[TicketEvent], ticket: Ticket, **more: Any) -> TicketEvent:
    """The news of a ticket whose tray is loaded with it."""
    return event(
        order_ref=ticket.tray.order_ref,
        tray_ref=ticket.tray_id,
        tray=ticket.tray.number,
        ticket_ref=ticket.pk,
        line=ticket.line_ref,
        zone=ticket.zone_id,
        item=ticket.item,
        **more,
    )


def changed(trays: Iterable[Tray]) -> Iterator[TrayChanged]:
    """The news that these trays are to be shown anew."""
    for tray in trays:
        yield TrayChanged(order_ref=tray.order_ref, tray_ref=tray.pk, tray=tray.number)


def start(ticket_id: UUID, seen: int | None = None) -> Ticket | None:
    """A cook begins: `fired → cooking`. The ticket with its tray; None if it is not fired.

    `seen`: how often it had been recalled when the cook looked; None, too, if that has changed.
    """
    move = _start_in_one_statement if connection.vendor == "postgresql" else _start_step_by_step
    return move(ticket_id, seen)


def done(ticket_id: UUID, seen: int | None = None) -> Ticket | None:
    """A cook has finished: `cooking → done`; the track's next ticket is fired.

    The parked message goes out with the news, if it belongs to the tray's canvas of now. None if
    the ticket is not cooking, was cancelled, or was recalled since it was `seen`.
    """
    move = _done_in_one_statement if connection.vendor == "postgresql" else _done_step_by_step
    return move(ticket_id, seen)


def plate(tray: Tray, canvas: int) -> bool:
    """All of the tray is finished, and at least one of it done: `waiting → ready`.

    False if that is not true, or the canvas is not the tray's of now.
    """
    move = _plate_in_one_statement if connection.vendor == "postgresql" else _plate_step_by_step
    return move(tray, canvas)


def with_tray(ticket_id: UUID) -> Ticket | None:
    return Ticket.objects.select_related("tray").filter(pk=ticket_id).first()


def taken_with_tray(ticket_id: UUID, verb: str) -> Ticket | None:
    """The ticket and its tray, taken; None, and nothing taken, if it may not make the move."""
    sources = TICKET_MOVES[verb].sources
    movable = Ticket.objects.filter(pk=ticket_id, state__in=sources)
    tray = movable.values_list("tray", flat=True).first()
    if tray is None:
        return None
    take(tray)
    return with_tray(ticket_id)


def as_seen(ticket_id: UUID, seen: int | None) -> dict[str, Any]:
    """What a press guards: this ticket, and that it was not recalled since the cook looked."""
    return {"pk": ticket_id} | ({} if seen is None else {"recalls": seen})


def _start_step_by_step(ticket_id: UUID, seen: int | None = None) -> Ticket | None:
    now = timezone.now()
    with transaction.atomic():
        ticket = taken_with_tray(ticket_id, "start")
        having = as_seen(ticket_id, seen)
        if ticket is None or not move_tickets("start", having=having, started_at=now):
            return None
        publish(told(TicketStarted, ticket), at=now)
        trays = Tray.objects.of_order(ticket.tray.order_ref)
        if not trays.filter(started_at__isnull=False).exists():
            publish(TraysStarted(order_ref=ticket.tray.order_ref), at=now)
        trays.filter(pk=ticket.tray_id, started_at=None).update(started_at=now)
        return with_tray(ticket_id)


def _done_step_by_step(ticket_id: UUID, seen: int | None = None) -> Ticket | None:
    now = timezone.now()
    with transaction.atomic():
        ticket = taken_with_tray(ticket_id, "done")
        if ticket is None:
            return None
        message = ticket.parked if ticket.parked_canvas == ticket.tray.canvas else None
        having = as_seen(ticket_id, seen) | {"cancel_requested": False}
        if not move_tickets("done", having=having, done_at=now, finished_at=now, parked=None):
            return None
        news = told(TicketDone, ticket, to_pass=not ticket.next_zone)
        publish(news, release=message, at=now)
        following = Ticket.objects.filter(
            tray=ticket.tray_id, track=ticket.track, position=ticket.position + 1
        ).first()
        if following and move_tickets("fire", having={"pk": following.pk}, fired_at=now):
            following.tray = ticket.tray
            publish(told(TicketFired, following), at=now)
        return with_tray(ticket_id)


def _plate_step_by_step(tray: Tray, canvas: int) -> bool:
    with transaction.atomic():
        trays = take_order(tray.order_ref)
        now = next(one for one in trays if one.pk == tray.pk)
        cooked = tray.tickets.filter(state=TicketState.DONE, wasted=False).exists()
        if now.canvas != canvas or not cooked or not Ticket.objects.all_finished(tray.pk):
            return False
        ready_at = timezone.now()
        if not move_tray(tray.pk, "plate", ready_at=ready_at):
            return False
        publish(ready(tray, canvas), at=ready_at)
        others = {one.state for one in trays if one.pk != tray.pk}
        if TrayState.WAITING not in others:
            publish(TraysReady(order_ref=tray.order_ref), at=ready_at)
    return True


def ready(tray: Tray, canvas: int) -> TrayReady:
    return TrayReady(order_ref=tray.order_ref, tray_ref=tray.pk, tray=tray.number, canvas=canvas)


# PostgreSQL. A statement sees the rows as they were when it began; the rows that it locks it sees
# as they are. So each locks first what it looks at, in the order of all: tray, then ticket.


_JSON = ("parked", "void_lines")


def _columns(model: type[Model]) -> list[str]:
    """The columns from which `Model.from_db` makes a row: all but JSON, which is text here."""
    return [str(f.column) for f in model._meta.concrete_fields if f.column not in _JSON]


_OF_TICKET, _OF_TRAY = _columns(Ticket), _columns(Tray)
#: All columns of the moved ticket, then all of its tray.
_RETURNED = ", ".join(
    [
        *(f"kitchen_ticket.{column}" for column in _OF_TICKET),
        *(f"taken.{column} AS its_{column}" for column in _OF_TRAY),
    ]
)
#: What a TicketEvent tells, out of the rows.
_NEWS = """
           jsonb_build_object('order_ref', its_order_ref, 'tray_ref', tray_id, 'tray', its_number,
                              'ticket_ref', id, 'line', line_ref, 'zone', zone_id, 'item', item)"""
_TELL = "INSERT INTO events_eventrecord (uuid, tellings, happened_at, subject, name, data, release)"

#: The ticket's tray, then the ticket, each as it is once nobody else moves it.
_HELD = """
WITH tray AS (
    SELECT id FROM kitchen_tray WHERE state = 'waiting'
       AND id = (SELECT tray_id FROM kitchen_ticket WHERE id = %(ticket)s) FOR UPDATE
), ticket AS (
    SELECT kitchen_ticket.id, tray_id, parked, parked_canvas FROM kitchen_ticket, tray
    WHERE kitchen_ticket.id = %(ticket)s AND tray_id = tray.id AND state = ANY(%(from)s)
      AND (state = 'fired' OR NOT cancel_requested)
      AND recalls = coalesce(%(seen)s, recalls)
    FOR UPDATE OF kitchen_ticket
)"""

_START = f"""{_HELD}, taken AS (
    UPDATE kitchen_tray SET version = version + 1, touched_at = %(now)s,
                            started_at = coalesce(started_at, %(now)s)
    FROM ticket WHERE kitchen_tray.id = ticket.tray_id RETURNING kitchen_tray.*
), moved AS (
    UPDATE kitchen_ticket SET state = %(to)s, started_at = %(now)s FROM taken
    WHERE kitchen_ticket.id = %(ticket)s AND tray_id = taken.id RETURNING {_RETURNED}
), told AS (
    {_TELL}
    SELECT gen_random_uuid(), 0, %(now)s, its_order_ref, 'ticket.started', {_NEWS}, NULL::jsonb
    FROM moved
    UNION ALL
    SELECT gen_random_uuid(), 0, %(now)s, its_order_ref, 'trays.started',
           jsonb_build_object('order_ref', its_order_ref), NULL
    FROM moved WHERE NOT EXISTS (
        SELECT FROM kitchen_tray WHERE order_ref = its_order_ref AND started_at IS NOT NULL)
)
SELECT * FROM moved
"""

_DONE = f"""{_HELD}, taken AS (
    UPDATE kitchen_tray SET version = version + 1, touched_at = %(now)s
    FROM ticket WHERE kitchen_tray.id = ticket.tray_id RETURNING kitchen_tray.*
), moved AS (
    UPDATE kitchen_ticket SET state = %(to)s, done_at = %(now)s, finished_at = %(now)s,
                              finished_version = taken.version, parked = NULL
    FROM taken
    WHERE kitchen_ticket.id = %(ticket)s AND tray_id = taken.id RETURNING {_RETURNED}
), fired AS (
    UPDATE kitchen_ticket AS next SET state = 'fired', fired_at = %(now)s FROM moved
    WHERE next.tray_id = moved.tray_id AND next.track = moved.track
      AND next.position = moved.position + 1 AND next.state = 'held'
    RETURNING next.id, next.line_ref, next.zone_id, next.item, moved.tray_id, its_order_ref,
              its_number
), told AS (
    {_TELL}
    SELECT gen_random_uuid(), 0, %(now)s, its_order_ref, 'ticket.done',
           {_NEWS} || jsonb_build_object('to_pass', next_zone = ''),
           (SELECT parked FROM ticket WHERE ticket.parked_canvas = its_canvas)
    FROM moved
    UNION ALL
    SELECT gen_random_uuid(), 0, %(now)s, its_order_ref, 'ticket.fired', {_NEWS}, NULL FROM fired
)
SELECT * FROM moved
"""

# A ticket that is cooked again while this waits for the trays is not seen; but its recall raises
# the canvas with it, and that is seen.
_PLATE = f"""
WITH trays AS (
    SELECT id, state, canvas FROM kitchen_tray WHERE order_ref = %(order)s
    ORDER BY number FOR UPDATE
), plated AS (
    UPDATE kitchen_tray SET state = %(to)s, ready_at = %(now)s, version = version + 1,
                            touched_at = %(now)s
    FROM trays
    WHERE kitchen_tray.id = %(tray)s AND trays.id = %(tray)s
      AND trays.canvas = %(canvas)s AND trays.state = ANY(%(from)s)
      AND NOT EXISTS (SELECT FROM kitchen_ticket
                      WHERE tray_id = %(tray)s AND state NOT IN ('done', 'void'))
      AND EXISTS (SELECT FROM kitchen_ticket
                  WHERE tray_id = %(tray)s AND state = 'done' AND NOT wasted)
    RETURNING kitchen_tray.id
), told AS (
    {_TELL}
    SELECT gen_random_uuid(), 0, %(now)s, %(order)s, 'tray.ready', %(data)s::jsonb, NULL::jsonb
    FROM plated
    UNION ALL
    SELECT gen_random_uuid(), 0, %(now)s, %(order)s, 'trays.ready',
           jsonb_build_object('order_ref', %(order)s), NULL
    FROM plated WHERE NOT EXISTS (SELECT FROM trays WHERE id <> %(tray)s AND state = 'waiting')
)
SELECT id FROM plated
"""


def _start_in_one_statement(ticket_id: UUID, seen: int | None = None) -> Ticket | None:
    return _press(_START, "start", ticket_id, seen)


def _done_in_one_statement(ticket_id: UUID, seen: int | None = None) -> Ticket | None:
    return _press(_DONE, "done", ticket_id, seen)


def _press(statement: str, verb: str, ticket_id: UUID, seen: int | None) -> Ticket | None:
    row = _execute(statement, TICKET_MOVES[verb], ticket=ticket_id, seen=seen)
    if row is None:
        return None
    of_ticket, of_tray = row[: len(_OF_TICKET)], row[len(_OF_TICKET) :]
    ticket = Ticket.from_db("default", _OF_TICKET, of_ticket)
    # The column as it comes: only Django's own queries read JSON by themselves.
    ticket.options = json.loads(of_ticket[_OF_TICKET.index("options")])
    ticket.tray = Tray.from_db("default", _OF_TRAY, of_tray)
    return ticket


def _plate_in_one_statement(tray: Tray, canvas: int) -> bool:
    news = json.dumps(ready(tray, canvas).as_data(), cls=DjangoJSONEncoder)
    return None is not _execute(
        _PLATE,
        TRAY_MOVES["plate"],
        order=tray.order_ref,
        tray=tray.pk,
        canvas=canvas,
        data=news,
    )


def _execute(statement: str, move: Move, **parameters: Any) -> Any:
    """The row that was moved; None if none was."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {"from": list(move.sources), "to": move.to, "now": timezone.now(), **parameters},
        )
        return cursor.fetchone()
