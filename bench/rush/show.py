"""What is seen while the rush runs: bars on a terminal, plain lines elsewhere."""

import asyncio
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.rush.record import Record

#: Seconds between two looks at the record.
FOR_BARS = 0.2
FOR_LINES = 5.0


async def show(record: Record, console: Console) -> None:
    """Runs until it is cancelled; its last word is how things stand then."""
    if console.is_terminal:
        await show_bars(record, console)
    else:
        await show_lines(record, console)


async def show_bars(record: Record, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bars:
        tasks = {name: bars.add_task(name) for name in standing(record)}
        try:
            while True:
                update(bars, tasks, record)
                await asyncio.sleep(FOR_BARS)
        finally:
            update(bars, tasks, record)


def update(bars: Progress, tasks: dict[str, Any], record: Record) -> None:
    for name, (done, total) in standing(record).items():
        bars.update(tasks[name], completed=done, total=total)


async def show_lines(record: Record, console: Console) -> None:
    said = ""
    try:
        while True:
            said = say(record, console, said)
            await asyncio.sleep(FOR_LINES)
    finally:
        say(record, console, said)


def say(record: Record, console: Console, said: str) -> str:
    """A line of where things stand, unless it was said already."""
    line = ", ".join(f"{done}/{total} {name}" for name, (done, total) in standing(record).items())
    if line != said:
        console.print(line, highlight=False, soft_wrap=True)
    return line


def standing(record: Record) -> dict[str, tuple[int, int]]:
    """Done and total; refused orders count as come to an end."""
    placed, refused = len(record.orders), record.refused.total()
    return {
        "placed": (placed, record.wanted - refused),
        "tickets done": (len(record.done_tickets()), record.expected_tickets()),
        "ready": (len(record.ready_orders()), record.wanted - refused),
    }
