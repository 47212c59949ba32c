"""Servers that live as long as one run of the tests: a Redis, a PostgreSQL, a RabbitMQ."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from restaurant.run import embedded, ports
from restaurant.run.refusal import refusal_after
from restaurant.run.tether import tether

PATIENCE_SECONDS = 30


@contextmanager
def brief_redis(folder: Path) -> Iterator[str]:
    """An empty Redis of one's own; gives its URL."""
    port = ports.choose_free()
    (folder / "redis").mkdir()
    command = embedded.server_command(folder / "redis", port)
    with running(command, folder / "redis.log", lambda: ports.answers_ping(port)):
        yield embedded.redis_url(port)


def find_postgres() -> Path | None:
    """The folder with PostgreSQL's programs: from the PATH, else Debian's newest."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3].zfill(9)
    )
    return installed[-1].parent if installed else None


@contextmanager
def brief_postgres(programs: Path) -> Iterator[str]:
    """A new PostgreSQL cluster of one's own; gives its URL and leaves nothing behind."""
    user = user_for_postgres()
    # Short, for the path of a socket is limited to about a hundred bytes, and open to that user.
    folder = Path(tempfile.mkdtemp(prefix="tamsang-pg-", dir="/tmp"))
    try:
        password = secrets.token_urlsafe(24)
        (folder / "password").write_text(password)
        if user is not None:
            for path in (folder, folder / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
        make_cluster(programs, folder, user)
        port = ports.choose_free()
        log = folder / "log"
        options = {
            "unix_socket_directories": str(folder),
            "listen_addresses": "127.0.0.1",
            "max_connections": "200",
            "fsync": "on",
        }
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        ready = "database system is ready to accept connections"
        with running(command, log, lambda: ready in log.read_text(errors="replace"), user):
            yield f"postgres://tamsang:{password}@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def user_for_postgres() -> pwd.struct_passwd | None:
    """Who is to run it in our stead: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get("postgres") or users["nobody"]


def as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """What tells `subprocess` to become this user."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def make_cluster(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> None:
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "tamsang"]
    # Peers on this machine must not get in without the password.
    command += ["--auth=scram-sha-256", f"--pwfile={folder / 'password'}"]
    command += ["--encoding=UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, **as_user(user))
    if done.returncode != 0:
        said = (done.stdout + done.stderr).decode(errors="replace").splitlines()
        raise refusal_after("PostgreSQL could not make a cluster for the tests", said[-15:])


@contextmanager
def running(
    command: Sequence[str],
    log: Path,
    is_ready: Callable[[], bool],
    user: pwd.struct_passwd | None = None,
    stop: signal.Signals = signal.SIGINT,
    **more: Any,
) -> Iterator[int]:
    """A process that writes to `log`, from when it is ready to the end of the block; its pid."""
    with open(log, "wb") as file:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
            **{"cwd": log.parent, **as_user(user), **more},
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_ready():
            if server.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace").splitlines()
                raise refusal_after(f"{Path(command[0]).name} did not start", said[-15:])
            time.sleep(0.05)
        yield server.pid
    finally:
        # SIGINT: PostgreSQL disconnects who is still there, where SIGTERM waits for them to leave.
        server.send_signal(stop)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
