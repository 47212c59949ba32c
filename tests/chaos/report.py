"""All runs of a folder together: a table for the screen, the totals, and both as Markdown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table

from tests.chaos.figures import INVALID, Figures, percentile

LATE = "every request is answered within 5 s"
#: Kinds of faults, by the beginnings of their names. A Redis that is away was killed.
KILLS = ("kill ", "crash at ", "redis away", "redis loses its data")
REDIS_EMPTIED = ("flush redis", "redis loses its data")
REDIS_LOST = (*REDIS_EMPTIED, "redis away", "kill redis")
DATABASE_AWAY = ("database locked", "connections terminated", "postgres crashes", "disk full")


def at_most(trials: int) -> str:
    """What may be said after N trials without a fault: the rule of three."""
    return f"0 of {trials:,} (≤ {3 / trials:.2g} at 95 %)" if trials else "0 of 0"


def seen(broken: int, trials: int) -> str:
    return f"{broken:,} of {trials:,}" if broken else at_most(trials)


COLUMNS = (
    *("experiment", "database", "seed", "verdict", "faults", "orders", "requests", "unknown"),
    *("replays", "told again", "mended", "recovery s (p50 / p95 / max)", "healed s"),
)
IN_WORDS = 4


def cells_of(run: Figures) -> tuple[str, ...]:
    return (
        *(run.experiment, run.database, str(run.seed), run.verdict),
        *(str(sum(run.faults.values())), str(run.orders), str(run.requests)),
        *(f"{run.share_unknown:.1%}", str(run.replays), str(run.told_again), str(run.repairs)),
        recovery(all_recoveries([run])),
        "-" if run.healed_after is None else f"{run.healed_after:.0f}",
    )


def table_of(runs: Sequence[Figures]) -> Table:
    """A line for each run."""
    table = Table(title="Chaos", title_justify="left")
    for place, name in enumerate(COLUMNS):
        table.add_column(name, justify="left" if place < IN_WORDS else "right", no_wrap=True)
    for run in runs:
        colour = "green" if run.is_good else "red bold"
        cells = list(cells_of(run))
        cells[IN_WORDS - 1] = f"[{colour}]{run.verdict}[/]"
        table.add_row(*cells)
    return table


def as_markdown(runs: Sequence[Figures], command: str) -> str:
    """The totals, the faults, and a line for each run with the seed that repeats it."""
    lines = ["# Chaos: a report", "", f"Made by `{command}`.", ""]
    lines += row_by_row(("all runs", ""), totals_of(runs).items())
    lines += row_by_row(("fault", "times"), [(k, str(n)) for k, n in faults_of(runs).items()])
    repeated = ((*cells_of(run), f"`{run.command}`") for run in runs)
    lines += row_by_row((*COLUMNS, "to repeat its plan"), repeated)
    return "\n".join(lines)


def row_by_row(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    table = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in table] + [""]


def all_recoveries(runs: Sequence[Figures], *kinds: str) -> list[float]:
    """After faults of these kinds, told by the beginnings of their names; without any, of all."""
    return [
        seconds
        for run in runs
        for kind, recoveries in run.recoveries.items()
        if kind.startswith(kinds or "")
        for seconds in recoveries
    ]


def recovery(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    p50, p95 = percentile(seconds, 0.5), percentile(seconds, 0.95)
    return f"{p50:.1f} / {p95:.1f} / {max(seconds):.1f}"


def times(faults: Mapping[str, int], *kinds: str) -> int:
    """How often faults of these kinds were done; one that kills two at once counts twice."""
    return sum(
        number * (1 + kind.count("+")) for kind, number in faults.items() if kind.startswith(kinds)
    )


def totals_of(runs: Sequence[Figures]) -> dict[str, str]:
    """What all honest runs show together, and how many sabotages were found."""
    honest = [run for run in runs if not run.sabotage]
    orders = sum(run.accepted for run in honest)
    requests = sum(run.requests for run in honest)
    violations = Counter[str]()
    for run in honest:
        violations.update(run.violations)
    faults = faults_of(honest)
    unknown = sum(run.share_unknown * run.requests for run in honest)
    broken = sum(violations.values()) - violations[LATE]
    load = sum(run.seconds for run in honest)
    busy = sum(run.busy_share * run.seconds for run in honest)
    return {
        "runs": f"{len(honest)}, of which invalid {sum(r.verdict == INVALID for r in honest)}",
        "minutes, of load and of all": f"{load / 60:.0f} and"
        f" {sum(run.took for run in runs) / 60:.0f}",
        "callers at once, at most": str(max((run.callers for run in honest), default=0)),
        "orders taken": f"{orders:,}",
        "changes, refires, payments": f"{sum(run.changes for run in honest):,},"
        f" {sum(run.refires for run in honest):,}, {sum(run.payments for run in honest):,}",
        "faults": f"{sum(faults.values()):,}",
        "processes killed": f"{times(faults, *KILLS):,}",
        "Redis restarted or flushed": f"{times(faults, *REDIS_LOST):,}",
        "database interrupted": f"{times(faults, *DATABASE_AWAY):,}",
        "broken promises": seen(broken, orders) + " orders",
        "late or wrong answers": seen(violations[LATE], requests) + " requests",
        "late, while the machine had no time": f"{sum(run.late_but_busy for run in honest):,}",
        "time in which it had none": f"{busy / load:.0%}" if load else "-",
        "answers unknown": f"{unknown / requests:.2%}" if requests else "-",
        "recovery s, p50 / p95 / max": recovery(all_recoveries(honest)),
        "… after kill -9 of a worker": recovery(all_recoveries(honest, "kill worker")),
        "… after Redis was flushed or lost": recovery(all_recoveries(honest, *REDIS_EMPTIED)),
        "duplicates absorbed": f"{sum(r.replays for r in honest):,} replays,"
        f" {sum(r.told_again for r in honest):,} events told again",
        "sabotages found": found(runs),
    }


def found(runs: Sequence[Figures]) -> str:
    """Of as many as were tried; one may have needed several tries."""
    tried = {(run.experiment, run.database): False for run in runs if run.sabotage}
    for run in runs:
        if run.sabotage and run.is_good:
            tried[run.experiment, run.database] = True
    tries = sum(bool(run.sabotage) for run in runs)
    return f"{sum(tried.values())} of {len(tried)}, in {tries} tries"


def faults_of(runs: Sequence[Figures]) -> dict[str, int]:
    """By kind, the most frequent first."""
    faults = Counter[str]()
    for run in runs:
        if not run.sabotage:
            faults.update(run.faults)
    return dict(faults.most_common())
