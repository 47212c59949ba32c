"""What a killed worker had taken goes back to its queue, though it was killed while it looked."""

from typing import Any

import pytest

from restaurant.celery import app


def test_a_worker_killed_while_it_looks_for_abandoned_messages_stops_the_others_briefly(
    clean_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lock stays behind, by default for five minutes, in which nothing is given back."""
    left_behind: list[int] = []
    with app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        queue = channel.queue_declare("pass").queue
        channel.basic_publish(channel.prepare_message("{}"), "", queue)
        channel.basic_get(queue)
        monkeypatch.setattr(channel.qos, "visibility_timeout", 0)
        monkeypatch.setattr(
            channel.qos,
            "restore_by_tag",
            lambda tag, client: left_behind.append(client.ttl(channel.unacked_mutex_key)),
        )
        channel.qos.restore_visible(interval=1)
        channel.qos._delivered.clear()
    assert len(left_behind) == 1
    assert 0 < left_behind[0] <= 10
