"""The workload "one order": two trays, each with a dish of two steps and a drink; six tickets."""

from typing import Any
from uuid import uuid4

LINES: list[dict[str, Any]] = [
    {"item": "tom-yum", "quantity": 1, "tray": 1},
    {"item": "thai-tea", "quantity": 1, "tray": 1},
    {"item": "rat-na", "quantity": 1, "tray": 2},
    {"item": "oliang", "quantity": 1, "tray": 2},
]


def one_order() -> dict[str, Any]:
    """The body of POST orders/."""
    return {"channel": "dine_in", "table": "A3", "client_ref": uuid4().hex, "lines": LINES}
