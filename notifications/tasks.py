"""What is done in the background: giving up, and forgetting."""

from typing import Any

from notifications import services
from restaurant.celery import app


@app.task
def forget_deliveries(**_: Any) -> None:
    """Give up what was never reached, and delete what was finished long ago, addresses too."""
    services.give_up_overdue()
    services.forget_deliveries()
    services.forget_guests()
