"""How much slower many orders make each question. Pure: times come in, nothing goes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from bench.rush.report import percentile

#: With a hundred times the orders, what is promised takes at most so many times as long.
LIMIT = 1.3
#: What else the machine does only ever makes a time longer, so the faster ones tell more.
SHARE = 0.25


@dataclass(frozen=True)
class Answered:
    """One question's times in milliseconds, and its statements to the database."""

    name: str
    promised: bool
    few: Sequence[float]
    many: Sequence[float]
    statements: int

    @property
    def with_few(self) -> float:
        return percentile(self.few, SHARE) or 0.0

    @property
    def with_many(self) -> float:
        return percentile(self.many, SHARE) or 0.0

    @property
    def ratio(self) -> float:
        return self.with_many / self.with_few

    @property
    def too_slow(self) -> bool:
        return self.ratio > LIMIT


def table_of(answers: Sequence[Answered], few: int, many: int) -> Table:
    table = Table(title=f"Milliseconds with {few:,} and with {many:,} orders")
    table.add_column("", no_wrap=True)
    for column in (f"{few:,}", f"{many:,}", "ratio", "SQL"):
        table.add_column(column, justify="right", no_wrap=True)
    for one in answers:
        table.add_row(
            f"{one.name} *" if one.promised else one.name,
            f"{one.with_few:.2f}",
            f"{one.with_many:.2f}",
            f"{one.ratio:.2f}{'!' if one.too_slow else ' '}",
            str(one.statements),
        )
    table.caption = f"* promised, ! over {LIMIT}; a quarter of the times is shorter"
    return table


def complaints(answers: Sequence[Answered]) -> list[str]:
    """What was promised and not kept."""
    return [
        f"{one.name}: {one.ratio:.2f} times as long"
        for one in answers
        if one.promised and one.too_slow
    ]
