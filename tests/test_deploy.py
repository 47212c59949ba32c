"""What is in deploy/ can't drift away from what `./run` starts, nor from the house's addresses."""

import os
import re
import subprocess
import sys
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import URLPattern, URLResolver, get_resolver

from restaurant.run import embedded, processes
from restaurant.run.place import ROOT, Place

DEPLOY = ROOT / "deploy"
#: Where and as whom; a container has its own.
OF_THE_PLACE = ("--host", "--port", "--address", "--schedule", "--hostname", "--bind", "--dir")
#: Closed to the outside.
CLOSED = {"metrics", "readyz"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    found: dict[str, Any] = compose["services"]
    return found


def what_it_does(command: list[str]) -> list[str]:
    """The command, but for what is of its place."""
    told = " ".join(command).split()
    words: list[str] = []
    while told:
        word = told.pop(0)
        if word in OF_THE_PLACE:
            told.pop(0)
        elif word.partition("=")[0] not in OF_THE_PLACE:
            words.append(word)
    return words


def as_run_starts_it(place: Place) -> dict[str, list[str]]:
    started = [*processes.services(place), processes.WORKERS[0], processes.flower(place, "x")]
    return {
        process.name.rstrip("1"): ["python", *what_it_does([*process.command[1:]])]
        for process in started
    }


def test_compose_starts_what_run_starts(services: dict[str, Any], tmp_path: Path) -> None:
    ours = as_run_starts_it(Place(tmp_path, 8000, 5555))
    theirs = {name: what_it_does([services[name]["command"]]) for name in ours}
    assert theirs == ours
    others = services.keys() - ours.keys()
    zones = {name for name in others if name.startswith("worker-")}
    assert others - zones == {"proxy", "migrate", "postgres", "redis"}


def test_each_zone_of_the_menu_has_a_worker_of_its_own(services: dict[str, Any]) -> None:
    menu = tomllib.loads((ROOT / "kitchen" / "demo_menu.toml").read_text())
    workers = {name: service for name, service in services.items() if "worker-" in name}
    assert workers.keys() == {f"worker-{zone['code']}" for zone in menu["zones"]}
    everybody = what_it_does([services["worker"]["command"]])
    for name, worker in workers.items():
        zone = name.removeprefix("worker-")
        words = [f"zone.{zone}" if word == "pass,orders" else word for word in everybody]
        assert what_it_does([worker["command"]]) == [word for word in words if word != "--zones"]
        assert f"--hostname {zone}@%h" in worker["command"]


def test_redis_keeps_what_the_one_that_comes_along_keeps(services: dict[str, Any]) -> None:
    ours = what_it_does([*embedded.server_command(Path("x"), 1)[1:]])
    theirs = services["redis"]["command"].replace('""', "").split()[1:]
    assert theirs
    assert " ".join(theirs) in " ".join(ours)


def test_the_house_believes_the_proxys_address_which_nobody_else_is_given(
    services: dict[str, Any],
) -> None:
    proxy = ip_address(services["proxy"]["networks"]["inside"]["ipv4_address"])
    assert services["web"]["environment"]["PROXY_NETWORKS"] == f"{proxy}/32"
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    (network,) = compose["networks"]["inside"]["ipam"]["config"]
    assert proxy in ip_network(network["subnet"])
    assert proxy not in ip_network(network["ip_range"])


def test_only_the_proxy_can_be_reached_from_outside(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"proxy": ["80:80", "443:443"], "flower": ["127.0.0.1:5555:5555"]}


def test_there_is_no_secret_and_without_one_nothing_starts(services: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?\}", text))
    lines = (DEPLOY / "env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert given == dict.fromkeys(asked, "")
    # Nothing is left to a default.
    assert set(re.findall(r"\$\{(\w+)", text)) == asked
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, **given, "DEMO": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr


def test_the_proxy_is_believed_and_nobody_beside_it(services: dict[str, Any]) -> None:
    address = services["proxy"]["networks"]["inside"]["ipv4_address"]
    assert services["web"]["environment"]["BEHIND_PROXY"] == "1"
    assert services["web"]["environment"]["PROXY_NETWORKS"] == f"{address}/32"


def test_the_proxy_is_told_all_that_its_configuration_asks(services: dict[str, Any]) -> None:
    template = (DEPLOY / "nginx.conf.template").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)\}", template)) - {"NAMES"}
    assert services["proxy"]["environment"].keys() == asked
    typed = re.search(r"envsubst '([^']+)'", (DEPLOY / "README.md").read_text())
    assert typed
    assert set(re.findall(r"\$(\w+)", typed[1])) == asked


def first_words(patterns: list[URLPattern | URLResolver]) -> set[str]:
    """With what the addresses begin."""
    words: set[str] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == "":
            words |= first_words(pattern.url_patterns)
        else:
            words.add(str(pattern.pattern).partition("/")[0])
    return words


def test_every_address_is_open_at_the_proxy_or_closed_on_purpose() -> None:
    words = first_words(get_resolver().url_patterns) | {"static"}
    template = (DEPLOY / "nginx.conf.template").read_text()
    opened: set[str] = set()
    for words_there in re.findall(r"location ~ \^/\(([^)]+)\)(?:\(/\|\$\)|\$) \{", template):
        opened |= {word.replace("\\", "") for word in words_there.split("|")}
    assert opened == words - CLOSED, "open the new address in deploy/nginx.conf.template"


def test_the_image_runs_as_nobody_in_particular_with_pinned_packages() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    assert lines[-1] == "USER tamsang"
    assert "RUN pip install --no-cache-dir --require-hashes -r requirements.txt" in lines
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    for line in ignored:
        assert not line.startswith("!") or (ROOT / line[1:]).exists()
