"""The figures of the runs, side by side, and how they stand to each other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.cost.meter import Usage
from bench.cost.told import Told
from bench.rush.report import percentile

#: The processes in the order of the columns; a worker of any number is `workers`.
PROCESSES = ("driver", "web", "relay", "workers", "redis", "postgres")


@dataclass(frozen=True)
class Run:
    """One run of one kind, `orders` orders long."""

    name: str
    database: str
    orders: int
    told: Told
    usage: Usage

    def cpu(self, process: str) -> float:
        """Milliseconds of CPU time per order."""
        if process == "driver":
            return self.told.cpu / self.orders * 1000
        of_it = [s for name, s in self.usage.cpu.items() if process_of(name) == process]
        return sum(of_it) / self.orders * 1000

    @property
    def all_cpu(self) -> float:
        return sum(map(self.cpu, PROCESSES))


def process_of(name: str) -> str:
    """The column of a process."""
    if name.startswith("worker"):
        return "workers"
    return "web" if name == "bare" else name


@dataclass(frozen=True)
class Figure:
    """A column: its head, its value of one run, and the digits shown."""

    head: str
    value: Callable[[Run], float]
    digits: int = 1


FIGURES = [
    Figure("CPU ms/order", lambda run: run.all_cpu),
    Figure("orders/s", lambda run: run.orders / run.told.seconds),
    Figure("p50 ms", lambda run: percentile(run.told.milliseconds, 0.5) or 0, 0),
    Figure("p99 ms", lambda run: percentile(run.told.milliseconds, 0.99) or 0, 0),
    Figure("messages", lambda run: run.usage.messages / run.orders),
    Figure("Redis cmds", lambda run: run.usage.redis_commands / run.orders, 0),
    Figure("write tx", lambda run: run.usage.write_transactions / run.orders),
    *(Figure(name, lambda run, name=name: run.cpu(name)) for name in PROCESSES),  # type: ignore[misc]
]

#: What DESIGN asks for: of the first, at most so many times the second.
GOALS = [
    (("engine", "postgres"), ("floor", "none"), 1.5),
    (("POST", "postgres"), ("bare", "postgres"), 0.8),
]


def show(runs: Sequence[Run], console: Console) -> None:
    kinds = list(dict.fromkeys((run.name, run.database) for run in runs))
    table = Table(box=None, pad_edge=False)
    for head in ("run", *(figure.head for figure in FIGURES)):
        table.add_column(head, justify="left" if head == "run" else "right")
    for kind in kinds:
        cells = [in_words(figure, of_kind(runs, kind)) for figure in FIGURES]
        table.add_row(" ".join(kind).removesuffix(" none"), *cells)
    console.print(table)
    for kind, beside, limit in GOALS:
        if kind in kinds and beside in kinds:
            console.print(ratio_in_words(runs, kind, beside, limit), highlight=False)


def of_kind(runs: Iterable[Run], kind: tuple[str, str]) -> list[Run]:
    return [run for run in runs if (run.name, run.database) == kind]


def in_words(figure: Figure, runs: Sequence[Run]) -> str:
    """The median; of the CPU time also the least and the most."""
    values = [figure.value(run) for run in runs]
    said = f"{median(values):.{figure.digits}f}"
    if figure is FIGURES[0] and len(values) > 1:
        said += f" ({min(values):.0f}-{max(values):.0f})"
    return said


def ratio_in_words(
    runs: Sequence[Run], kind: tuple[str, str], beside: tuple[str, str], limit: float
) -> str:
    one, other = (median(run.all_cpu for run in of_kind(runs, k)) for k in (kind, beside))
    return (
        f"{' '.join(kind)} is {one / other:.2f} times {' '.join(beside).removesuffix(' none')} "
        f"(goal: at most {limit:g})"
    )
