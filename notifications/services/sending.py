"""Claim, commit, send, record: what is to be sent now, and what became of it."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
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


def record(letter: Letter, outcome: Outcome) -> None:
    """Write down what became of it, and what follows for the delivery and its receiver."""
    tried = {
        "tries": F("tries") + 1,
        "last_tried_at": timezone.now(),
        "last_status": outcome.status,
        "last_error": outcome.words,
    }
    with transaction.atomic():
        # Its receiver first: everybody takes the two in this order.
        endpoint = Endpoint.objects.select_for_update().filter(pk=letter.endpoint).first()
        delivery = Delivery.objects.filter(pk=letter.delivery).first()
        if endpoint is None or delivery is None:
            return
        if outcome.is_good:
            moves.deliver(delivery.pk, **tried)
            note_success(endpoint)
        elif outcome.status == GONE:
            moves.give_up([delivery.pk], **tried)
            disable(endpoint)
        else:
            try_later(endpoint, delivery, outcome, tried)


def try_later(
    endpoint: Endpoint, delivery: Delivery, outcome: Outcome, tried: dict[str, object]
) -> None:
    """Again when its time comes; a receiver that fails on end is left alone for a while."""
    now = timezone.now()
    asked = asked_wait(outcome.retry_after, now)
    wait = wait_after(delivery.tries + 1)
    if wait is None:
        moves.give_up([delivery.pk], **tried)
    else:
        waiting = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING)
        waiting.update(next_try_at=now + max(wait, asked), **tried)
    failures = endpoint.failures + 1
    pause = max(pause_after(failures), asked)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        failures=failures, paused_until=now + pause if pause else None
    )


def note_success(endpoint: Endpoint) -> None:
    if endpoint.failures or endpoint.paused_until:
        Endpoint.objects.filter(pk=endpoint.pk).update(failures=0, paused_until=None)


def disable(endpoint: Endpoint) -> None:
    """It has said that it wants nothing any more."""
    logger.info("The webhook %s is disabled: its receiver answered 410", endpoint.pk)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        enabled=False, disabled_because="Its receiver answered 410 Gone."
    )
