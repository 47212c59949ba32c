"""What is said of the runs: nothing that they have not shown."""

import argparse
from dataclasses import replace
from typing import Any

import pytest

from restaurant.run.refusal import Refusal
from tests.chaos.__main__ import chosen, parser, wishes
from tests.chaos.experiments import EXPERIMENTS
from tests.chaos.figures import Figures, Step, recoveries_of
from tests.chaos.history import Fault, History
from tests.chaos.page import page_of
from tests.chaos.report import at_most, recovery, seen, totals_of
from tests.chaos.rows import Rows

LATE = "every request is answered within 5 s"


def a_run(**more: Any) -> Figures:
    run = Figures(
        experiment="E01-workers",
        title="kill -9",
        database="sqlite",
        seed=1,
        sabotage=(),
        verdict="kept",
        invalid=None,
        violations={},
        examples=[],
        seconds=20.0,
        orders=110,
        accepted=100,
        requests=1000,
        share_ok=0.9,
        share_unknown=0.01,
        late_but_busy=0,
        busy_share=0.0,
        faults={"kill worker1": 3},
        recoveries=[1.0, 2.0, 9.0],
        steps_p50=0.1,
        steps_p95=1.0,
        healed_after=12.0,
        unsettled={},
        replays=5,
        told_again=7,
        repairs=1,
        timeline={
            "faults": [["kill worker1", 1.0, 2.0]],
            "orders": [[0.5, 3.0, "order.ready"], [0.7, -1.0, "open"]],
            "steps": [["plate", 1.0, 3.0]],
            "unknown": [[1.5, 0.1]],
        },
    )
    return replace(run, **more)


def test_nothing_seen_in_many_trials_is_not_never() -> None:
    assert at_most(3000) == "0 of 3,000 (≤ 0.001 at 95 %)"
    assert seen(0, 0) == "0 of 0"
    assert seen(2, 3000) == "2 of 3,000"


def test_recovery_is_told_by_its_middle_its_end_and_its_worst() -> None:
    assert recovery([1.0, 2.0, 3.0, 4.0]) == "2.0 / 4.0 / 4.0"
    assert recovery([]) == "-"


def test_only_runs_without_sabotage_count_for_the_promises() -> None:
    broken = {LATE: 2, "the portions add up": 1}
    sabotaged = a_run(sabotage=("x",), verdict="sabotage found", violations=broken)
    missed = replace(sabotaged, verdict="SABOTAGE NOT FOUND")
    totals = totals_of([a_run(), a_run(violations={LATE: 1}), sabotaged, missed])
    assert totals["orders taken"] == "200"
    assert totals["faults"] == "6"
    assert totals["broken promises"] == "0 of 200 (≤ 0.015 at 95 %) orders"
    assert totals["late or wrong answers"] == "1 of 2,000 requests"
    assert totals["sabotages found"] == "1 of 2"


def test_a_fault_has_healed_when_the_last_step_that_it_held_up_is_done() -> None:
    evidence = argparse.Namespace(history=History(faults=[Fault("x", 10.0, 11.0)]), rows=Rows())
    steps = [
        Step("open", 5.0, 9.0),  # done before it
        Step("plate", 9.0, 13.0),
        Step("open", 11.2, 14.5),
        Step("open", 12.0, 20.0),  # asked for later
    ]
    assert list(recoveries_of(evidence, steps)) == [4.5]  # type: ignore[arg-type]
    assert list(recoveries_of(evidence, steps[:1])) == []  # type: ignore[arg-type]


def test_the_page_shows_each_run_and_escapes_what_it_shows() -> None:
    page = page_of([a_run(examples=["<script>"])], "./run chaos")
    assert page.count("<svg") == 1
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_an_experiment_is_named_by_the_beginning_of_its_name() -> None:
    assert [e.name for e in chosen(["E14"])] == ["E14-double-tap"]
    assert chosen(["all"]) == list(EXPERIMENTS.values())
    with pytest.raises(Refusal, match="no experiment 'E99'"):
        chosen(["E99"])


def test_each_run_has_its_seed_and_what_needs_postgresql_is_run_there_alone() -> None:
    given = parser().parse_args(["E11", "--database", "both", "--seed", "7", "--prove"])
    assert [(w.experiment.name, w.database, w.seed, w.sabotaged) for w in wishes(given)] == [
        ("E11-locked", "sqlite", 7, False),
        ("E11-locked", "sqlite", 7, True),
        ("E11-locked", "postgres", 8, False),
        ("E11-locked", "postgres", 8, True),
        ("E11-cut", "postgres", 9, False),
        ("E11-cut", "postgres", 9, True),
    ]
