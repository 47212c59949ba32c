"""Where this installation lives: its folder for data, its ports, its secrets, its environment."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from restaurant.run.refusal import Refusal

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Place:
    """One installation; several can run side by side when all three differ."""

    var: Path
    port: int
    flower_port: int

    @property
    def run(self) -> Path:
        """Holds NAME.pid of each working process, and what else lives as long as a run."""
        return self.var / "run"

    @property
    def demo_file(self) -> Path:
        """Addresses, passwords and tokens, for programs: it is there when all is ready."""
        return self.var / "demo.json"


def place_from(environ: Mapping[str, str]) -> Place:
    """Read VAR, PORT and FLOWER_PORT strictly, and make the folders."""
    var = Path(environ.get("VAR") or ROOT / "var").absolute()
    place = Place(var, _port(environ, "PORT", 8000), _port(environ, "FLOWER_PORT", 5555))
    if place.port == place.flower_port:
        raise Refusal(f"PORT and FLOWER_PORT are both {place.port}: choose two different ports.")
    # It will hold secrets and the guests' orders.
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (place.run, var / "log", var / "redis"):
        folder.mkdir(exist_ok=True)
    return place


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Refusal(f"{name}={text} is not a port: write a number from 1 to 65535.")
    return int(text)


@contextmanager
def only_one(place: Place) -> Iterator[None]:
    """Hold this VAR; refuse while another Tamsang does. The kernel frees it with us."""
    with open(place.run / "lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(
                f"Tamsang is running already in {place.var}. For another one beside it choose: "
                "VAR=var2 PORT=8001 FLOWER_PORT=5556 ./run"
            ) from None
        yield


def environment(place: Place, environ: Mapping[str, str], redis_url: str) -> dict[str, str]:
    """The environment of every process of the demo; what the user set goes before what we make."""
    ours = ["127.0.0.1", "localhost", "[::1]"]
    hosts = [host for host in environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    return {
        **environ,
        "DJANGO_SETTINGS_MODULE": "restaurant.settings",
        "DEMO": "1",
        "VAR": str(place.var),
        "SECRET_KEY": environ.get("SECRET_KEY") or kept_secret(place.var / "secret_key"),
        "DATABASE_URL": environ.get("DATABASE_URL") or sqlite_url(place.var / "db.sqlite3"),
        "REDIS_URL": environ.get("REDIS_URL") or redis_url,
        "BROKER_URL": environ.get("BROKER_URL") or environ.get("REDIS_URL") or redis_url,
        "ALLOWED_HOSTS": ",".join([*ours, *hosts]),
        "FLOWER_URL": f"http://127.0.0.1:{place.flower_port}/",
        "EMAIL_URL": environ.get("EMAIL_URL") or f"file://{quote(str(place.var / 'mail'))}",
        "PYTHONUNBUFFERED": "1",
    }


def sqlite_url(path: Path) -> str:
    """The DATABASE_URL of a file, whatever characters its path has."""
    return f"sqlite:///{quote(str(path))}"


def kept_secret(path: Path, random_bytes: int = 50) -> str:
    """The secret in this file, made at random the first time."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(random_bytes))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Put a file in place whole, readable for its owner only."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
