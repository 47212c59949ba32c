"""Who carries the messages is named by one address; what can't be understood stops the start."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from restaurant import broker, environment


@pytest.mark.parametrize(
    "url", ["redis://r:6379/0", "rediss://r/1", "amqp://u:p@r//", "amqps://r/v"]
)
def test_a_redis_and_a_rabbitmq_are_understood(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("BROKER_URL", url)
    assert environment.broker("BROKER_URL") == url


def test_without_one_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", "")
    assert environment.broker("BROKER_URL") == ""


@pytest.mark.parametrize("url", ["rabbit", "amqp://", "sqs://host", "pyamqp://host//", "host:5672"])
def test_anything_else_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("BROKER_URL", url)
    with pytest.raises(ImproperlyConfigured, match="BROKER_URL can't be understood") as refused:
        environment.broker("BROKER_URL")
    assert f" {url} " not in str(refused.value)


@pytest.mark.parametrize(("url", "name"), [("redis://r", "Redis"), ("amqps://r//", "RabbitMQ")])
def test_people_are_told_its_name(settings: Any, url: str, name: str) -> None:
    settings.CELERY_BROKER_URL = url
    assert broker.name() == name
