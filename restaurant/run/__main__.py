"""The commands of `./run`. Each starts in any Python >= 3.11 and goes on in the virtualenv."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from restaurant.run import embedded, install
from restaurant.run.checks import check
from restaurant.run.lanes import test
from restaurant.run.place import environment, place_from
from restaurant.run.processes import manage, python
from restaurant.run.refusal import Refusal, sentence_for
from restaurant.run.up import up

RUNTIME = ("requirements.txt",)
WITH_TOOLS = ("requirements.txt", "requirements-dev.txt")


@dataclass(frozen=True)
class Command:
    """A word after `./run`: what it needs installed, what it does, and its line in the help."""

    carry_out: Callable[[Sequence[str]], int]
    summary: str
    requirement_files: tuple[str, ...] = RUNTIME


def rush(arguments: Sequence[str]) -> int:
    """Become the benchmark."""
    command = python("-m", "bench.rush", *arguments)
    os.execv(command[0], command)


def chaos(arguments: Sequence[str]) -> int:
    """Become the experiments."""
    command = python("-m", "tests.chaos", *arguments)
    os.execv(command[0], command)


def run_manage(arguments: Sequence[str]) -> int:
    """Become manage.py, with the environment in which `./run` starts everything."""
    place = place_from(os.environ)
    redis_url = embedded.redis_url(embedded.remembered_port(place))
    command = manage(*arguments)
    os.execve(command[0], command, environment(place, os.environ, redis_url))


COMMANDS = {
    "up": Command(up, "start everything, until Ctrl-C; what ./run alone does"),
    "test": Command(test, "run the tests; arguments go to pytest", WITH_TOOLS),
    "check": Command(check, "lint, types, import contracts, migrations, settings", WITH_TOOLS),
    "rush": Command(rush, "put the running restaurant under load"),
    "chaos": Command(chaos, "do harm to a running restaurant, and judge it"),
    "manage": Command(run_manage, "manage.py, e.g. ./run manage createsuperuser"),
}

HELP = f"""\
./run [command]

{chr(10).join(f"  {name:<8}{command.summary}" for name, command in COMMANDS.items())}
  help    this text

PORT (8000), FLOWER_PORT (5555) and VAR (var) say where; DATABASE_URL and REDIS_URL name servers
of your own instead of the ones that come along, BROKER_URL a RabbitMQ instead of any Redis.
./run test --lane sqlite (or postgres, rabbitmq) runs one lane, TEST_DATABASE_URL names a PostgreSQL
for the tests.
"""


def main(arguments: Sequence[str]) -> int:
    """Carry out one command; answer the exit code."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("up", ())
    if name in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    if name not in COMMANDS:
        print(f"./run knows no {name!r}.\n\n{HELP}", end="", file=sys.stderr)
        return 2
    command = COMMANDS[name]
    try:
        install_log = place_from(os.environ).var / "log" / "install.log"
        renewed = install.ensure(command.requirement_files, install_log)
        if install.is_running_in_it() and not renewed:
            return command.carry_out(rest)
        interpreter = str(install.VENV_PYTHON)
        os.execv(interpreter, (interpreter, "-m", "restaurant.run", *arguments))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
    except OSError as fault:
        print(sentence_for(fault), file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
