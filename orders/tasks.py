"""What orders hear of the kitchen."""

from typing import Any
from uuid import UUID

from orders import services
from restaurant.celery import app
from restaurant.events.hearing import hears


@app.task
@hears
def mark_preparing(*, order_ref: str, **_: Any) -> None:
    """The first pan is on the fire."""
    services.mark_preparing(UUID(order_ref))


@app.task
@hears
def follow_kitchen(*, order_ref: str, **_: Any) -> None:
    """All trays are at the pass, or one was taken back, or is void."""
    services.follow_kitchen(UUID(order_ref))
    services.follow_guests(UUID(order_ref))


@app.task
@hears
def drop_line(*, order_ref: str, line: str, **_: Any) -> None:
    """The kitchen can't cook a line."""
    services.drop_line(UUID(order_ref), UUID(line))
