"""`./run check`: everything that is proved by reading the code."""

import os
import secrets
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from restaurant.run import install
from restaurant.run.place import ROOT, sqlite_url
from restaurant.run.processes import manage, python
from restaurant.run.refusal import Refusal

# Set as on a server; what makes the demo easy is missing here.
PRODUCTION = {"DEMO": "", "ALLOWED_HOSTS": "example.org"}


@dataclass(frozen=True)
class Check:
    """A command that succeeds when all is well."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


def _checks() -> list[Check]:
    # By its file, for it can't be run as a module, and a clone that was moved has wrong #! lines.
    lint_imports = str(install.VENV / "bin" / "lint-imports")
    return [
        Check("ruff", python("-m", "ruff", "check", "--output-format", "concise", ".")),
        Check("ruff format", python("-m", "ruff", "format", "--check", ".")),
        Check("mypy", python("-m", "mypy", ".")),
        Check("import contracts", python(lint_imports)),
        # One writer of states, no imports in functions, and what else import-linter can't see.
        Check("architecture", python("-m", "pytest", "-q", "tests/test_architecture.py")),
        Check(
            "openapi",
            manage("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull),
        ),
        Check("migrations", manage("makemigrations", "--check", "--dry-run")),
        Check("django", manage("check")),
        Check("deploy", manage("check", "--deploy", "--fail-level", "WARNING"), PRODUCTION),
        Check("packages", install.pip_commands("check")[0]),
    ]


def check(arguments: Sequence[str]) -> int:
    """Carry out all checks; a line for each, and the output of those that fail."""
    if arguments:
        raise Refusal(f"./run check takes no {arguments[0]}: it always does everything.")
    with tempfile.TemporaryDirectory(prefix="tamsang-check-") as folder:
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "restaurant.settings",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": sqlite_url(Path(folder) / "check.sqlite3"),
            "REDIS_URL": "redis://127.0.0.1:6379/0",
            "DEMO": "1",
        }
        passed = [_passes(one, env) for one in _checks()]
    print(f"{passed.count(True)} of {len(passed)} checks passed")
    return 0 if all(passed) else 1


def _passes(one: Check, env: Mapping[str, str]) -> bool:
    done = subprocess.run(
        one.command,
        cwd=ROOT,
        env={**env, **one.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    good = done.returncode == 0
    print(f"{'ok  ' if good else 'FAIL'}  {one.name}", flush=True)
    if not good:
        print(done.stdout.decode(errors="replace"), flush=True)
    return good
