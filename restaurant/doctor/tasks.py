"""What workers do for the doctor: they show that they live, and read what only the broker knows."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from celery.signals import heartbeat_sent, worker_shutdown
from django.db import close_old_connections
from django.utils import timezone

from restaurant.celery import app
from restaurant.doctor.findings import BEAT
from restaurant.doctor.models import FORGOTTEN_AFTER, SignOfLife
from restaurant.doctor.pulse import Pulse
from restaurant.doctor.reading import take_reading

#: Celery's heartbeats come from the loop that takes messages, which must not wait for the database.
writer = ThreadPoolExecutor(1, thread_name_prefix="sign-of-life")
pulses: dict[str, Pulse] = {}
signs: dict[str, Future[None]] = {}


@app.task
def tick(**_: Any) -> None:
    """Each ten seconds: beat has asked, the broker has carried it, a worker does it."""
    reading = take_reading()
    if reading.taken is not None:
        # This task is one of those that are being worked on.
        reading = replace(reading, taken=max(reading.taken - 1, 0))
    SignOfLife.objects.give(BEAT, reading.as_json())
    SignOfLife.objects.forget_workers(timezone.now() - FORGOTTEN_AFTER)


@heartbeat_sent.connect
def live(sender: Any, **_: Any) -> None:
    """A worker's heart has beaten; Celery's does each two seconds."""
    name = sender.eventer.hostname
    pulse = pulses.setdefault(name, Pulse(name))
    last = signs.get(name)
    # While the database is away one waits for it, and no more come behind it.
    if pulse.is_due() and (last is None or last.done()):
        signs[name] = writer.submit(give_sign, pulse)


@worker_shutdown.connect
def leave(sender: Any, **_: Any) -> None:
    """Whoever is stopped is not missed; whoever is killed is."""
    if sender.hostname in pulses:
        # Waits for it, whether it succeeds or not.
        writer.submit(take_sign_away, sender.hostname).exception()


def give_sign(pulse: Pulse) -> None:
    close_old_connections()
    pulse.beat()


def take_sign_away(name: str) -> None:
    close_old_connections()
    SignOfLife.objects.filter(name=name).delete()
