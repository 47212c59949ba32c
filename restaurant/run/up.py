"""`./run`: from nothing to an open restaurant, until Ctrl-C."""

import http.client
import json
import os
import secrets
import sys
from collections.abc import Sequence
from typing import Any

from restaurant.run import embedded, ports, processes
from restaurant.run.log import Log
from restaurant.run.place import (
    Place,
    environment,
    kept_secret,
    only_one,
    place_from,
    write_private,
)
from restaurant.run.refusal import Refusal
from restaurant.run.supervisor import StopAsked, Supervisor

WELCOME = """
Tamsang is open.

  API     {url}/api/v1/menu/
  Admin   {url}/admin/   (user {admin[username]}, password {admin[password]})
  Flower  {flower_url}/   (user {flower[username]}, password {flower[password]})
  Tokens and addresses for programs: {demo_file}

A first order:

  curl -X POST {url}/api/v1/orders/ \\
    -H 'Authorization: Bearer {tokens[app]}' \\
    -H 'Content-Type: application/json' -H 'Idempotency-Key: {order_ref}' \\
    -d '{first_order}'

Ctrl-C stops everything.

"""


def up(arguments: Sequence[str]) -> int:
    """Start everything, watch it, stop it when asked."""
    if arguments:
        raise Refusal(f"./run takes no {arguments[0]}: settings come from the environment.")
    place = place_from(os.environ)
    with only_one(place):
        ports.demand_free("PORT", place.port)
        ports.demand_free("FLOWER_PORT", place.flower_port)
        place.demo_file.unlink(missing_ok=True)
        write_private(place.run / "supervisor.pid", f"{os.getpid()}\n")
        log = Log(place.var / "log" / "tamsang.log", sys.stdout)
        try:
            _serve(place, log)
        finally:
            (place.run / "supervisor.pid").unlink(missing_ok=True)
            log.close()
    return 0


def _serve(place: Place, log: Log) -> None:
    redis_port = embedded.settled_port(place)
    env = environment(place, os.environ, embedded.redis_url(redis_port))
    flower_password = kept_secret(place.var / "flower_password", random_bytes=12)
    supervisor = Supervisor(env, log, place.run)
    try:
        log.say("tamsang", "starting")
        if env["BROKER_URL"] == embedded.redis_url(redis_port):
            supervisor.start([processes.redis(place, redis_port)])
            supervisor.until_ready()
        supervisor.carry_out(processes.MIGRATE)
        supervisor.start(processes.services(place))
        made = _understood(supervisor.carry_out(processes.DEMO))
        # Only now, for they would notice the zones of a new menu some seconds late.
        supervisor.start(processes.WORKERS)
        supervisor.until_ready()
        supervisor.start([processes.flower(place, flower_password)])
        supervisor.until_ready()
        demo = {
            "url": f"http://127.0.0.1:{place.port}",
            "flower_url": f"http://127.0.0.1:{place.flower_port}",
            "redis_url": env["REDIS_URL"],
            "broker_url": env["BROKER_URL"],
            "database_url": env["DATABASE_URL"],
            **made,
            "flower": {"username": processes.FLOWER_USER, "password": flower_password},
        }
        write_private(place.demo_file, json.dumps(demo, indent=2) + "\n")
        log.show(_welcome(place, demo))
        supervisor.watch()
    except StopAsked:
        log.say("tamsang", "stopping")
    finally:
        # What it says is true only while it runs.
        place.demo_file.unlink(missing_ok=True)
        supervisor.stop()
    log.say("tamsang", "stopped")


def _understood(text: str) -> dict[str, Any]:
    """The users and tokens that `manage.py demo` has made."""
    try:
        made = json.loads(text)
        return {"admin": made["admin"], "tokens": made["tokens"]}
    except (ValueError, KeyError, TypeError):
        raise Refusal("manage.py demo did not say which users and tokens it made.") from None


def _welcome(place: Place, demo: dict[str, Any]) -> str:
    # Another one at every start, so that the line works whenever it is pasted.
    order_ref = f"first-order-{secrets.token_hex(4)}"
    line = {"item": _something_to_eat(place.port), "quantity": 1}
    first_order = json.dumps(
        {"channel": "dine_in", "table": "A3", "client_ref": order_ref, "lines": [line]}
    )
    return WELCOME.format(
        **demo, demo_file=place.demo_file, order_ref=order_ref, first_order=first_order
    )


def _something_to_eat(port: int) -> str:
    """The code of something that is on the menu now."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        wire.request("GET", "/api/v1/menu/")
        menu = json.load(wire.getresponse())
        return next(str(item["code"]) for item in menu if item["available"])
    except (OSError, http.client.HTTPException, ValueError, LookupError, StopIteration):
        return "tom-yum"
    finally:
        wire.close()
