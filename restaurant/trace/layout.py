"""The picture of a trace: lanes over time. Pure: what was told in, places and words out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

from restaurant.trace.axis import Axis, Tick, axis_of
from restaurant.trace.captions import LETTER, Wish, Words, caption, weight, written
from restaurant.trace.contract import FEED, Kind, Lane, Mark, Message, Span, Trace

#: In pixels.
NARROWEST, WIDEST, FOR_EACH_MOMENT = 1230.0, 6000.0, 11.0
TOP, EDGE = 26.0, 12.0
ROW, BAR, PADDING, EMPTY_LANE = 20.0, 15.0, 6.0, 36.0
#: A caption's line is so far from the beginning or the end of its arrow.
ASIDE = 11.0
LABEL_BEGINS = 3.0


@dataclass(frozen=True)
class Stripe:
    """A lane's place, and the middle of each of its rows."""

    lane: Lane
    y: float
    height: float
    rows: Mapping[str, float]

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    def side(self, seen_from: float) -> float:
        """Its edge on that side."""
        return self.y if seen_from < self.y else self.y + self.height


@dataclass(frozen=True)
class Bar:
    """A span: a bar of its kind's pattern; an `open` one lasts still."""

    x: float
    y: float
    width: float
    kind: Kind
    marks: Sequence[Mark]
    open: bool
    height: float = BAR


@dataclass(frozen=True)
class Arrow:
    """A message from lane to lane; `number` is its row in the table."""

    number: int
    x1: float
    y1: float
    x2: float
    y2: float
    style: str


@dataclass(frozen=True)
class Dot:
    """A message that does not leave its lane, or goes to whoever follows the feed."""

    number: int
    x: float
    y: float
    style: str


@dataclass(frozen=True)
class Drawing:
    """All that there is to draw."""

    width: float
    height: float
    stripes: Sequence[Stripe]
    bars: Sequence[Bar]
    #: What the bars of each row are about.
    labels: Sequence[Words]
    arrows: Sequence[Arrow]
    captions: Sequence[Words]
    dots: Sequence[Dot]
    ticks: Sequence[Tick]


def draw(trace: Trace, words: Mapping[Mark, Any]) -> Drawing:
    """Lanes from top to bottom, each as high as what happens in it; `words` are those of marks."""
    moments = set(all_moments(trace))
    width = min(max(NARROWEST, FOR_EACH_MOMENT * len(moments)), WIDEST)
    axis = axis_of(moments, EDGE, width - EDGE)
    stripes = {one.lane.code: one for one in stripes_of(trace)}
    labels = [label for one in stripes.values() for label in labels_of(one, trace, axis, width)]
    numbered = [*enumerate(trace.messages, start=1)]
    arrows = [
        arrow
        for number, message in numbered
        if not stays(message)
        for arrow in arrows_of(number, message, stripes, axis)
    ]
    wishes = wishes_of(arrows, trace.messages, words)
    return Drawing(
        width=width,
        height=max((one.y + one.height for one in stripes.values()), default=TOP),
        stripes=[*stripes.values()],
        bars=[bar_of(span, stripes[span.lane], axis, trace.until) for span in trace.spans],
        labels=labels,
        arrows=arrows,
        captions=[*written(wishes, labels, width)],
        dots=[
            Dot(number, axis.x(one.at), place_of(one, stripes[one.sender]), one.style)
            for number, one in numbered
            if stays(one)
        ],
        ticks=[*axis.ticks()],
    )


def all_moments(trace: Trace) -> Iterator[datetime]:
    yield from (trace.begins, trace.until)
    for span in trace.spans:
        yield from (span.begins, span.ends or trace.until)
    for message in trace.messages:
        yield from (message.at, arrival(message))


def arrival(message: Message) -> datetime:
    """When the arrow ends. How long a zone or a receiver took is told by bars."""
    if message.heard_at is None or message.answered_at or stays(message):
        return message.at
    return max(message.heard_at, message.at)


def stays(message: Message) -> bool:
    return message.hearers == (message.sender,) or message.to == FEED


