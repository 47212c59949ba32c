"""`python -m bench.plan.predict`: plays the evening of stdin, and tells what came of it.

A process of its own: it reads the recipes of the house in the database that the environment names.
"""

import json
import sys
from typing import Any

import django

django.setup()

from kitchen.planning.evening import Evening  # noqa: E402
from kitchen.planning.guests import Guest  # noqa: E402
from kitchen.planning.house import House, Ways  # noqa: E402
from kitchen.planning.menu import orders_of  # noqa: E402
from kitchen.planning.mix import Line, Written  # noqa: E402


def predict(
    cooks: dict[str, int], holds: bool, scale: float, guests: list[Any], ways: dict[str, float]
) -> dict[str, Any]:
    """`guests` are [seconds after the opening, lines as in POST orders/]; `ways` as Ways has them,
    on the wall.
    """
    written = [
        Written([Line(line["item"], line["options"], line["tray"]) for line in lines], f"guest {n}")
        for n, (_, lines) in enumerate(guests, start=1)
    ]
    come = [
        Guest(arrives, order)
        for (arrives, _), order in zip(guests, orders_of(written), strict=True)
    ]
    in_kitchen = Ways(**{name: seconds * scale for name, seconds in ways.items()})
    outcome = Evening(House(cooks, holds, scale, in_kitchen), come).play()
    return {
        "p50": outcome.wait(0.5),
        "p95": outcome.wait(0.95),
        "utilisation": outcome.utilisation(cooks),
    }


if __name__ == "__main__":
    print(json.dumps(predict(**json.load(sys.stdin))))
