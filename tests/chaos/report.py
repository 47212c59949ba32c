"""All runs of a folder together: a table for the screen, and the totals."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table

from tests.chaos.figures import Figures, percentile


def at_most(trials: int) -> str:
    """What may be said after N trials without a fault: the rule of three."""
    return f"0 of {trials:,} (≤ {3 / trials:.2g} at 95 %)" if trials else "0 of 0"


def seen(broken: int, trials: int) -> str:
    return f"{broken:,} of {trials:,}" if broken else at_most(trials)


def table_of(runs: Sequence[Figures]) -> Table:
    """A line for each run."""
    table = Table(title="Chaos", title_justify="left")
    for name in ("experiment", "database", "seed", "verdict"):
        table.add_column(name, no_wrap=True)
    for name in ("faults", "orders", "requests", "unknown", "replays", "told again", "mended"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("recovery s (p50 / p95 / max)", justify="right", no_wrap=True)
    table.add_column("healed s", justify="right", no_wrap=True)
    for run in runs:
        table.add_row(
            run.experiment,
            run.database,
            str(run.seed),
            f"[{'green' if is_good(run) else 'red bold'}]{run.verdict}[/]",
            str(sum(run.faults.values())),
            str(run.orders),
            str(run.requests),
            f"{run.share_unknown:.1%}",
            str(run.replays),
            str(run.told_again),
            str(run.repairs),
            recovery(run.recoveries),
            "-" if run.healed_after is None else f"{run.healed_after:.0f}",
        )
    return table


def is_good(run: Figures) -> bool:
    return run.verdict in ("kept", "sabotage found")


def recovery(seconds: Sequence[float]) -> str:
    if not seconds:
        return "-"
    p50, p95 = percentile(seconds, 0.5), percentile(seconds, 0.95)
    return f"{p50:.1f} / {p95:.1f} / {max(seconds):.1f}"


def totals_of(runs: Sequence[Figures]) -> dict[str, str]:
    """What all honest runs show together, and how many sabotages were found."""
    honest = [run for run in runs if not run.sabotage]
    sabotaged = [run for run in runs if run.sabotage]
    found = sum(is_good(run) for run in sabotaged)
    orders = sum(run.accepted for run in honest)
    requests = sum(run.requests for run in honest)
    violations = Counter[str]()
    for run in honest:
        violations.update(run.violations)
    faults = Counter[str]()
    for run in honest:
        faults.update(run.faults)
    recoveries = [seconds for run in honest for seconds in run.recoveries]
    late = "every request is answered within 5 s"
    unknown = sum(run.share_unknown * run.requests for run in honest)
    broken = sum(violations.values()) - violations[late]
    return {
        "runs": f"{len(honest)}, of which invalid {sum(r.verdict == 'INVALID' for r in honest)}",
        "orders taken": f"{orders:,}",
        "faults": f"{sum(faults.values()):,}",
        "broken promises": seen(broken, orders) + " orders",
        "late or wrong answers": seen(violations[late], requests) + " requests",
        "answers unknown": f"{unknown / requests:.2%}" if requests else "-",
        "recovery s, p50 / p95 / max": recovery(recoveries),
        "duplicates absorbed": f"{sum(r.replays for r in honest):,} replays,"
        f" {sum(r.told_again for r in honest):,} events told again",
        "sabotages found": f"{found} of {len(sabotaged)}",
    }


def faults_of(runs: Sequence[Figures]) -> dict[str, int]:
    """By kind, the most frequent first."""
    faults = Counter[str]()
    for run in runs:
        if not run.sabotage:
            faults.update(run.faults)
    return dict(faults.most_common())