def stripes_of(trace: Trace) -> Iterator[Stripe]:
    y = TOP
    for lane in trace.lanes:
        here = [span for span in trace.spans if span.lane == lane.code]
        lines = lines_of(here, trace.until)
        height = max(EMPTY_LANE, (1 + max(lines.values(), default=0)) * ROW + 2 * PADDING)
        rows = {row: y + PADDING + (line + 0.5) * ROW for row, line in lines.items()}
        yield Stripe(lane, y, height, rows)
        y += height


def lines_of(spans: Iterable[Span], until: datetime) -> dict[str, int]:
    """In which line each row stands: the first that is free from its begin on."""
    free_from: list[datetime] = []
    lines: dict[str, int] = {}
    for row, of_row in by_row(spans).items():
        line = next((n for n, end in enumerate(free_from) if end < of_row[0].begins), None)
        if line is None:
            line = len(free_from)
            free_from.append(until)
        free_from[line] = max(span.ends or until for span in of_row)
        lines[row] = line
    return lines


def by_row(spans: Iterable[Span]) -> dict[str, list[Span]]:
    """The spans of each row, in the order of time; rows in the order of their begin."""
    found: dict[str, list[Span]] = {}
    for span in sorted(spans, key=attrgetter("begins")):
        found.setdefault(span.row, []).append(span)
    return found


def bar_of(span: Span, stripe: Stripe, axis: Axis, until: datetime) -> Bar:
    begin, end = axis.x(span.begins), axis.x(span.ends or until)
    y = stripe.rows[span.row] - BAR / 2
    return Bar(begin, y, max(end - begin, 1.0), span.kind, sorted(span.marks), span.ends is None)


def labels_of(stripe: Stripe, trace: Trace, axis: Axis, width: float) -> Iterator[Words]:
    """At the begin of each row, as much as there is room for before the next in its line."""
    here = by_row(span for span in trace.spans if span.lane == stripe.lane.code)
    starts = sorted(
        (stripe.rows[row], axis.x(of_row[0].begins), of_row[0].what) for row, of_row in here.items()
    )
    for y, line in groupby(starts, key=lambda start: start[0]):
        for (_, x, what), (_, following, _) in pairwise([*line, (y, width, "")]):
            if text := fitted(what, following - x):
                yield Words(x + LABEL_BEGINS, y, text)


def fitted(text: str, room: float) -> str:
    """The text, or its beginning, or nothing of it."""
    letters = int(room / LETTER) - 1
    if len(text) <= letters:
        return text
    return f"{text[: letters - 1].rstrip()}…" if letters > 3 else ""


def arrows_of(
    number: int, message: Message, stripes: Mapping[str, Stripe], axis: Axis
) -> Iterator[Arrow]:
    """One for each hearer, from the sender's row to the hearer's, or to its edge."""
    start = place_of(message, stripes[message.sender])
    for code in message.hearers:
        hearer = stripes[code]
        own = row_of(message, hearer)
        yield Arrow(
            number,
            axis.x(message.at),
            start,
            axis.x(arrival(message)),
            hearer.side(start) if own is None and hearer.rows else own or hearer.middle,
            message.style,
        )


def wishes_of(
    arrows: Iterable[Arrow], messages: Sequence[Message], words: Mapping[Mark, Any]
) -> Iterator[Wish]:
    """Of a message that fans out the first arrow speaks for all."""
    for number, of_message in groupby(arrows, key=lambda arrow: arrow.number):
        message, arrow = messages[number - 1], next(of_message)
        aside = ASIDE if arrow.y2 > arrow.y1 else -ASIDE
        places = [(arrow.x1, arrow.y1 + aside), (arrow.x2, arrow.y2 - aside)]
        yield Wish(weight(message), caption(message, words), places)


def place_of(message: Message, stripe: Stripe) -> float:
    """Where the message is in this lane."""
    return row_of(message, stripe) or stripe.middle


def row_of(message: Message, stripe: Stripe) -> float | None:
    """Its own row, or that of its ticket, or of its tray."""
    return stripe.rows.get(message.row or message.ticket) or stripe.rows.get(f"tray {message.tray}")
