"""How much slower many orders make each question. Pure: times come in, nothing goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.table import Table

#: With a hundred times the orders, what is promised takes at most so many times as long.
LIMIT = 1.3


@dataclass(frozen=True)
class Answered:
    """One question's times in milliseconds, and its statements to the database."""

    name: str
    promised: bool
    few: Sequence[float]
    many: Sequence[float]
    statements: int

    @property
    def ratio(self) -> float:
        return median(self.many) / median(self.few)

    @property
    def too_slow(self) -> bool:
        return self.ratio > LIMIT


def table_of(answers: Sequence[Answered], few: int, many: int) -> Table:
    table = Table(title=f"Milliseconds with {few:,} and with {many:,} orders, median")
    table.add_column("", no_wrap=True)
    for column in (f"{few:,}", f"{many:,}", "ratio", "SQL", ""):
        table.add_column(column, justify="right", no_wrap=True)
    for one in answers:
        table.add_row(
            f"{one.name} *" if one.promised else one.name,
            f"{median(one.few):.2f}",
            f"{median(one.many):.2f}",
            f"{one.ratio:.2f}",
            str(one.statements),
            f"over {LIMIT}" if one.too_slow else "",
        )
    table.caption = "* is promised"
    return table


def complaints(answers: Sequence[Answered]) -> list[str]:
    """What was promised and not kept."""
    return [
        f"{one.name}: {one.ratio:.2f} times as long"
        for one in answers
        if one.promised and one.too_slow
    ]
