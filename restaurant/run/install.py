"""The virtualenv beside `./run`: made once, mended when cut short, renewed with the pins."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from restaurant.run.place import ROOT
from restaurant.run.refusal import DISK_FULL_SIGNS, Refusal, refusal_after
from restaurant.run.tether import tether

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
#: There while an installation is going on: who finds it later finds half of one.
UNFINISHED = VENV / "unfinished"
NO_VENV = (
    "This Python can make no virtual environment. On Debian type: apt-get install python3-venv"
)


def ensure(requirement_files: Sequence[str], install_log: Path) -> bool:
    """Have a virtualenv with what these files pin; answer whether anything had to be done."""
    with _one_at_a_time():
        if _is_whole() and not _missing(requirement_files):
            return False
        if not _is_whole() or not pip_commands("install"):
            _make_virtualenv(install_log)
        for name in _missing(requirement_files):
            _install(name, install_log)
    return True


def is_running_in_it() -> bool:
    """Whether this very process runs in the virtualenv."""
    return VENV.exists() and VENV.samefile(sys.prefix)


def pip_commands(verb: str) -> list[tuple[str, ...]]:
    """The commands by which pip's `verb` can be done to the virtualenv here, the best one first."""
    found: list[tuple[str, ...]] = []
    if uv := shutil.which("uv"):
        found.append((uv, "pip", verb, "--python", str(VENV_PYTHON)))
    pips = (
        (str(VENV_PYTHON), "-m", "pip"),
        (_base_python(), "-m", "pip", "--python", str(VENV_PYTHON)),
    )
    return [*found, *((*pip, verb) for pip in pips if _answers(pip))]


def _answers(pip: Sequence[str]) -> bool:
    asked = subprocess.run([*pip, "--version"], capture_output=True, check=False)
    return asked.returncode == 0


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """The folder itself is the lock: nothing is left behind, and the kernel frees it."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tell("another ./run is installing here; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _is_whole() -> bool:
    """Whether there is a finished virtualenv that was made by this version of Python."""
    libraries = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return VENV_PYTHON.exists() and libraries.is_dir() and not UNFINISHED.exists()


def _base_python() -> str:
    """The Python outside of any virtualenv: somebody may have activated ours, to be made anew."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def _make_virtualenv(install_log: Path) -> None:
    _tell("making the virtual environment .venv")
    base, venv = _base_python(), str(VENV)
    ways: list[Sequence[str]] = [(base, "-m", "venv", venv)]
    if uv := shutil.which("uv"):
        ways.insert(0, (uv, "venv", "--python", base, venv))
    if virtualenv := shutil.which("virtualenv"):
        ways.append((virtualenv, "-p", base, venv))
    # Debian's Python without its python3-venv package has venv, but no pip to put into it.
    ways.append((base, "-m", "venv", "--without-pip", venv))
    lines: list[str] = []
    for way in ways:
        if VENV.exists():
            shutil.rmtree(VENV)
        lines = _fails(way, install_log)
        if not lines and pip_commands("install"):
            return
    shutil.rmtree(VENV, ignore_errors=True)
    if any(sign in line for line in lines for sign in DISK_FULL_SIGNS):
        raise refusal_after(".venv could not be made", lines)
    raise Refusal(NO_VENV)


def _install(name: str, install_log: Path) -> None:
    _tell(f"installing {name} (the first time this can take a minute)")
    UNFINISHED.touch()
    lines: list[str] = []
    for command in pip_commands("install"):
        lines = _fails([*command, "--require-hashes", "-r", str(ROOT / name)], install_log)
        if not lines:
            (VENV / f"{name}.installed").write_text(_checksum(name))
            UNFINISHED.unlink()
            return
    raise refusal_after(f"{name} could not be installed (all of it: {install_log})", lines)


def _fails(command: Sequence[str], install_log: Path) -> list[str]:
    """Run the command; nothing when it succeeded, else its last lines."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={
            **os.environ,
            "PIP_NO_INPUT": "1",
            "PIP_PROGRESS_BAR": "off",
            "UV_COMPILE_BYTECODE": "1",
        },
        preexec_fn=tether(),
        check=False,
    )
    said = [f"$ {' '.join(command)}", *done.stdout.decode(errors="replace").splitlines()]
    with open(install_log, "a") as log:
        log.write("\n".join(said) + "\n")
    return [] if done.returncode == 0 else said[-15:]


def _missing(requirement_files: Sequence[str]) -> list[str]:
    """Those that were not installed as they are now."""
    return [name for name in requirement_files if _stamp(name) != _checksum(name)]


def _stamp(name: str) -> str:
    stamp = VENV / f"{name}.installed"
    return stamp.read_text() if stamp.exists() else ""


def _checksum(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def _tell(what: str) -> None:
    print(f"Tamsang: {what} …", file=sys.stderr, flush=True)
