"""What a driving process tells the one that measures: one line when ready, one at its end."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from bench.cost.meter import Usage, Watched, measured
from restaurant.run.place import ROOT
from restaurant.run.processes import python


@dataclass
class Told:
    """`cpu` are seconds of CPU time that count as the orders' own; `seconds` is the wall's."""

    cpu: float = 0.0
    seconds: float = 0.0
    #: For each order, from placed to ready; or for each request.
    milliseconds: list[float] = field(default_factory=list)

    def tell(self) -> None:
        print(json.dumps(asdict(self)), flush=True)


def begin() -> None:
    """Say that everything is imported and connected, and wait for the word to begin."""
    print("ready", flush=True)
    sys.stdin.readline()


def drive(
    module: str, arguments: Sequence[object], env: Mapping[str, str], watched: Watched
) -> tuple[Told, Usage]:
    """Run the module as a process and measure from when it begins to when it has told."""
    command = python("-m", module, *map(str, arguments))
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdin  # noqa: S101  for the type checker
        assert driver.stdout  # noqa: S101
        driver.stdout.readline()
        with measured(watched) as usage:
            driver.stdin.write("go\n")
            driver.stdin.flush()
            told = Told(**json.loads(driver.stdout.readline()))
    return told, usage
