"""What an experiment has laid into the processes it starts: crash points, and sabotages.

The product knows nothing of it. A run sets PYTHONPATH so that `sitecustomize` comes first, and PLAN
to a folder; what is written there says which patches each process takes, just after the module that
they patch was executed, and before anybody else has imported it.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

PLAN = "CHAOS_PLAN"
#: Its words are on the command line of each process.
KINDS = ("uvicorn", "relay", "worker", "beat", "flower")

Patch = Callable[[ModuleType], None]


@dataclass(frozen=True)
class Plan:
    """Where files are laid, and the names of the patches to take."""

    folder: Path
    names: Sequence[str]

    @property
    def armed(self) -> Path:
        """A file here, named like a crash point, kills the next process that comes by it."""
        return self.folder / "armed"


#: For each name the modules to patch, and how.
PATCHES: dict[str, list[tuple[str, Patch]]] = defaultdict(list)


def patches(name: str, module: str) -> Callable[[Patch], Patch]:
    """Register what is done to `module` once it is imported in a process that takes `name`."""

    def register(patch: Patch) -> Patch:
        PATCHES[name].append((module, patch))
        return patch

    return register


def put(holder: Any, name: str, instead: Any) -> None:
    """Replace what is there; a patch of what is not there any more must not pass unseen."""
    if not hasattr(holder, name):
        raise AttributeError(f"{holder} has no {name}: mend the patch")
    setattr(holder, name, instead)


def current() -> Plan:
    """The plan that this process was started with."""
    folder = Path(os.environ[PLAN])
    return Plan(folder, json.loads((folder / "plan.json").read_text()))


def lay(folder: Path, names: Sequence[str]) -> Plan:
    """Write a plan for the processes to come."""
    plan = Plan(folder, names)
    plan.armed.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps(list(names)))
    return plan


def kind() -> str:
    """Which of the product's processes this is: `web`, `worker1`, …; "" for any other."""
    words = sys.orig_argv
    if "uvicorn" in words:
        return "web"
    for word in words:
        if word.startswith("worker") and "@" in word:
            return word.partition("@")[0]
    return next((name for name in KINDS if name in words), "")


class Patcher(importlib.abc.MetaPathFinder):
    """Finds a module as everybody does, and patches it when it has been executed."""

    def __init__(self, wanted: dict[str, list[Patch]]) -> None:
        self.wanted = wanted
        self.looking_for: set[str] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self.wanted or name in self.looking_for:
            return None
        # The others are asked for it. Who only asks, as Django does for models, imports it later.
        self.looking_for.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.looking_for.remove(name)
        if spec is not None and spec.loader is not None:
            spec.loader = Patching(spec.loader, self.wanted[name])
        return spec


class Patching(importlib.abc.Loader):
    """Loads a module, then patches it."""

    def __init__(self, loader: importlib.abc.Loader, todo: Sequence[Patch]) -> None:
        self.loader = loader
        self.todo = todo

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        for patch in self.todo:
            patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


def carry_out() -> None:
    """Take the patches of this process's plan, if it has one."""
    if PLAN not in os.environ:
        return
    wanted: dict[str, list[Patch]] = defaultdict(list)
    for name in current().names:
        for module, patch in PATCHES[name]:
            wanted[module].append(patch)
    sys.meta_path.insert(0, Patcher(dict(wanted)))
