"""What guests order: from a file, or from what was cooked lately."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from kitchen.models import Ticket
from kitchen.planning.refusal import NotPlanned

#: So many of the last tickets are looked at.
LATEST = 20_000
EXAMPLE = """
[[order]]
weight = 2
lines = [{ item = "tom-yum" }, { item = "thai-tea", tray = 2, options = ["less-sweet"] }]
"""


@dataclass(frozen=True)
class Line:
    """One line of an order, whatever its quantity: it is cooked in one go."""

    item: str
    options: Sequence[str] = ()
    tray: int = 1


@dataclass(frozen=True)
class Written:
    """An order as it stands in the mix, and where, for who has to mend it."""

    lines: Sequence[Line]
    where: str
    weight: float = 1.0


@dataclass
class Remembered:
    """What tickets tell of one line."""

    item: str
    tray: int
    options: set[str] = field(default_factory=set)


def from_file(path: Path) -> list[Written]:
    """Raises NotPlanned."""
    try:
        found = tomllib.loads(path.read_text())
    except OSError as error:
        raise NotPlanned(
            f"{path} can't be read ({error.strerror}): name a file with --mix, or --mix history."
        ) from error
    except ValueError as error:
        raise NotPlanned(f"{path} is not TOML ({error}). So it could look:\n{EXAMPLE}") from error
    orders = found.get("order")
    if not (isinstance(orders, list) and orders and all(isinstance(one, dict) for one in orders)):
        raise NotPlanned(f"There is no [[order]] in {path}. So it could look:\n{EXAMPLE}")
    return [written(entry, f"{path}, order {n}") for n, entry in enumerate(orders, start=1)]


def written(entry: Mapping[str, Any], where: str) -> Written:
    refuse_others(entry, {"weight": (int, float), "lines": (list,)}, where)
    lines, weight = entry.get("lines", []), entry.get("weight", 1)
    if weight <= 0:
        raise NotPlanned(f"{where}: its weight is {weight}; give it one above 0, or leave it out.")
    if not lines:
        raise NotPlanned(f"{where}: it has no lines. So it could look:\n{EXAMPLE}")
    return Written(
        [line(one, f"{where}, line {n}") for n, one in enumerate(lines, 1)], where, weight
    )


def line(entry: Any, where: str) -> Line:
    if not isinstance(entry, dict) or "item" not in entry:
        raise NotPlanned(f'{where}: write {{ item = "…" }}, with an item of the menu.')
    refuse_others(entry, {"item": (str,), "options": (list,), "tray": (int,)}, where)
    options = entry.get("options", [])
    if not all(isinstance(option, str) for option in options):
        raise NotPlanned(f'{where}: write options = ["…"], with the codes of the item\'s options.')
    return Line(entry["item"], options, entry.get("tray", 1))


def refuse_others(
    entry: Mapping[str, Any], known: Mapping[str, tuple[type, ...]], where: str
) -> None:
    """Raises NotPlanned for a name or a type that nobody would look at."""
    for name, value in entry.items():
        if name not in known or type(value) not in known[name]:
            kinds = ", ".join(
                f"{one} ({' or '.join(kind.__name__ for kind in kinds)})"
                for one, kinds in known.items()
            )
            raise NotPlanned(f"{where}: {name} = {value!r} is not understood. It may have {kinds}.")


def from_history(since: datetime) -> list[Written]:
    """The orders of which something was cooked since then. Raises NotPlanned if there are none."""
    rows = (
        Ticket.objects.filter(done_at__gte=since)
        .order_by("-done_at")
        .values_list("tray__order_ref", "line_ref", "item", "tray__number", "options")[:LATEST]
    )
    orders = [
        Written(lines_of(row[1:] for row in of_order), f"order {ref}")
        for ref, of_order in groupby(sorted(rows, key=lambda row: row[:2]), lambda row: row[0])
    ]
    if not orders:
        raise NotPlanned(
            f"Nothing was cooked since {since:%Y-%m-%d}: look further back with --days, or write "
            "down in a file what guests order, and name it with --mix."
        )
    return orders


def lines_of(rows: Iterable[tuple[Any, ...]]) -> list[Line]:
    """The tickets of a line each know its item; those of its recipe also what was chosen."""
    lines: dict[Any, Remembered] = {}
    for ref, item, tray, options in rows:
        known = lines.setdefault(ref, Remembered(item, tray))
        known.options |= {option["code"] for option in options}
    return [Line(one.item, sorted(one.options), one.tray) for one in lines.values()]
