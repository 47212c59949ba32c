"""What stands on a chit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One chit, in words. `marks` are what a cook must know before all else: it is a reprint."""

    marks: Sequence[str]
    zone: str
    label: str
    tray: int
    quantity: int
    names: Sequence[str]
    options: Sequence[str]
    note: str
    way: str
    at: datetime
