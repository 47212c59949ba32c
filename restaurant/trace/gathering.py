"""The trace of one order: its events are read once, and every app adds what it knows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from restaurant.events.models import EventRecord, Heard
from restaurant.trace.contract import (
    FOLLOWERS,
    Chapter,
    Message,
    Said,
    Story,
    Trace,
    at_home,
    tellings,
)


def trace_of(order_ref: UUID, now: datetime) -> Trace:
    """What is known of the order now; an order without any event has nothing to tell."""
    story = read_story(order_ref)
    chapters: list[Chapter] = [import_string(tell)(story) for tell in settings.TRACES]
    lanes = [lane for chapter in chapters for lane in chapter.lanes]
    homes = {lane.tasks_of: lane.code for lane in lanes if lane.tasks_of}
    told = [one for chapter in chapters for one in chapter.messages]
    messages = [at_home(one, homes) for one in [*told, *left_out(story, told)]]
    spans = [one for chapter in chapters for one in chapter.spans]
    moments = [one.at for one in messages] + [one.begins for one in spans]
    lasts = [one for one in spans if one.ends is None]
    ends = [one.ends for one in spans if one.ends] + [m.heard_at for m in messages if m.heard_at]
    return Trace(
        begins=min(moments, default=now),
        until=now if lasts else max([*moments, *ends], default=now),
        lanes=lanes,
        messages=sorted(messages, key=attrgetter("at")),
        spans=sorted(spans, key=attrgetter("begins")),
    )


def left_out(story: Story, told: Iterable[Message]) -> Iterator[Message]:
    """The events of which no app tells: of another release, or of an app without a lane."""
    known = {one.event for one in told}
    for said in story.said:
        if said.record.uuid not in known:
            yield from tellings(said, FOLLOWERS)


def read_story(order_ref: UUID) -> Story:
    records = list(EventRecord.objects.about(order_ref))
    heard = Heard.objects.by_event(record.pk for record in records)
    return Story(order_ref, [Said(record, heard.get(record.pk, {})) for record in records])
