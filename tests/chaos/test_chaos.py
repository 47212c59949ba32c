"""A short run of the suite itself: kills are survived, and a missing protection is found."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from restaurant.run.brief_server import find_postgres
from tests.chaos.experiments import EXPERIMENTS
from tests.chaos.figures import as_json, figures_of
from tests.chaos.page import page_of
from tests.chaos.run import Wish, carry_out
from tests.chaos.startup import conditions, crash_points, sabotages  # noqa: F401  they register
from tests.chaos.startup.plan import PATCHES

# A product is started, and has to heal.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def database() -> str:
    """Of the lane's kind."""
    is_postgres = os.environ["DATABASE_URL"].startswith("postgres") and find_postgres()
    return "postgres" if is_postgres else "sqlite"


def test_kills_of_any_process_break_no_promise(tmp_path: Path, database: str) -> None:
    wish = Wish(EXPERIMENTS["E03-anybody"], seed=1, seconds=8.0, database=database, hurried=True)
    outcome = carry_out(wish, tmp_path)
    assert outcome.violations == []
    assert outcome.invalid is None
    run = figures_of(outcome)
    assert run.verdict == "kept"
    assert sum(run.faults.values()) > 0
    assert "<svg" in page_of([run], "./run chaos")


def test_the_checker_finds_that_keys_are_not_looked_at(tmp_path: Path, database: str) -> None:
    tap = EXPERIMENTS["E14-double-tap"]
    outcome = carry_out(Wish(tap, 1, 4.0, database, sabotaged=True), tmp_path)
    assert outcome.is_as_wished, as_json(figures_of(outcome))


def test_every_patch_that_an_experiment_names_is_there() -> None:
    """But for those that the ground itself carries out."""
    by_the_ground = {"no farewell", "commits are not waited for"}
    named = {
        name
        for experiment in EXPERIMENTS.values()
        for name in (*experiment.sabotage, *experiment.conditions)
    }
    assert named - by_the_ground <= PATCHES.keys()
    assert all(experiment.sabotage for experiment in EXPERIMENTS.values())


@pytest.mark.parametrize("point", crash_points.POINTS, ids=lambda point: point.name)
def test_every_crash_point_is_somewhere_in_the_product(point: crash_points.CrashPoint) -> None:
    place: Any = import_module(point.module)
    for name in point.attribute.split("."):
        place = getattr(place, name)
    assert callable(place)
