"""What the experiments name is there. They themselves are run by `./run chaos --minutes 3`."""

from importlib import import_module
from typing import Any

import pytest

from tests.chaos.experiments import EXPERIMENTS
from tests.chaos.startup import conditions, crash_points, sabotages  # noqa: F401  they register
from tests.chaos.startup.plan import PATCHES


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
