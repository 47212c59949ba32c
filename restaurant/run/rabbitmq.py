"""A RabbitMQ that lives as long as one run of the tests."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from restaurant.run import ports
from restaurant.run.brief_server import running


def find_rabbitmq() -> Path | None:
    """The program itself: Debian's command on the PATH would change to a user of its own."""
    for path in ("/usr/lib/rabbitmq/bin/rabbitmq-server", shutil.which("rabbitmq-server")):
        if path and Path(path).exists():
            return Path(path)
    return None


@contextmanager
def brief_rabbitmq(server: Path, folder: Path) -> Iterator[str]:
    """An empty RabbitMQ of one's own, with a name, ports and folders of its own; gives its URL."""
    port, distribution, names = (ports.choose_free() for _ in range(3))
    home = folder / "rabbitmq"
    home.mkdir()
    env = {
        **os.environ,
        # Beside it lies the secret by which Erlang's nodes know each other.
        "HOME": str(home),
        "RABBITMQ_NODENAME": f"tamsang-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(names),
        "RABBITMQ_MNESIA_BASE": str(home),
        "RABBITMQ_LOG_BASE": str(home),
        "RABBITMQ_LOGS": "-",
        # Else a shell stands between, which does not pass on every end.
        "RUNNING_UNDER_SYSTEMD": "1",
        # What this machine's own RabbitMQ is set to is its own business.
        "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
        "RABBITMQ_CONFIG_FILE": str(home / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
    }
    said = folder / "rabbitmq.log"
    # The directory of Erlang's nodes: started by the server it would stay behind.
    with (
        running(["epmd"], folder / "epmd.log", lambda: not ports.is_free(names), env=env),
        running(
            [str(server)],
            said,
            lambda: "Server startup complete" in said.read_text(errors="replace"),
            env=env,
            stop=signal.SIGTERM,
        ),
    ):
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
