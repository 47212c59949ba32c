"""Parking: the messages of a chord's parts wait in the database, each on its own ticket.

Called as usual, Celery would send all parts of a chord at once, and each would have to wait for
its cook. So each is finished as Celery would send it (its own id, the group, the chord), and kept.
Sent when its ticket is done, it runs at its zone, and Celery goes on with the chord. Only this
module and `chords` know how Celery does it; a test holds it against `chord.apply_async`.
"""

import json
from typing import Any

from celery import chord
from celery.utils import uuid

#: What the relay sends: a queue, and the headers, properties and body of Celery's protocol 2.
Message = dict[str, Any]


def parked(canvas: chord) -> list[Message]:
    """The messages that `canvas.apply_async()` would send, in the order of its header.

    Nothing has to be prepared in Redis: the parts are counted by the rows (`kitchen.chords`).
    """
    group = uuid()
    canvas.body.freeze(group_id=group)
    return [
        message_of(part, group_id=group, group_index=place, chord=canvas.body)
        for place, part in enumerate(canvas.tasks)
    ]


def message_of(part: Any, **place_in_chord: Any) -> Message:
    """One part, finished for sending to the queue that its options name."""
    part.freeze(**place_in_chord)
    task_id, queue = part.options["task_id"], part.options["queue"]
    finished = part.app.amqp.as_task_v2(
        task_id, part.task, part.args, part.kwargs, ignore_result=True, **place_in_chord
    )
    message: Message = {
        "queue": queue,
        "headers": finished.headers,
        "properties": {"correlation_id": task_id},
        "body": finished.body,
    }
    return json.loads(json.dumps(message))  # type: ignore[no-any-return]  # plain JSON, no signature
