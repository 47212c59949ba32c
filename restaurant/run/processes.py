"""The processes of a running Tamsang, at a glance, and the commands they are started by."""

import sys

from restaurant.run import embedded, ports
from restaurant.run.child import Child, Process
from restaurant.run.place import Place

FLOWER_USER = "flower"
#: Seconds after which a process that can't start has ended.
LASTING = 2


def python(*arguments: str) -> tuple[str, ...]:
    """A command run by this virtualenv's Python."""
    return (sys.executable, *arguments)


def manage(*arguments: str) -> tuple[str, ...]:
    """A command of Django's."""
    return python("manage.py", *arguments)


def celery(*arguments: str) -> tuple[str, ...]:
    """A command of Celery's on our app."""
    return python("-m", "celery", "--quiet", "-A", "restaurant.celery:app", *arguments)


MIGRATE = Process("migrate", manage("migrate", "--noinput", "--verbosity", "0"))
# It prints passwords and tokens.
DEMO = Process("demo", manage("demo"), speaks_in_private=True)


def redis(place: Place, port: int) -> Process:
    """The embedded server: started first, stopped last, always on the same port."""
    return Process(
        "redis",
        embedded.server_command(place.var / "redis", port),
        is_ready=lambda _: ports.answers_ping(port),
        is_needed_to_stop=True,
    )


def services(place: Place) -> list[Process]:
    """Started side by side, once Redis and the tables are there."""
    return [
        Process(
            "web",
            python(
                *("-m", "uvicorn", "restaurant.asgi:application"),
                *(
                    "--host",
                    "127.0.0.1",
                    "--port",
                    str(place.port),
                    "--no-access-log",
                    "--no-proxy-headers",
                ),
                # Live streams never end by themselves.
                *("--timeout-graceful-shutdown", "3", "--lifespan", "on"),
            ),
            is_ready=lambda _: ports.answers_http(place.port, "/readyz", {200}),
        ),
        Process("relay", manage("relay"), is_ready=_has_announced, announces=" ready."),
        Process("webhooks", manage("webhooks"), is_ready=_has_announced, announces=" ready."),
        Process(
            "printers",
            manage("printers"),
            is_ready=_has_announced,
            announces=" ready.",
            # What python-escpos makes of its table when it is loaded: else in a folder that stays.
            extra={"ESCPOS_CAPABILITIES_PICKLE_DIR": str(place.run)},
        ),
        Process(
            "beat",
            celery(
                *("beat", "--schedule", str(place.run / "beat-schedule"), "--pidfile="),
                *("--loglevel", "WARNING"),
            ),
            is_ready=_has_lasted,
        ),
    ]


def flower(place: Place, password: str) -> Process:
    """Started when the workers are ready: it asks them once which queues they follow."""
    return Process(
        "flower",
        celery("flower", "--address=127.0.0.1", f"--port={place.flower_port}"),
        is_ready=lambda _: ports.answers_http(place.flower_port, "/", {200, 302, 401}),
        # Not on the command line, where every user of the machine could read it.
        extra={"FLOWER_BASIC_AUTH": f"{FLOWER_USER}:{password}"},
    )


def worker(name: str) -> Process:
    return Process(
        name,
        celery(
            *("worker", "--queues", "pass,orders", "--zones", "--pool", "threads"),
            *("--concurrency", "4", "--hostname", f"{name}@%h"),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        ),
        is_ready=_has_announced,
        announces=" ready.",
    )


def _has_announced(child: Child) -> bool:
    return child.announced


def _has_lasted(child: Child) -> bool:
    """For a process that says nothing when it is ready: what can't start is gone by then."""
    return child.exit_code is None and child.age > LASTING


WORKERS = [worker("worker1"), worker("worker2")]
