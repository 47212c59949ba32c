"""The door: what `./run` promises before, while and after the restaurant is open."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import pytest
import redis

from restaurant.run import embedded, lanes, ports
from restaurant.run.brief_server import brief_redis
from restaurant.run.child import Process
from restaurant.run.log import Log
from restaurant.run.place import (
    ROOT,
    Place,
    environment,
    kept_secret,
    only_one,
    place_from,
    sqlite_url,
    write_private,
)
from restaurant.run.refusal import Refusal, refusal_after
from restaurant.run.supervisor import StopAsked, Supervisor

# Says so when it opens and when it closes.
CLOSES = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("closed")))
print("open", flush=True)
signal.pause()
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_from({"VAR": str(tmp_path / "a var")})


@pytest.fixture
def log(place: Place) -> Iterator[Log]:
    with open(os.devnull, "w") as screen:
        log = Log(place.var / "log" / "tamsang.log", screen)
        yield log
        log.close()


@pytest.fixture
def supervisor(place: Place, log: Log) -> Iterator[Supervisor]:
    before = {number: signal.getsignal(number) for number in (1, 2, 15)}
    supervisor = Supervisor(os.environ, log, place.run)
    yield supervisor
    supervisor.stop()
    for number, handler in before.items():
        signal.signal(number, handler)


def stand_in(name: str, code: str, **options: Any) -> Process:
    return Process(name, (sys.executable, "-c", code), **options)


def says_open(name: str, code: str = CLOSES, **more: Any) -> Process:
    return stand_in(name, code, announces="open", is_ready=lambda child: child.announced, **more)


def logged(place: Place) -> str:
    return (place.var / "log" / "tamsang.log").read_text()


def pid_of(place: Place, name: str) -> int:
    return int((place.run / f"{name}.pid").read_text())


def soon(condition: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def lives(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def press_ctrl_c_once(when: Callable[[], bool]) -> None:
    def press() -> None:
        soon(when)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


def run_door(word: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["./run", word], cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_unknown_word_is_refused_with_the_help() -> None:
    done = run_door("dance")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"./run knows no 'dance'.\n\n{run_door('help').stdout}"
    assert [
        w for w in ("up", "test", "check", "rush", "chaos", "manage") if w not in done.stderr
    ] == []


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1", "8000.0", "٨٠٠٠"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refusal, match=f"PORT={text} is not a port"):
        place_from({"VAR": str(tmp_path), "PORT": text})


def test_one_port_can_not_serve_twice(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="choose two different ports"):
        place_from({"VAR": str(tmp_path), "PORT": "7000", "FLOWER_PORT": "7000"})


def test_a_taken_port_is_named_with_its_variable_and_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", ports.choose_free())) as server:
        port = server.getsockname()[1]
        with pytest.raises(Refusal) as refused:
            ports.demand_free("FLOWER_PORT", port)
    said = str(refused.value)
    assert said.startswith(f"Port {port} is taken. Choose another: FLOWER_PORT=")
    assert ports.is_free(int(said.removesuffix(" ./run").rpartition("=")[2]))


def test_a_chosen_port_is_never_one_of_the_kernels_own() -> None:
    assert all(ports.choose_free() in ports.CHOSEN_FROM for _ in range(50))


def test_an_installation_keeps_its_redis_port_until_it_is_taken(place: Place) -> None:
    port = embedded.settled_port(place)
    assert embedded.settled_port(place) == port
    with socket.create_server(("127.0.0.1", port)):
        assert embedded.remembered_port(place) == port
        assert embedded.settled_port(place) != port


def test_a_second_one_in_the_same_place_is_refused(place: Place) -> None:
    with only_one(place), pytest.raises(Refusal, match="is running already"), only_one(place):
        pass


def test_a_secret_is_made_once_and_for_its_owner_only(place: Place) -> None:
    path = place.var / "secret_key"
    secret = kept_secret(path)
    assert len(secret) >= 50
    assert kept_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_can_not_be_put_in_place_leaves_the_old_one(place: Place) -> None:
    path = place.var / "demo.json"
    write_private(path, "whole")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "half\ud800")
    assert path.read_text() == "whole"
    assert [p.name for p in place.var.iterdir() if "demo" in p.name] == ["demo.json"]


def test_what_the_user_set_goes_before_what_is_made(place: Place) -> None:
    theirs = {"DATABASE_URL": "postgres://db/x", "REDIS_URL": "redis://r/1", "SECRET_KEY": "k"}
    env = environment(place, {**theirs, "ALLOWED_HOSTS": "example.org"}, "redis://ours")
    assert {name: env[name] for name in theirs} == theirs
    assert env["ALLOWED_HOSTS"] == "127.0.0.1,localhost,[::1],example.org"
    assert not (place.var / "secret_key").exists()


def test_messages_are_carried_by_redis_unless_another_broker_is_named(place: Place) -> None:
    redis, rabbitmq = {"REDIS_URL": "redis://r/1"}, {"BROKER_URL": "amqp://r//"}
    assert environment(place, {}, "redis://ours")["BROKER_URL"] == "redis://ours"
    assert environment(place, redis, "redis://ours")["BROKER_URL"] == "redis://r/1"
    assert environment(place, redis | rabbitmq, "redis://ours")["BROKER_URL"] == "amqp://r//"


@pytest.mark.parametrize("name", ["plain", "with space", "50%", "ต้มยำ", "a?b#c"])
def test_the_database_url_means_the_same_file_to_django(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "db.sqlite3"
    assert dj_database_url.parse(sqlite_url(path))["NAME"] == str(path)


def test_a_full_disk_is_told_in_one_sentence() -> None:
    lines = ["Traceback", "OSError: [Errno 28] No space left on device"]
    said = str(refusal_after("migrate failed", lines))
    assert said == "migrate failed. The disk is full: make room, then start again."


def test_the_log_has_no_commands_to_a_terminal(place: Place, log: Log) -> None:
    log.say("web", "note: \x1b[2J\x9b31m no\x07 peanuts\tplease")
    assert logged(place) == "web      | note: [2J31m no peanuts\tplease\n"


def test_a_screen_that_stands_still_holds_nobody_up(place: Place) -> None:
    unread, screen = os.pipe()
    stuck = os.fdopen(screen, "w")
    log = Log(place.var / "log" / "tamsang.log", stuck)
    for number in range(20_000):
        log.say("web", f"line {number}")
    assert logged(place).endswith("line 19999\n")
    os.close(unread)
    log.close()
    with contextlib.suppress(BrokenPipeError):  # of what it still holds
        stuck.close()


def test_the_dead_are_revived_and_their_pids_rewritten(
    place: Place, supervisor: Supervisor
) -> None:
    supervisor.start([says_open("web"), says_open("relay")])
    supervisor.until_ready()
    web, relay = pid_of(place, "web"), pid_of(place, "relay")
    os.kill(web, signal.SIGKILL)
    press_ctrl_c_once(when=lambda: pid_of(place, "web") != web)
    with pytest.raises(StopAsked):
        supervisor.watch()
    assert lives(pid_of(place, "web"))
    assert pid_of(place, "relay") == relay


def test_what_the_others_need_is_stopped_last(place: Place, supervisor: Supervisor) -> None:
    supervisor.start([says_open("redis", is_needed_to_stop=True)])
    supervisor.start([says_open("web"), says_open("relay")])
    supervisor.until_ready()
    pids = [pid_of(place, name) for name in ("redis", "web", "relay")]
    supervisor.stop()
    assert not any(lives(pid) for pid in pids)
    assert list(place.run.glob("*.pid")) == []
    closed = [line.split()[0] for line in logged(place).splitlines() if line.endswith("closed")]
    assert sorted(closed) == ["redis", "relay", "web"]
    assert closed[-1] == "redis"


def test_a_process_that_never_starts_ends_the_start_with_its_last_lines(
    supervisor: Supervisor,
) -> None:
    supervisor.start([says_open("web"), says_open("relay", "exit('no such table: told')")])
    with pytest.raises(Refusal) as refused:
        supervisor.until_ready()
    assert str(refused.value) == (
        "relay died 3 times while it was starting. Its last lines:\n  no such table: told"
    )


def test_what_is_said_in_private_stays_out_of_the_log(place: Place, supervisor: Supervisor) -> None:
    code = "import sys; print('{\"password\": \"s3cret\"}'); print('seeded', file=sys.stderr)"
    said = supervisor.carry_out(stand_in("demo", code, speaks_in_private=True))
    assert json.loads(said) == {"password": "s3cret"}
    assert logged(place) == "demo     | seeded\n"


def test_a_step_that_fails_says_why(supervisor: Supervisor) -> None:
    with pytest.raises(Refusal, match="no such column"):
        supervisor.carry_out(stand_in("migrate", "exit('no such column')"))


def test_a_killed_supervisor_leaves_no_orphan(place: Place) -> None:
    code = f"""
