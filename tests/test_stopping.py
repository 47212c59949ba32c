"""A web process that is told to stop: nobody who listens or waits holds it up."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from django.contrib.auth.models import User
from django.db import connection
from knox.models import AuthToken

from orders.models import Order
from restaurant.run import ports
from restaurant.run.place import ROOT, sqlite_url
from restaurant.run.tether import tether
from tests.conftest import eventually
from tests.listening import listening

#: Longer than any test: whoever ends sooner has not waited for its patience to end.
PATIENCE = "600"

Place = Callable[..., Order]


def database_url() -> str:
    """That of the tests."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return sqlite_url(Path(name))
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def process(only_session: None) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A web process as `./run` starts it, and its address."""
    port = ports.choose_free()
    command = (sys.executable, "-m", "uvicorn", "restaurant.asgi:application", "--port", str(port))
    process = subprocess.Popen(
        [*command, "--timeout-graceful-shutdown", PATIENCE, "--lifespan", "on"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        stderr=subprocess.DEVNULL,
        preexec_fn=tether(),  # noqa: PLW1509  its docstring tells why it may
    )
    try:
        eventually(lambda: ports.answers_http(port, "/readyz", {200}))
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_streams_and_long_polls_end_with_the_signal(
    process: tuple["subprocess.Popen[bytes]", str],
    place: Place,
    guest: User,
    number: signal.Signals,
) -> None:
    web, url = process
    order, (_, token) = place("water"), AuthToken.objects.create(user=guest)
    headers, path = {"Authorization": f"Bearer {token}"}, f"{url}/api/v1/orders/{order.ref}/"
    with listening(f"{path}stream/", headers=headers) as heard, ThreadPoolExecutor(1) as pool:
        waits = pool.submit(httpx2.get, f"{path}?wait=60", headers=headers, timeout=70)
        with pytest.raises(TimeoutError):
            waits.result(timeout=1)
        web.send_signal(number)
        eventually(lambda: heard.over)
        assert waits.result().json()["state"] == "placed"
        assert web.wait(20) in (0, -number)
