"""What the kitchen tells in the trace of an order: calls, presses, tickets, chords."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import takewhile, zip_longest

from django.utils.translation import gettext as _

from kitchen.models import Ticket, Tray, queue_of
from kitchen.services import trays_of, zones
from kitchen.stints import Stint, Stints
from restaurant.subscriptions import Style
from restaurant.trace.contract import (
    Chapter,
    Kind,
    Lane,
    Mark,
    Message,
    Said,
    Span,
    Story,
    about,
    call,
    tellings,
)
from restaurant.wording import own_name

HEAD_CHEF, THE_PASS = "head_chef", "pass"
DRIVES = "kitchen.tasks.drive_tray"
#: By what came of it: what a cook has pressed.
PRESSED = {
    "ticket.started": "kitchen.services.start",
    "ticket.done": "kitchen.services.finish",
    "ticket.recalled": "kitchen.services.recall",
    "ticket.stopped": "kitchen.services.stop",
}
#: With these the ticket's part of the chord goes on: its zone has answered.
ANSWERS = ("ticket.done", "ticket.stopped")
#: After one of these a tray may be ready.
LEAD_TO_READY = (*ANSWERS, "ticket.voided", "tray.repaired")
OF_THE_PASS = ("tray.ready", "trays.ready", "tray.reopened", "tray.served", "tray.waited")
MARKS = {
    "ticket.recalled": Mark.RECALLED,
    "line.refired": Mark.REFIRED,
    "tray.repaired": Mark.REPAIRED,
}


def trace(story: Story) -> Chapter:
    trays = trays_of(story.order_ref)
    tickets = [ticket for tray in trays for ticket in tray.tickets.all()]
    stints = play(story, trays, tickets)
    told = Tellings(story, stints)
    messages = [one for said in story.said_by("kitchen") for one in told.of(said)]
    messages += call_outs(story, trays, stints)
    spans = [as_span(stint) for stint in stints.all]
    return Chapter(lanes_of({ticket.zone_id for ticket in tickets}), messages, spans)


def lanes_of(used: set[str]) -> list[Lane]:
    at_work = [Lane(queue_of(zone.pk), own_name(zone)) for zone in zones() if zone.pk in used]
    return [
        Lane(HEAD_CHEF, _("Head chef"), tasks_of="kitchen"),
        *at_work,
        Lane(THE_PASS, _("Pass")),
    ]


def play(story: Story, trays: Iterable[Tray], tickets: Iterable[Ticket]) -> Stints:
    """Where each ticket was, from the order's opening on."""
    stints = Stints(tickets, {tray.pk: tray.number for tray in trays})
    for said in story.said:
        if said.name == "order.placed":
            for tray in trays:
                ordered = [one["line"] for one in said.data["lines"] if one["tray"] == tray.number]
                stints.hold_new(opened_at(said, tray), ordered)
        stints.hear(said)
    return stints


def opened_at(placed: Said, tray: Tray) -> datetime:
    """When the head chef has opened the tray."""
    return placed.heard.get("kitchen.tasks.open_order", tray.opened_at)


class Tellings:
    """The messages that each event of the kitchen stands for."""

    def __init__(self, story: Story, stints: Stints) -> None:
        self.stints = stints
        self.of_ticket: dict[str, list[Said]] = {}
        self.of_tray: dict[int, list[Said]] = {}
        for said in story.said_by("kitchen"):
            self.of_ticket.setdefault(said.data.get("ticket_ref", ""), []).append(said)
            self.of_tray.setdefault(said.data.get("tray", 0), []).append(said)

    def of(self, said: Said) -> Iterator[Message]:
        zone = queue_of(said.data.get("zone", ""))
        marks = {MARKS[said.name]} if said.name in MARKS else set()
        if said.name in PRESSED:
            yield call(said, zone, zone, PRESSED[said.name], marks)
        if said.name == "ticket.fired":
            yield self.request(said, zone)
        elif said.name in ANSWERS:
            yield response(said, zone)
        elif said.name == "tray.ready":
            yield self.coming_together(said)
        elif said.name != "ticket.started":
            yield from tellings(said, speaker(said, zone), marks)

    def request(self, fired: Said, zone: str) -> Message:
        """A zone is asked for its part; it answers when a cook has made it."""
        of_ticket = self.of_ticket[fired.data["ticket_ref"]]
        later = [one for one in of_ticket if after(one, fired)]
        # It may have been held again, and fired once more.
        later = [*takewhile(lambda one: one.name != "ticket.fired", later)]
        return Message(
            **about(fired),
            sender=self.who_fired(fired),
            hearers=(zone,),
            style=Style.REQUEST_ASYNC_RESPONSE,
            to=zone,
            heard_at=first(later, "ticket.started"),
            answered_at=first(later, *ANSWERS),
        )

    def who_fired(self, fired: Said) -> str:
        """The zone before it, which has handed over, or the head chef."""
        same_moment = [
            one
            for one in self.of_tray[fired.data["tray"]]
            if one.name == "ticket.done" and one.at == fired.at
        ]
        return queue_of(same_moment[0].data["zone"]) if same_moment else HEAD_CHEF

    def coming_together(self, ready: Said) -> Message:
        """The chord's end: the part that was finished last has called the pass."""
        tray = ready.data["tray"]
        lead = [one for one in self.of_tray[tray] if one.name in LEAD_TO_READY]
        last = next((one for one in reversed(lead) if after(ready, one)), ready)
        driven = any(last.at < at <= ready.at for at in drives(self.of_tray[tray]))
        by_part = last.name in ANSWERS and not driven
        together = [one for one in self.stints.all if (one.tray, one.ends) == (tray, ready.at)]
        return Message(
            **about(ready) | {"at": last.at, "sent_at": last.record.sent_at if by_part else None},
            sender=queue_of(last.data["zone"]) if by_part else HEAD_CHEF,
            hearers=(THE_PASS,),
            style=Style.ORCHESTRATION,
            to="kitchen.tasks.plate",
            heard_at=ready.at,
            parts=len(together),
            marks=frozenset({Mark.REPAIRED} if last.name == "tray.repaired" else ()),
        )


