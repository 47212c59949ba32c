"""The parent's side of a house: sends it a line, waits for the line that answers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any, cast

HOUSE = "import django; django.setup(); from bench.many_orders.house import serve; serve()"


class HouseFailed(Exception):
    """A house has ended before its time; it has said why above."""


class Clerk:
    """Calls the methods of one `House` in its process."""

    def __init__(self, calls: IO[str], answers: IO[str]) -> None:
        self.calls = calls
        self.answers = answers

    def send(self, *call: Any) -> None:
        self.calls.write(json.dumps(call) + "\n")
        self.calls.flush()

    def receive(self) -> Any:
        line = self.answers.readline()
        if not line:
            raise HouseFailed
        return json.loads(line)

    def call(self, *call: Any) -> Any:
        self.send(*call)
        return self.receive()


@contextmanager
def clerk_of(database: str) -> Iterator[Clerk]:
    """A house on this database, with nobody to limit who asks too often, and no Redis."""
    with subprocess.Popen(
        [sys.executable, "-c", HOUSE],
        env=environment(os.environ, database),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Clerk(cast("IO[str]", process.stdin), cast("IO[str]", process.stdout))
        finally:
            process.kill()


def environment(environ: Mapping[str, str], database: str) -> dict[str, str]:
    return {
        **environ,
        "DJANGO_SETTINGS_MODULE": "restaurant.settings",
        "DATABASE_URL": database,
        "REDIS_URL": "memory://",
        "BROKER_URL": "",
        "SECRET_KEY": "known to all, guards nothing",
        "DEMO": "1",
        "DEBUG": "",
        "ALLOWED_HOSTS": "testserver",
        "RATE_LIMIT": "1000000000",
        "RATE_LIMIT_ANONYMOUS": "1000000000",
    }
