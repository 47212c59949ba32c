"""What a run has shown, in numbers: one flat record, as it is kept and printed."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from tests.chaos.evidence import Evidence
from tests.chaos.history import OK, UNKNOWN
from tests.chaos.rows import Event
from tests.chaos.rules_of_answers import ANSWERED_WITHIN, WAITING, limit_of
from tests.chaos.run import Outcome
from tests.chaos.steps import Step, recoveries_of, steps_of

KEPT, BROKEN, INVALID = "kept", "BROKEN", "INVALID"
FOUND, NOT_FOUND = "sabotage found", "SABOTAGE NOT FOUND"


@dataclass(frozen=True)
class Figures:
    """Times are seconds."""

    experiment: str
    title: str
    database: str
    seed: int
    sabotage: tuple[str, ...]
    verdict: str
    invalid: str | None
    violations: dict[str, int]
    #: Promises that had to be broken, for they were sabotaged, and were not.
    unbroken: list[str]
    examples: list[str]
    #: Of load; and what all of it took, from the start of the product to the judgement.
    seconds: float
    took: float
    hurried: bool
    guests: int
    callers: int
    orders: int
    accepted: int
    changes: int
    refires: int
    payments: int
    requests: int
    share_ok: float
    share_unknown: float
    late_but_busy: int
    busy_share: float
    faults: dict[str, int]
    #: By kind of fault: from a fault until what it held up has gone on, where it held something up.
    recoveries: dict[str, list[float]]
    steps_p50: float
    steps_p95: float
    healed_after: float | None
    unsettled: dict[str, int]
    replays: int
    told_again: int
    repairs: int
    notes: dict[str, object] = field(default_factory=dict)
    timeline: dict[str, list[list[float | str]]] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return self.verdict in (KEPT, FOUND)

    @property
    def command(self) -> str:
        """What repeats its plan: the same faults, orders and pauses."""
        return (
            f"./run chaos {self.experiment} --database {self.database} --seed {self.seed}"
            f" --seconds {self.seconds:g} --guests {self.guests}"
            f"{' --hurry' if self.hurried else ''}{' --sabotage' if self.sabotage else ''}"
        )

    @property
    def shows_something(self) -> bool:
        """Good or bad: another run of it may see more, and changes nothing of this."""
        return self.verdict not in (INVALID, NOT_FOUND)


def figures_of(outcome: Outcome) -> Figures:
    wish, evidence = outcome.wish, outcome.evidence
    calls = [call for call in evidence.history.calls if call.verb not in WAITING]
    history, steps = evidence.history, list(steps_of(evidence))
    # Times that a wrong clock has written tell nothing.
    clocks_are_true = not any("an hour" in name for name in wish.experiment.conditions)
    names = Counter(event.name for event in evidence.rows.events)
    return Figures(
        experiment=wish.experiment.name,
        title=wish.experiment.title,
        database=wish.database,
        seed=wish.seed,
        sabotage=wish.sabotage,
        verdict=verdict_of(outcome),
        invalid=outcome.invalid,
        violations=dict(Counter(violation.promise for violation in outcome.violations)),
        unbroken=sorted(outcome.unbroken),
        examples=examples_of(outcome),
        seconds=wish.seconds,
        took=round(outcome.took, 1),
        hurried=wish.hurried,
        guests=wish.load_or_usual.guests,
        callers=wish.load_or_usual.callers,
        orders=len(evidence.rows.orders),
        accepted=len({order for _, order in evidence.accepted_orders()}),
        changes=names["order.changed"],
        refires=names["line.refired"],
        payments=len(evidence.rows.payments),
        requests=len(calls),
        share_ok=share(sum(call.outcome == OK for call in calls), len(calls)),
        share_unknown=share(sum(call.outcome == UNKNOWN for call in calls), len(calls)),
        late_but_busy=sum(
            ANSWERED_WITHIN < (call.seconds or 0) <= limit_of(evidence, call) for call in calls
        ),
        busy_share=share_of_time(evidence, [*history.busy, *history.crowded]),
        faults=dict(Counter(fault.kind for fault in evidence.history.faults)),
        recoveries=recoveries_of(evidence, steps) if clocks_are_true else {},
        steps_p50=round(percentile([step.seconds for step in steps], 0.5), 3),
        steps_p95=round(percentile([step.seconds for step in steps], 0.95), 3),
        healed_after=outcome.healed_after and round(outcome.healed_after, 1),
        unsettled=outcome.unsettled,
        replays=sum(bool(call.answer.get("replayed")) for call in calls),
        told_again=sum(max(0, event.tellings - 1) for event in evidence.rows.events),
        repairs=names["tray.repaired"],
        notes=outcome.notes,
        timeline={} if wish.sabotaged else timeline_of(outcome, steps),
    )


def verdict_of(outcome: Outcome) -> str:
    if outcome.wish.sabotaged:
        return FOUND if outcome.is_as_wished else NOT_FOUND
    if outcome.violations:
        return BROKEN
    return KEPT if outcome.invalid is None else INVALID


def examples_of(outcome: Outcome) -> list[str]:
    """A few of the violations, each promise in its turn."""
    seen: Counter[str] = Counter()
    found = []
    for violation in outcome.violations:
        seen[violation.promise] += 1
        if seen[violation.promise] <= 3:
            found.append(f"{violation.promise}: {violation.how}")
    return found


def share_of_time(evidence: Evidence, times: Sequence[tuple[float, float]]) -> float:
    """Of the time in which somebody asked for something."""
    asked = [call.began for call in evidence.history.calls]
    whole = max(asked) - min(asked) if asked else 0.0
    return round(min(1.0, sum(end - began for began, end in times) / whole), 2) if whole else 0.0


def share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def percentile(values: Sequence[float], which: float) -> float:
    """The nearest rank; 0 of nothing."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(which * len(values)) - 1)]


def timeline_of(outcome: Outcome, steps: Sequence[Step]) -> dict[str, list[list[float | str]]]:
    """What the picture shows, in seconds since the run began."""
    evidence, zero = outcome.evidence, outcome.began

    def since(at: float) -> float:
        return round(at - zero, 2)

    ends: dict[str, Event] = {}
    for event in evidence.rows.events:
        if event.name in ("order.ready", "order.cancelled"):
            ends[event.order] = event
    begun = {e.order: e.at for e in evidence.rows.events if e.name == "order.placed"}
    return {
        "faults": [[f.kind, since(f.began), since(f.ended)] for f in evidence.history.faults],
        "orders": [
            [since(at), since(ends[order].at) if order in ends else -1.0, ends[order].name]
            if order in ends
            else [since(at), -1.0, "open"]
            for order, at in begun.items()
        ],
        "steps": [[s.kind, since(s.asked), since(s.done)] for s in steps if s.seconds > 1.0],
        "unknown": [
            [since(call.began), call.seconds or 0.0]
            for call in evidence.history.calls
            if call.outcome == UNKNOWN and call.verb not in WAITING
        ],
    }


def as_json(figures: Figures) -> dict[str, object]:
    return asdict(figures)
