"""What the house promises about itself, where import-linter can't see it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: The one writer of states in each app.
WRITERS = {
    "kitchen": {"kitchen/moves.py"},
    "orders": {"orders/services/following.py"},
    "notifications": {"notifications/moves.py"},
}


def modules(app: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / app).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if "/migrations/" not in name and "/tests/" not in name:
            yield name, ast.parse(path.read_text())


def writes_state(node: ast.AST) -> bool:
    """`x.state = …`, `….update(state=…)`, `bulk_update(…, ["state"])`, `save(…["state"])`, SQL."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.search(r"\bSET\s+state\b", node.value) is not None
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(t, ast.Attribute) and t.attr == "state" for t in targets)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "update":
            return any(keyword.arg == "state" for keyword in node.keywords)
        if node.func.attr in ("bulk_update", "save", "asave"):
            return any(
                isinstance(part, ast.Constant) and part.value == "state" for part in ast.walk(node)
            )
    return False


@pytest.mark.parametrize("app", sorted(WRITERS))
def test_one_module_writes_the_states_of_an_app(app: str) -> None:
    writers = {name for name, tree in modules(app) if any(map(writes_state, ast.walk(tree)))}
    assert writers == WRITERS[app]


@pytest.mark.parametrize("app", ["orders", "kitchen", "notifications", "restaurant"])
def test_no_import_hides_in_a_function(app: str) -> None:
    hidden = [
        f"{name}:{node.lineno}"
        for name, tree in modules(app)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize("app", ["orders", "kitchen", "notifications"])
def test_only_the_relay_sends_events_and_only_tasks_send_tasks(app: str) -> None:
    """A web request never speaks to the broker."""
    senders = {
        name
        for name, tree in modules(app)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("apply_async", "delay", "send_task", "delay_on_commit")
    }
    assert senders <= {"kitchen/tasks.py", "kitchen/chords.py"}
