"""Where the running demo is and who may do what there: `$VAR/demo.json`."""

import json
from dataclasses import dataclass
from pathlib import Path


class Stopped(Exception):
    """The rush can't go on; says in one sentence why and what to do."""


@dataclass(frozen=True)
class Demo:
    """The address of the product and the tokens of those who act in the rush."""

    url: str
    guest: str
    cook: str
    waiter: str
    manager: str


def read_demo(path: Path) -> Demo:
    """Raises Stopped if there is no running demo to be read of."""
    try:
        found = json.loads(path.read_text())
        tokens = found["tokens"]
        return Demo(
            url=found["url"],
            guest=tokens["app"],
            cook=tokens["cook"],
            waiter=tokens["waiter"],
            manager=tokens["manager"],
        )
    except FileNotFoundError as missing:
        raise Stopped(
            f"There is no {path}: start the restaurant with ./run and wait until it is ready, "
            "or name its file with --demo."
        ) from missing
    except OSError as unreadable:
        raise Stopped(
            f"{path} can't be read ({unreadable.strerror}): start the rush as the user who "
            "started ./run."
        ) from unreadable
    except (ValueError, KeyError, TypeError) as unknown:
        raise Stopped(
            f"{path} is not the demo.json of a running restaurant: start it again with ./run."
        ) from unknown
