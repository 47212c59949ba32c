"""What a trace is made of. Apps tell their part in a `traces.py`, named in `settings.TRACES`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from restaurant.events.contract import DECLARED
from restaurant.events.models import EventRecord
from restaurant.subscriptions import SUBSCRIPTIONS, Style

#: The lane of those who follow the feed of all events: whoever is not named as a hearer.
FOLLOWERS = "notifications"
FEED = "feed"


class Kind(StrEnum):
    """What somebody or something does at a place for a while."""

    HELD = "held"
    FIRED = "fired"
    COOKING = "cooking"
    GATHERING = "gathering"
    READY = "ready"
    QUARANTINED = "quarantined"
    SENDING = "sending"


class Mark(StrEnum):
    """Why it happened once more, or was for nothing."""

    RETRIED = "retried"
    RECALLED = "recalled"
    REFIRED = "refired"
    REPAIRED = "repaired"
    WASTED = "wasted"


@dataclass(frozen=True)
class Lane:
    """Somebody who tells and is told; `tasks_of` names the app whose tasks hear here."""

    code: str
    name: str
    tasks_of: str = ""


@dataclass(frozen=True)
class Said:
    """An event of the order, and who has heard it when."""

    record: EventRecord
    heard: Mapping[str, datetime]

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def at(self) -> datetime:
        return self.record.happened_at

    @property
    def data(self) -> Mapping[str, Any]:
        told: dict[str, Any] = self.record.data
        return told


@dataclass(frozen=True)
class Story:
    """What every app is given: the order, and all that was said of it, oldest first."""

    order_ref: UUID
    said: Sequence[Said]

    def said_by(self, app: str) -> list[Said]:
        """What this app has said of it; it declares its events in its `events.py`."""
        module = f"{app}.events"
        return [
            one
            for one in self.said
            if one.name in DECLARED and DECLARED[one.name].__module__ == module
        ]

    def named(self, *names: str) -> list[Said]:
        return [one for one in self.said if one.name in names]


@dataclass(frozen=True, kw_only=True)
class Message:
    """Somebody told somebody something.

    `name` is that of the event or of what was called, `to` who exactly was told: a task, a service,
    a receiver. `answered_at` is when the work that was asked for was done, if a row says so.
    `parts`: to so many it fanned out, or of so many it is the coming together. Without `hearers` it
    goes to the lane of the task that is told.
    """

    at: datetime
    sender: str
    hearers: tuple[str, ...] = ()
    style: Style
    name: str
    to: str
    event: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    sent_at: datetime | None = None
    heard_at: datetime | None = None
    answered_at: datetime | None = None
    times: int = 1
    parts: int = 1
    marks: frozenset[Mark] = frozenset()
    #: Of a span that belongs to it, if that is not its ticket's or its tray's.
    row: str = ""

    @property
    def tray(self) -> int | None:
        return self.data.get("tray")

    @property
    def ticket(self) -> str:
        return str(self.data.get("ticket_ref", ""))

    @property
    def waited(self) -> timedelta | None:
        """From its being said until it was heard; None if nobody notes that, or it had no way."""
        if self.heard_at is None or self.heard_at == self.at:
            return None
        return max(self.heard_at - self.at, timedelta())

    @property
    def worked(self) -> timedelta | None:
        """From its being heard until what it asked for was done."""
        if self.heard_at is None or self.answered_at is None:
            return None
        return max(self.answered_at - self.heard_at, timedelta())


@dataclass(frozen=True, kw_only=True)
class Span:
    """Something that lasts at a lane. `row`: spans of one row follow each other in one line."""

    lane: str
    kind: Kind
    begins: datetime
    #: None: it lasts still.
    ends: datetime | None
    row: str
    what: str
    tray: int | None = None
    ticket: UUID | None = None
    marks: frozenset[Mark] = frozenset()

    @property
    def lasted(self) -> timedelta | None:
        return None if self.ends is None else self.ends - self.begins


@dataclass(frozen=True)
class Chapter:
    """What one app knows of the order."""

    lanes: Sequence[Lane] = ()
    messages: Sequence[Message] = ()
    spans: Sequence[Span] = ()


@dataclass(frozen=True)
class Trace:
    """All of it: lanes from top to bottom, messages and spans in the order of time."""

    begins: datetime
    until: datetime
    lanes: Sequence[Lane]
    messages: Sequence[Message]
    spans: Sequence[Span]


def about(said: Said) -> dict[str, Any]:
    """What a message has of the event that it tells of."""
    return {
        "at": said.at,
        "name": said.name,
        "event": said.record.uuid,
        "data": said.data,
        "sent_at": said.record.sent_at,
    }


def call(said: Said, sender: str, hearer: str, to: str, marks: Iterable[Mark] = ()) -> Message:
    """A call that was answered in the transaction of the event; how long it took is no row."""
    return Message(
        **about(said) | {"sent_at": said.at},
        sender=sender,
        hearers=(hearer,),
        style=Style.REQUEST_RESPONSE,
        to=to,
        answered_at=said.at,
        marks=frozenset(marks),
    )


def tellings(said: Said, sender: str, marks: Iterable[Mark] = ()) -> list[Message]:
    """A message for each subscriber; if there is none, one for whoever follows the feed."""
    return [
        Message(
            **about(said),
            sender=sender,
            style=one.style,
            to=one.to,
            heard_at=said.heard.get(one.to),
            times=max(said.record.tellings, 1),
            marks=frozenset({*marks, *({Mark.RETRIED} if said.record.tellings > 1 else ())}),
        )
        for one in SUBSCRIPTIONS.get(said.name, [])
    ] or [
        Message(
            **about(said),
            sender=sender,
            hearers=(FOLLOWERS,),
            style=Style.PUBLISH_SUBSCRIBE,
            to=FEED,
            marks=frozenset(marks),
        )
    ]


def at_home(message: Message, homes: Mapping[str, str]) -> Message:
    """With the lane of the task that is told: `homes` has it by the task's app, if it has one."""
    if message.hearers:
        return message
    home = homes.get(message.to.partition(".")[0], FOLLOWERS)
    return replace(message, hearers=(home,))
