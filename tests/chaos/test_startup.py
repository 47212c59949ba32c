"""How an experiment gets into the processes that it starts."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from restaurant.run.place import ROOT
from tests.chaos.house import STARTUP
from tests.chaos.startup.plan import PLAN, Plan, lay

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., Plan]:
    def make(*names: str) -> Plan:
        return lay(tmp_path, names)

    return make


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program as a process of the product's that has this plan; `words` come after it."""

    def start(program: str, *words: str) -> "subprocess.CompletedProcess[str]":
        paths = os.pathsep.join([str(STARTUP), str(ROOT)])
        env = {**os.environ, PLAN: str(tmp_path), "PYTHONPATH": paths}
        command = [sys.executable, "-c", program, *words]
        return subprocess.run(
            command, env=env, cwd=ROOT, capture_output=True, text=True, check=False
        )

    return start


SETTING = "from django.conf import settings; print(settings.CELERY_TASK_ACKS_LATE)"
HEAR = """
import django
django.setup()
from restaurant.events.models import Heard
print(Heard.objects.first_time.__wrapped__.__name__)
"""
MOVE = """
import django
django.setup()
from kitchen.lifecycle import TICKET_MOVES
print(*sorted(TICKET_MOVES["start"].sources))
"""


def test_a_sabotage_is_in_place_before_anybody_looks(plan: Callable[..., Plan], run: Run) -> None:
    plan("acknowledged early")
    assert run(SETTING).stdout == "False\n"


def test_without_a_sabotage_the_product_is_as_it_is(plan: Callable[..., Plan], run: Run) -> None:
    plan()
    assert run(SETTING).stdout == "True\n"


def test_models_that_django_looks_for_first_are_reached(
    plan: Callable[..., Plan], run: Run
) -> None:
    plan("crash points")
    done = run(HEAR, "worker1@here")
    assert done.stdout == "first_time\n", done.stderr


def test_a_moves_table_is_changed_where_it_is_read(plan: Callable[..., Plan], run: Run) -> None:
    plan("start is not guarded")
    assert run(MOVE).stdout == "cooking fired\n"


PLATE = """
import django
django.setup()
from kitchen import moves
try:
    moves.plate()
except TypeError:
    print("alive")
"""


@pytest.mark.parametrize(("armed", "code"), [(True, -signal.SIGKILL), (False, 0)])
def test_a_process_dies_at_a_point_that_is_armed(
    plan: Callable[..., Plan], run: Run, *, armed: bool, code: int
) -> None:
    laid = plan("crash points")
    if armed:
        (laid.armed / "before-plating").touch()
    done = run(PLATE, "worker1@here")
    assert done.returncode == code, done.stderr
    assert done.stdout == ("" if armed else "alive\n")
    assert not (laid.armed / "before-plating").exists()


def test_only_the_process_that_is_meant_dies(plan: Callable[..., Plan], run: Run) -> None:
    laid = plan("crash points")
    (laid.armed / "before-plating").touch()
    assert run(PLATE, "beat").stdout == "alive\n"
    assert (laid.armed / "before-plating").exists()


def test_a_patch_of_what_is_gone_ends_the_process(plan: Callable[..., Plan], run: Run) -> None:
    plan("no reconciler")
    program = "from tests.chaos.startup.plan import put; import json; put(json, 'gone', None)"
    done = run(program)
    assert done.returncode == 1
    assert "has no gone: mend the patch" in done.stderr
