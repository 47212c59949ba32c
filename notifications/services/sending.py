"""Claim, commit, send, record: what is to be sent now, and what became of it."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from notifications import moves
from notifications.lifecycle import DeliveryState
from notifications.models import Delivery, Endpoint
from notifications.schedule import asked_wait, pause_after, wait_after
from notifications.signing import secret_of, signature

logger = logging.getLogger(__name__)

#: Longer than a call can take: what its sender has not recorded by then is sent again.
LEASE = timedelta(seconds=25)
#: This receiver wants nothing any more.
GONE = 410


@dataclass(frozen=True)
class Letter:
    """A claimed delivery: all that is needed to send it."""

    delivery: int
    endpoint: UUID
    event: UUID
    url: str
    salts: tuple[str, ...]
    body: bytes

    def headers(self) -> dict[str, str]:
        """Signed at this moment, with each valid secret."""
        timestamp = int(timezone.now().timestamp())
        signatures = [
            signature(secret_of(self.endpoint, salt), str(self.event), timestamp, self.body)
            for salt in self.salts
        ]
        return {
            "Content-Type": "application/json",
            "webhook-id": str(self.event),
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(signatures),
        }


@dataclass(frozen=True)
class Outcome:
    """What became of a try: a status, or why there is none."""

    status: int | None = None
    retry_after: str = ""
    error: str = ""

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def words(self) -> str:
        if self.status is None or self.is_good:
            return self.error
        return "Redirects are not followed." if 300 <= self.status < 400 else "It was refused."


def claim(busy: Collection[UUID], most: int) -> list[Letter]:
    """The next delivery of each receiver that is awake and not `busy`, claimed by its time."""
    head = Delivery.objects.due().filter(endpoint=OuterRef("pk")).values("pk")[:1]
    awake = Endpoint.objects.awake().exclude(pk__in=busy).annotate(head=Subquery(head))
    heads = list(awake.filter(head__isnull=False).values_list("head", flat=True)[:most])
    if not heads:
        return []
    with transaction.atomic():
        due = Delivery.objects.due().filter(pk__in=heads).select_related("endpoint")
        return [letter_of(delivery) for delivery in due if is_ours(delivery)]


def is_ours(delivery: Delivery) -> bool:
    """Of two senders that want it one gets it. The claim ends by itself if its sender dies."""
    seen = Delivery.objects.due().filter(pk=delivery.pk, next_try_at=delivery.next_try_at)
    return bool(seen.order_by().update(next_try_at=timezone.now() + LEASE))


def letter_of(delivery: Delivery) -> Letter:
    endpoint = delivery.endpoint
    return Letter(
        delivery.pk,
        endpoint.pk,
        delivery.event,
        delivery.to,
        tuple(endpoint.salts),
        delivery.body.encode(),
    )


def put_back(letters: Collection[Letter]) -> None:
    """They were claimed and not sent: they are due again now."""
    claimed = Delivery.objects.filter(pk__in=[letter.delivery for letter in letters])
    claimed.filter(state=DeliveryState.WAITING).update(next_try_at=timezone.now())


def record(results: Sequence[tuple[Letter, Outcome]]) -> None:
    """Write down what became of them, and what follows for the deliveries and their receivers.

    In one transaction: of each receiver there is one at most.
    """
    with transaction.atomic():
        # The receivers first, and in one order: so two processes don't wait for each other.
        chosen = Endpoint.objects.filter(pk__in=[letter.endpoint for letter, _ in results])
        endpoints = {one.pk: one for one in chosen.select_for_update().order_by("pk")}
        note_arrived([(letter, outcome) for letter, outcome in results if outcome.is_good])
        for letter, outcome in results:
            endpoint = endpoints.get(letter.endpoint)
            if endpoint is not None and not outcome.is_good:
                note_failure(endpoint, letter, outcome)


def tried(outcome: Outcome) -> dict[str, Any]:
    """What a try leaves on its delivery."""
    return {
        "tries": F("tries") + 1,
        "last_tried_at": timezone.now(),
        "last_status": outcome.status,
        "last_error": outcome.words,
    }


def note_arrived(results: Sequence[tuple[Letter, Outcome]]) -> None:
    """They are delivered; whatever their receivers failed at before is over."""
    healed = Endpoint.objects.filter(pk__in=[letter.endpoint for letter, _ in results])
    healed.filter(Q(failures__gt=0) | Q(paused_until__isnull=False)).update(
        failures=0, paused_until=None
    )
    alike: dict[Outcome, list[int]] = {}
    for letter, outcome in results:
        alike.setdefault(outcome, []).append(letter.delivery)
    for outcome, deliveries in alike.items():
        moves.deliver(deliveries, **tried(outcome))


def note_failure(endpoint: Endpoint, letter: Letter, outcome: Outcome) -> None:
    """Again later, or never if its receiver is gone."""
    if outcome.status == GONE:
        moves.give_up([letter.delivery], **tried(outcome))
        disable(endpoint)
        return
    delivery = Delivery.objects.filter(pk=letter.delivery).first()
    if delivery is not None:
        try_later(endpoint, delivery, outcome)


def try_later(endpoint: Endpoint, delivery: Delivery, outcome: Outcome) -> None:
    """Again when its time comes; a receiver that fails on end is left alone for a while."""
    now = timezone.now()
    asked = asked_wait(outcome.retry_after, now)
    wait = wait_after(delivery.tries + 1)
    if wait is None:
        moves.give_up([delivery.pk], **tried(outcome))
    else:
        waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
        waiting.update(next_try_at=now + max(wait, asked), **tried(outcome))
    failures = endpoint.failures + 1
    pause = max(pause_after(failures), asked)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        failures=failures, paused_until=now + pause if pause else None
    )


def disable(endpoint: Endpoint) -> None:
    """It has said that it wants nothing any more."""
    logger.info("The webhook %s is disabled: its receiver answered 410", endpoint.pk)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        enabled=False, disabled_because="Its receiver answered 410 Gone."
    )