import os, sys
from pathlib import Path
from restaurant.run.child import Process
from restaurant.run.log import Log
from restaurant.run.supervisor import Supervisor
log = Log(Path("{place.var}/log/x.log"), sys.stdout)
supervisor = Supervisor(os.environ, log, Path("{place.run}"))
pause = (sys.executable, "-c", "import signal; signal.pause()")
supervisor.start([Process(name, pause) for name in ("web", "relay")])
print("ready", flush=True)
supervisor.watch()
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert one.stdout.readline() == b"ready\n"
        pids = [pid_of(place, name) for name in ("web", "relay")]
        assert all(lives(pid) for pid in pids)
        one.kill()
    assert soon(lambda: not any(lives(pid) for pid in pids))


def test_the_redis_that_comes_along_forgets_nothing_and_serves_here_only(tmp_path: Path) -> None:
    with brief_redis(tmp_path) as url, redis.Redis.from_url(url) as server:
        kept = server.config_get("*")
        assert (kept["appendonly"], kept["maxmemory-policy"]) == ("yes", "noeviction")
        assert (kept["bind"], kept["databases"], kept["save"]) == ("127.0.0.1", "64", "")
    assert not ports.answers_ping(int(url.rsplit(":", 1)[1].removesuffix("/0")))


def test_the_lane_is_taken_out_of_what_pytest_is_told() -> None:
    assert lanes.split(["-x", "--lane", "sqlite", "-k", "life"]) == ("sqlite", ["-x", "-k", "life"])
    assert lanes.split(["--lane=postgres"]) == ("postgres", [])
    assert lanes.split(["tests"]) == (None, ["tests"])
    with pytest.raises(Refusal, match="--lane needs a name"):
        lanes.split(["--lane"])
