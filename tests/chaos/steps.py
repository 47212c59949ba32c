"""What the house did by itself, and how long faults have held it up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.chaos.evidence import Evidence

#: A step of the house that begins so many seconds after a fault is still disturbed by it.
STILL_DISTURBED = 0.5


@dataclass(frozen=True)
class Step:
    """Something the house owed, without any person: asked for, and done."""

    kind: str
    asked: float
    done: float

    @property
    def seconds(self) -> float:
        return self.done - self.asked


def steps_of(evidence: Evidence) -> Iterator[Step]:
    """What processes did by themselves: opened an order, plated a tray, made an order ready."""
    placed: dict[str, float] = {}
    finished: dict[str, float] = {}
    all_ready: dict[str, float] = {}
    opened: dict[str, float] = {}
    for tray in evidence.rows.trays:
        opened[tray.order] = min(tray.opened, opened.get(tray.order, tray.opened))
    for event in evidence.rows.events:
        match event.name:
            case "order.placed":
                placed[event.order] = event.at
            case "ticket.done" | "ticket.stopped" | "ticket.voided":
                finished[event.data["tray_ref"]] = event.at
            case "tray.ready" if event.data["tray_ref"] in finished:
                yield Step("plate", finished.pop(event.data["tray_ref"]), event.at)
            case "trays.ready":
                all_ready[event.order] = event.at
            case "order.ready" if event.order in all_ready:
                yield Step("make ready", all_ready.pop(event.order), event.at)
    for order, at in placed.items():
        if order in opened:
            yield Step("open", at, opened[order])


def recoveries_of(evidence: Evidence, steps: Sequence[Step]) -> dict[str, list[float]]:
    """For each fault the time until the last step that it could hold up was done, by its kind.

    A fault that comes while another one heals counts for both.
    """
    recoveries: dict[str, list[float]] = {}
    for fault in evidence.history.faults:
        held_up = [
            step.done
            for step in steps
            if step.asked <= fault.ended + STILL_DISTURBED and step.done >= fault.began
        ]
        if held_up:
            recoveries.setdefault(fault.kind, []).append(round(max(held_up) - fault.began, 2))
    return recoveries
