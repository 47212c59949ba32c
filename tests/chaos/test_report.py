"""What is said of the runs: nothing that they have not shown."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from restaurant.run.refusal import Refusal
from tests.chaos.__main__ import understood
from tests.chaos.experiments import EXPERIMENTS
from tests.chaos.figures import Figures
from tests.chaos.history import Fault, History
from tests.chaos.page import page_of
from tests.chaos.report import as_markdown, at_most, recovery, seen, totals_of
from tests.chaos.rounds import chosen, entries, is_all_kept, wishes
from tests.chaos.rows import Event, Rows
from tests.chaos.steps import Step, recoveries_of, steps_of

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
        unbroken=[],
        examples=[],
        seconds=20.0,
        took=45.0,
        hurried=True,
        guests=6,
        callers=12,
        orders=110,
        accepted=100,
        changes=20,
        refires=3,
        payments=40,
        requests=1000,
        share_ok=0.9,
        share_unknown=0.01,
        late_but_busy=0,
        busy_share=0.0,
        faults={"kill worker1": 2, "kill worker1+worker2": 1, "flush redis": 1},
        recoveries={"kill worker1": [1.0, 2.0, 9.0], "flush redis": [11.0]},
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
    assert totals["faults"] == "8"
    assert totals["processes killed"] == "8"
    assert totals["Redis restarted or flushed"] == "2"
    assert totals["database interrupted"] == "0"
    assert totals["broken promises"] == "0 of 200 (≤ 0.015 at 95 %) orders"
    assert totals["late or wrong answers"] == "1 of 2,000 requests"
    assert totals["… after kill -9 of a worker"] == "2.0 / 9.0 / 9.0"
    assert totals["… after Redis was flushed or lost"] == "11.0 / 11.0 / 11.0"
    assert totals["sabotages found"] == "1 of 1, in 2 tries"


def test_a_fault_has_healed_when_the_last_step_that_it_held_up_is_done() -> None:
    evidence = argparse.Namespace(history=History(faults=[Fault("x", 10.0, 11.0)]), rows=Rows())
    steps = [
        Step("open", 5.0, 9.0),  # done before it
        Step("plate", 9.0, 13.0),
        Step("open", 11.2, 14.5),
        Step("open", 12.0, 20.0),  # asked for later
    ]
    assert recoveries_of(evidence, steps) == {"x": [4.5]}  # type: ignore[arg-type]
    assert recoveries_of(evidence, steps[:1]) == {}  # type: ignore[arg-type]


def test_a_tray_is_to_be_plated_when_the_last_of_it_is_done_or_not_wanted_any_more() -> None:
    told = {1: "ticket.done", 5: "ticket.voided", 6: "tray.ready", 9: "ticket.done"}
    events = [
        Event(at, name, "order-1", {"tray_ref": "tray-1"}, float(at), sent=True, settled=True)
        for at, name in told.items()
    ]
    evidence = argparse.Namespace(rows=Rows(events=events))
    assert list(steps_of(evidence)) == [Step("plate", 5.0, 6.0)]  # type: ignore[arg-type]


def test_the_page_shows_each_run_and_escapes_what_it_shows() -> None:
    page = page_of([a_run(examples=["<script>"])], "./run chaos")
    assert page.count("<svg") == 1
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_an_experiment_is_named_by_the_beginning_of_its_name() -> None:
    assert [e.name for e in chosen(["E14-d"])] == ["E14-double-tap"]
    assert chosen(["all"]) == list(EXPERIMENTS.values())
    with pytest.raises(Refusal, match="no experiment 'E99'"):
        chosen(["E99"])


def test_a_report_names_each_run_and_the_seed_that_repeats_it() -> None:
    said = as_markdown([a_run(seed=77)], "./run chaos --minutes 60")
    assert "Made by `./run chaos --minutes 60`." in said
    assert "| E01-workers | sqlite | 77 | kept | 4 | 110 |" in said
    again = "E01-workers --database sqlite --seed 77 --seconds 20 --guests 6 --hurry"
    assert f"| `./run chaos {again}` |" in said
    repeated = next(wishes(understood(again.split()), list))
    assert (repeated.seed, repeated.seconds, repeated.hurried) == (77, 20.0, True)
    assert repeated.load == EXPERIMENTS["E01-workers"].load


ONCE = ["E11", "--database", "both", "--seed", "7", "--prove"]


class Sitting:
    """What is kept of the runs, each of which lasts 45 s; `verdicts` of the first ones."""

    def __init__(self, words: list[str], *verdicts: str) -> None:
        self.given = understood(words)
        self.verdicts = list(verdicts)
        self.runs: list[Figures] = []

    def go_on(self, most: int = 1000) -> list[tuple[str, str, bool, int]]:
        done = []
        for wish in wishes(self.given, lambda: self.runs):
            done.append((wish.experiment.name, wish.database, wish.sabotaged, wish.seed))
            good = "sabotage found" if wish.sabotaged else "kept"
            names = {"experiment": wish.experiment.name, "database": wish.database}
            verdict = self.verdicts.pop(0) if self.verdicts else good
            if verdict != "could not be run":
                run = a_run(**names, seed=wish.seed, sabotage=wish.sabotage, verdict=verdict)
                self.runs.append(run)
            if len(done) == most:
                break
        return done

    @property
    def is_kept(self) -> bool:
        return is_all_kept(entries(self.given), self.runs)


@pytest.fixture(autouse=True)
def postgres_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.chaos.__main__.find_postgres", lambda: Path("/there"))


def test_each_run_has_its_seed_and_what_needs_postgresql_is_run_there_alone() -> None:
    assert Sitting(ONCE).go_on() == [
        ("E11-locked", "sqlite", False, 7),
        ("E11-locked", "sqlite", True, 8),
        ("E11-locked", "postgres", False, 9),
        ("E11-locked", "postgres", True, 10),
        ("E11-cut", "postgres", False, 11),
        ("E11-cut", "postgres", True, 12),
    ]


def test_whoever_is_interrupted_goes_on() -> None:
    whole, parts = Sitting(ONCE), Sitting(ONCE)
    assert parts.go_on(most=4) + parts.go_on() == whole.go_on()


@pytest.mark.parametrize("verdict", ["INVALID", "could not be run"])
def test_what_shows_nothing_is_run_again_with_another_seed(verdict: str) -> None:
    sitting = Sitting(["E14-double", "--seed", "7"], verdict)
    assert [seed for *_, seed in sitting.go_on()] == [7, 8]
    assert sitting.is_kept


def test_a_sabotage_that_is_never_found_is_not_tried_for_ever() -> None:
    sitting = Sitting(["E14-double", "--sabotage"], *["SABOTAGE NOT FOUND"] * 9)
    assert len(sitting.go_on()) == 3
    assert not sitting.is_kept


def test_what_is_broken_once_is_broken() -> None:
    sitting = Sitting(["E14-double"], "BROKEN")
    assert len(sitting.go_on()) == 1
    assert not sitting.is_kept


def test_three_minutes_are_one_experiment_on_both_databases_with_its_sabotage() -> None:
    done = Sitting(["--minutes", "3", "--seed", "1"]).go_on()
    assert done == [
        ("E00-all-at-once", "sqlite", False, 1),
        ("E00-all-at-once", "sqlite", True, 2),
        ("E00-all-at-once", "postgres", False, 3),
        ("E00-all-at-once", "postgres", True, 4),
    ]


def test_two_hours_are_all_experiments_and_then_those_without_sabotage_again() -> None:
    sitting = Sitting(["--minutes", "120"])
    done, once = sitting.go_on(), len(entries(sitting.given))
    assert {name for name, *_ in done} == EXPERIMENTS.keys()
    assert not any(sabotaged for _, _, sabotaged, _ in done[once:])
    assert 120 * 60 - 100 < 45 * len(done) <= 120 * 60
