"""The database of one run: SQLite beside the product, or a PostgreSQL that can be killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from restaurant.run.brief_server import as_user, find_postgres, make_cluster, user_for_postgres
from restaurant.run.ports import choose_free
from restaurant.run.refusal import Refusal
from restaurant.run.tether import tether
from tests.chaos.house import wait_for

PASSWORD = "of-a-few-minutes"


@dataclass
class Postgres:
    """One cluster of one's own."""

    programs: Path
    folder: Path
    port: int
    #: Whether a commit is answered when it is written, or before.
    waits_for_commits: bool = True
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"postgres://tamsang:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """As a server is set up that loses nothing: fsync and synchronous_commit are on."""
        command = [str(self.programs / "postgres"), "-D", str(self.folder / "data")]
        command += ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
        command += ["-c", f"unix_socket_directories={self.folder}", "-c", "max_connections=200"]
        if not self.waits_for_commits:
            command += ["-c", "synchronous_commit=off"]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
                **as_user(user_for_postgres()),
            )
        wait_for(self.answers, "PostgreSQL", within=60)
        if not self.waits_for_commits:
            self.stop_writing()

    def stop_writing(self) -> None:
        """Who writes in the background what was committed stands still: it stays in memory."""
        for pid in self.pids():
            with contextlib.suppress(OSError):  # another child has just ended
                if b"walwriter" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGSTOP)

    def answers(self) -> bool:
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=2):
            return True
        return False

    def pids(self) -> list[int]:
        """It and its children."""
        if self.process is None:
            return []
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [self.process.pid, *map(int, children.read_text().split())]

    def stop(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT: at once, as a crash; what is committed must be there afterwards."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as server:
            server.execute(statement.encode())


@contextmanager
def new_postgres(sabotage: Sequence[str]) -> Iterator[Postgres]:
    """A fresh cluster, gone afterwards."""
    programs = find_postgres()
    if programs is None:
        raise Refusal("There is no PostgreSQL here. Type: apt-get install postgresql")
    user = user_for_postgres()
    # Short, for the path of a socket is limited to about a hundred bytes.
    folder = Path(tempfile.mkdtemp(prefix="tamsang-pg-", dir="/tmp"))
    try:
        (folder / "password").write_text(PASSWORD)
        if user is not None:
            for path in (folder, folder / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
        make_cluster(programs, folder, user)
        waits = "commits are not waited for" not in sabotage
        server = Postgres(programs, folder, choose_free(), waits)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
