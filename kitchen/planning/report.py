"""The plan in tables, for a terminal."""

from rich.console import Console
from rich.table import Table

from kitchen.planning.plan import Found, Setting


def show(found: Found, console: Console) -> None:
    console.print(zones_of(found))
    if found.overloaded:
        console.print(
            f"Now more comes to {' and '.join(found.overloaded)} than the cooks there can do: the "
            "line grows for as long as guests come.",
            highlight=False,
            soft_wrap=True,
        )
    console.print(waits_of(found))


def zones_of(found: Found) -> Table:
    """`work` is how many cooks it keeps busy."""
    table = Table(title=f"Cooks for {found.goal}")
    for head in ("zone", "work", "now", "busy", "needed", "busy"):
        table.add_column(head, justify="left" if head == "zone" else "right")
    for zone, work in found.work.items():
        table.add_row(
            zone,
            f"{work:.2f}",
            *(str(found.cooks_now[zone]), busy(found.now, zone)),
            *(str(found.needed.cooks[zone]), busy(found.needed, zone)),
        )
    return table


def waits_of(found: Found) -> Table:
    table = Table(title="How long guests wait, in minutes")
    for head in ("", "cooks", "p50", "p95"):
        table.add_column(head, justify="right" if head else "left")
    rows = {
        "now": found.now,
        "needed": found.needed,
        **{f"and one more at {zone}": setting for zone, setting in found.more.items()},
        "a stall of as many": found.stall,
    }
    for name, setting in rows.items():
        if setting:
            table.add_row(name, str(setting.people), minutes(setting, 0.5), minutes(setting, 0.95))
    return table


def busy(setting: Setting | None, zone: str) -> str:
    """Nothing for a kitchen whose line would only grow."""
    return f"{setting.utilisation[zone]:.0%}" if setting else "–"


def minutes(setting: Setting, share: float) -> str:
    return f"{setting.outcome.wait(share) / 60:.1f}"
