"""What was predicted and what was measured, beside each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

#: Of what was measured.
GOAL = 0.15


@dataclass(frozen=True)
class Seen:
    """Waits in the kitchen's minutes, and how busy each zone was."""

    p50: float
    p95: float
    utilisation: Mapping[str, float]


@dataclass(frozen=True)
class Compared:
    """`machine`: what news and presses took, in seconds on the wall."""

    setting: str
    machine: Mapping[str, float]
    predicted: Seen
    measured: Seen

    def rows(self) -> list[tuple[str, float, float]]:
        """What, predicted, measured."""
        one, other = self.predicted, self.measured
        busy = [
            (f"busy {z}, %", 100 * one.utilisation[z], 100 * other.utilisation[z])
            for z in other.utilisation
        ]
        return [("wait p50, min", one.p50, other.p50), ("wait p95, min", one.p95, other.p95), *busy]


def table_of(found: Sequence[Compared]) -> Table:
    table = Table(title=f"The planner beside the rush (goal: within {GOAL:.0%})")
    for head in ("", "predicted", "measured", "error"):
        table.add_column(head, justify="right" if head else "left")
    for compared in found:
        table.add_section()
        table.add_row(compared.setting)
        for name, seconds in compared.machine.items():
            table.add_row(f"  told: {name}, s", "", f"{seconds:.2f}")
        for what, predicted, measured in compared.rows():
            error = f"{predicted / measured - 1:+.0%}" if measured else "–"
            table.add_row(f"  {what}", f"{predicted:.1f}", f"{measured:.1f}", error)
    return table
