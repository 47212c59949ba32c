"""What an event is. Apps declare theirs in their `events.py`."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar
from uuid import UUID

#: Every declared event by its name.
DECLARED: dict[str, type["Event"]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense, about one order.

    A subclass is declared with its name, `class TrayReady(Event, name="tray.ready")`, as a frozen
    dataclass; its fields are what hearers are told, as JSON. Without a name it is only a base.
    """

    name: ClassVar[str]
    order_ref: UUID

    def __init_subclass__(cls, *, name: str = "") -> None:
        super().__init_subclass__()
        if name:
            cls.name = name
            DECLARED[name] = cls

    @classmethod
    def told(cls) -> list[str]:
        """The names of what a hearer is told."""
        return [field.name for field in fields(cls)]

    def as_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.told()}
