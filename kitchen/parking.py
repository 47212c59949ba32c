"""Parking: a task that waits for a person leaves its message in the database and ends.

Only this module and `chords` know how Celery does it.
"""

import json
from typing import Any

from celery import Task


def message_of(task: "Task[Any, Any]") -> dict[str, Any]:
    """The message that `Task.retry()` would send: same id, chord, place in the group, chain.

    Sent again, the same task runs again, finds its ticket finished and returns; then Celery goes
    on with the chain or the chord.
    """
    signature = task.signature_from_request()
    # An expiry would discard a late release; nobody waits for a reply.
    for option in ("expires", "reply_to"):
        signature.options.pop(option, None)
    message: dict[str, Any] = json.loads(json.dumps(signature))
    return message
