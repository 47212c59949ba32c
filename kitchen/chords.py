"""A result backend that keeps no results and counts no chords: the database knows the count.

Celery's extension point (`result_backend = "module:Class"`). Nothing in Redis can be lost, expire,
or disagree with the rows. A part that comes twice sends the body again; `plate` acts once.
"""

from typing import Any
from uuid import UUID

from celery import current_app, states
from celery.backends.base import BaseBackend

from kitchen.models import Ticket


class TicketsBackend(BaseBackend):
    """When the part of the ticket that finished last of its tray ends, send the body."""

    supports_native_join = True
    supports_autoexpire = True

    def store_result(self, *args: Any, **kwargs: Any) -> None:
        """The rows are the result."""

    def _forget(self, *args: Any, **kwargs: Any) -> None:
        """There is nothing to forget."""

    def _get_task_meta_for(self, task_id: str) -> dict[str, Any]:
        return {"status": states.PENDING, "result": None}

    def apply_chord(self, header_result_args: Any, body: Any, **kwargs: Any) -> None:
        """Nothing to prepare: there is no counter."""

    def set_chord_size(self, group_id: str, chord_size: int) -> None:
        """The tray's tickets are the size."""

    def on_chord_part_return(self, request: Any, state: str, result: Any, **kwargs: Any) -> None:
        """Celery calls this when a header task has returned."""
        if state == states.SUCCESS and Ticket.objects.finished_last(UUID(result)):
            current_app.signature(request.chord).apply_async()
