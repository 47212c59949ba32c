"""What is written beside arrows: as many words as find room. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from restaurant.subscriptions import Style
from restaurant.trace.contract import Mark, Message

#: Of a letter on the average, and of a line, in pixels.
LETTER, LINE = 6.3, 12.0
BESIDE = 4.0


@dataclass(frozen=True)
class Words:
    """Something written: where it begins, and the middle of its line."""

    x: float
    y: float
    text: str

    @property
    def end(self) -> float:
        return self.x + LETTER * len(self.text)

    def is_on(self, other: "Words") -> bool:
        """They could not both be read."""
        beside = self.end <= other.x or other.end <= self.x
        return not beside and abs(self.y - other.y) < LINE


@dataclass(frozen=True)
class Wish:
    """What an arrow would have written beside it, at one of these places; the weightiest first."""

    weight: int
    text: str
    places: Sequence[tuple[float, float]]


def caption(message: Message, words: Mapping[Mark, Any]) -> str:
    """What was called, or what was said; of single tickets their bars tell enough."""
    if message.style in (Style.REQUEST_RESPONSE, Style.ORCHESTRATION):
        text = message.to.rpartition(".")[2]
    else:
        text = "" if message.ticket else message.name
    many = f" ×{message.parts}" if message.parts > 1 else ""
    marks = "".join(f" · {words[mark]}" for mark in sorted(message.marks))
    return f"{text}{many}{marks}".strip(" ·")


def weight(message: Message) -> int:
    """What happened once more, then what the head chef leads, then the rest."""
    if message.marks:
        return 2
    return int(message.style == Style.ORCHESTRATION)


def written(wishes: Iterable[Wish], taken: Iterable[Words], width: float) -> Iterator[Words]:
    """The wishes that can be met without covering each other, or what is `taken`."""
    known = [*taken]
    for wish in sorted(wishes, key=lambda one: -one.weight):
        places = (place for x, y in wish.places for place in beside(x, y, wish.text, width))
        free = (one for one in places if not any(one.is_on(other) for other in known))
        if found := next(free, None):
            known.append(found)
            yield found


def beside(x: float, y: float, text: str, width: float) -> Iterator[Words]:
    """On the right of this place, else on its left, if that is in the picture."""
    if not text:
        return
    right = Words(x + BESIDE, y, text)
    if right.end <= width:
        yield right
    left = Words(round(x - BESIDE - LETTER * len(text), 1), y, text)
    if left.x >= 0:
        yield left
