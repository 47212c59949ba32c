"""Several kitchens, or several numbers of cooks, beside each other: a table and a picture."""

from collections.abc import Sequence

from rich.table import Table

from bench.rush.options import COUNTER, ZONES
from bench.rush.report import Figures, in_minutes, shown
from restaurant.charts import bars, lines, page


def table_of_kitchens(found: Sequence[Figures]) -> Table:
    """Times are the kitchen's minutes."""
    table = Table(title="The same guests in each kitchen")
    heads = ("kitchen", "people", "dishes/h", "wait p50", "p95", "how busy", "narrowest")
    for head in heads:
        table.add_column(head, justify="left" if head in (heads[0], *heads[-2:]) else "right")
    for figures in found:
        table.add_row(
            kitchen_of(figures),
            str(people_in(figures)),
            shown(figures.dishes_per_hour),
            *in_minutes(figures.wait_seconds, figures.speed),
            busy(figures),
            narrowest(figures),
        )
    return table


def kitchen_of(figures: Figures) -> str:
    return COUNTER if COUNTER in figures.staff else ZONES


def people_in(figures: Figures) -> int:
    return sum(figures.staff.values())


def busy(figures: Figures) -> str:
    ordered = sorted(figures.utilisation.items(), key=lambda zone: -zone[1])
    return ", ".join(f"{zone} {share:.0%}" for zone, share in ordered)


def narrowest(figures: Figures) -> str:
    """Where everything else waits."""
    return max(figures.utilisation, key=figures.utilisation.__getitem__, default="–")


def picture_of(found: Sequence[Figures]) -> str:
    """SVG: what each number of people brings, and which zone is full."""
    kitchens = {name: of_kitchen(found, name) for name in (COUNTER, ZONES)}
    there = {name: runs for name, runs in kitchens.items() if runs}
    dishes = {
        name: [(people_in(r), r.dishes_per_hour or 0.0) for r in there[name]] for name in there
    }
    waits = {
        f"{name} p{share}": [(people_in(run), wait_of(run, share)) for run in runs]
        for share in (50, 95)
        for name, runs in there.items()
    }
    zones = {
        f"{people_in(run)} cooks": {zone: 100 * share for zone, share in run.utilisation.items()}
        for run in kitchens[ZONES]
    }
    panels = [
        lines("Dishes per hour", dishes, across="people", up=""),
        lines("How long guests wait", waits, across="people", up="minutes"),
    ]
    if zones:
        panels.append(bars("How busy the zones are", zones, up="%"))
    return page("The same guests in each kitchen", panels)


def of_kitchen(found: Sequence[Figures], name: str) -> list[Figures]:
    runs = [figures for figures in found if kitchen_of(figures) == name]
    return sorted(runs, key=people_in)


def wait_of(figures: Figures, share: int) -> float:
    wall = figures.wait_seconds.p50 if share == 50 else figures.wait_seconds.p95
    return (wall or 0.0) * figures.speed / 60