def response(said: Said, zone: str) -> Message:
    """The zone's answer, which its parked message carries to the tray's chord."""
    return Message(
        **about(said),
        sender=zone,
        hearers=(THE_PASS,),
        style=Style.REQUEST_ASYNC_RESPONSE,
        to="kitchen.tasks.cook",
    )


def speaker(said: Said, zone: str) -> str:
    if said.name in (*OF_THE_PASS, "part.waited"):
        return THE_PASS
    return zone if "zone" in said.data else HEAD_CHEF


def call_outs(story: Story, trays: Iterable[Tray], stints: Stints) -> Iterator[Message]:
    """Each time that the head chef has called a tray out to its zones."""
    for tray in trays:
        found = [one for said in story.said for one in called_out(said, tray, stints)]
        ready = [one.at for one in story.named("tray.ready") if one.data["tray"] == tray.number]
        # Whoever is called out anew does not answer to the call before.
        for one, end in zip_longest(found, [anew.at for anew in found[1:]]):
            answers = [at for at in ready if one.at < at and (end is None or at <= end)]
            yield replace(one, answered_at=min(answers, default=None))


def moments(said: Said, tray: Tray) -> list[datetime]:
    """When the head chef came to this tray because of the event."""
    if said.name == "order.placed":
        return [opened_at(said, tray)]
    if said.data.get("tray") != tray.number:
        return []
    return [said.at] if said.name == "tray.repaired" else drives([said])


def drives(said: Iterable[Said]) -> list[datetime]:
    return [one.heard[DRIVES] for one in said if DRIVES in one.heard]


def called_out(said: Said, tray: Tray, stints: Stints) -> Iterator[Message]:
    """A part for each ticket that was to be cooked then; nothing if there was none."""
    for at in moments(said, tray):
        if parts := stints.to_cook(tray.number, at):
            yield Message(
                at=at,
                sender=HEAD_CHEF,
                hearers=tuple(dict.fromkeys(queue_of(ticket.zone_id) for ticket in parts)),
                style=Style.ORCHESTRATION,
                name="call_out",
                to="kitchen.tasks.call_out",
                event=said.record.uuid,
                data={"tray": tray.number},
                heard_at=at,
                parts=len(parts),
                marks=frozenset({MARKS[said.name]} if said.name in MARKS else ()),
            )


def as_span(stint: Stint) -> Span:
    at_the_pass = stint.kind in (Kind.GATHERING, Kind.READY)
    ticket = stint.ticket
    marks = {stint.again} if stint.again else set()
    if ticket is not None:
        marks |= {Mark.REFIRED} if ticket.refire else set()
        marks |= {Mark.WASTED} if ticket.wasted else set()
    return Span(
        lane=THE_PASS if at_the_pass or ticket is None else queue_of(ticket.zone_id),
        kind=stint.kind,
        begins=stint.begins,
        ends=stint.ends,
        row=str(ticket.pk) if ticket else f"tray {stint.tray}",
        what=name_of(ticket) if ticket else _("Tray %(number)s") % {"number": stint.tray},
        tray=stint.tray,
        ticket=ticket.pk if ticket else None,
        marks=frozenset(marks),
    )


def name_of(ticket: Ticket) -> str:
    return f"{ticket.quantity} × {own_name(ticket)}"


def after(one: Said, other: Said) -> bool:
    return one.record.pk > other.record.pk


def first(said: Iterable[Said], *names: str) -> datetime | None:
    return next((one.at for one in said if one.name in names), None)
