"""What is done in the background: forgetting."""

from typing import Any

from notifications import services
from restaurant.celery import app


@app.task
def forget_deliveries(**_: Any) -> None:
    """Delete what was finished long ago."""
    services.forget_deliveries()
