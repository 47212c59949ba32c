"""`Idempotency-Key` for any POST: the effect and its answer commit together."""

import hashlib
import json
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from restaurant.api import refusal_response
from restaurant.errors import DomainError, Invalid, Refused
from restaurant.idempotency.models import StoredAnswer

#: Bare, or quoted as a string of structured fields (RFC 9651).
KEY_PATTERN = "[A-Za-z0-9_-]{16,255}"
KEY = re.compile(rf'("?)({KEY_PATTERN})\1')
#: What of an answer's headers is kept beside its body.
KEPT_HEADERS = ("Content-Type", "Location", "ETag")

Post = Callable[..., Response]
#: Told of what the business refused, and of whose request.
Note = Callable[[DomainError, Request], None]


class IdempotencyKeyMissing(Invalid):
    """Send an Idempotency-Key header: 16 to 255 of A-Z, a-z, 0-9, _ and -, each time a new one."""


class IdempotencyKeyInvalid(Invalid):
    """The Idempotency-Key must be 16 to 255 of A-Z, a-z, 0-9, _ and -."""


class IdempotencyKeyReused(DomainError):
    """This Idempotency-Key was sent before with another body: take a new key."""


class IdempotencyInProgress(Refused):
    """A request with this Idempotency-Key is being worked on: ask again in a moment."""

    retryable = True


def ignore(refusal: DomainError, request: Request) -> None:
    """Most refusals are their caller's business alone."""


def idempotent(
    *, required: bool = False, note: Note = ignore
) -> Callable[[Post], Callable[..., HttpResponse]]:
    """Answer a repeated POST with the first one's answer, byte for byte.

    2xx answers and refusals by the business are stored (a refusal after rolling back what the
    request did); a malformed request raises out of here, and nothing is stored.

    `note` is told of a refusal in the transaction that stores it; of one that is not stored, since
    asking again can help, after all else was undone.
    """

    def decorate(post: Post) -> Callable[..., HttpResponse]:
        @wraps(post)
        def post_once(view: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            key = request.headers.get("Idempotency-Key")
            if key is None and required:
                raise IdempotencyKeyMissing(pointer="")
            found = KEY.fullmatch(key or "")
            if key is not None and found is None:
                raise IdempotencyKeyInvalid(pointer="")
            if found is None:
                return post(view, request, *args, **kwargs)
            try:
                with transaction.atomic():
                    answer = take(request, found[2])
                    if answer.status:
                        return replay(answer)
                    do = partial(post, view, request, *args, **kwargs)
                    response = answered(view, request, do, note)
                    store(answer, response)
                    return response
            except DomainError as refusal:
                if refusal.retryable:
                    note(refusal, request)
                raise

        setattr(post_once, "idempotency_key_required", required)
        return post_once

    return decorate


def take(request: Request, key: str) -> StoredAnswer:
    """The row of this key: a new one without a status, or an older one with its answer.

    While another transaction holds the key, this waits for its end.
    """
    scope: dict[str, Any] = {
        "principal_id": request.user.pk,
        "route": f"{request.method} {request.path}",
        "key": key,
    }
    body = json.dumps(request.data, sort_keys=True).encode()
    fingerprint = hashlib.sha256(body).hexdigest()
    try:
        new = StoredAnswer.objects.begin(**scope, fingerprint=fingerprint)
    except OperationalError as error:
        raise IdempotencyInProgress(retry_after=1) from error
    if new is not None:
        return new
    answer = StoredAnswer.objects.filter(**scope).first()
    if answer is None or (is_old(answer) and not renewed(answer, fingerprint)):
        # Somebody else has just forgotten it, or was faster to renew it.
        return take(request, key)
    if answer.fingerprint != fingerprint:
        raise IdempotencyKeyReused()
    return answer


def is_old(answer: StoredAnswer) -> bool:
    return answer.stored_at < timezone.now() - settings.IDEMPOTENCY_KEPT


def renewed(answer: StoredAnswer, fingerprint: str) -> bool:
    """Begin anew with a key whose answer was kept for long enough; of two callers one does."""
    old = StoredAnswer.objects.filter(pk=answer.pk, stored_at=answer.stored_at)
    answer.status, answer.fingerprint, answer.stored_at = 0, fingerprint, timezone.now()
    try:
        return bool(old.update(status=0, fingerprint=fingerprint, stored_at=answer.stored_at))
    except OperationalError as error:
        raise IdempotencyInProgress(retry_after=1) from error


def answered(view: Any, request: Request, post: Callable[[], Response], note: Note) -> Response:
    """The finished answer, also when the business refuses; its service has undone what it did."""
    try:
        response = post()
    except Invalid:
        raise
    except DomainError as refusal:
        if refusal.retryable:
            raise
        note(refusal, request)
        response = refusal_response(refusal, request._request)
    finished: Response = view.finalize_response(request, response)
    finished.render()
    return finished


def store(answer: StoredAnswer, response: Response) -> None:
    answer.status = response.status_code
    answer.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    answer.body = response.content
    answer.save(update_fields=["status", "headers", "body"])


def replay(answer: StoredAnswer) -> HttpResponse:
    """The stored answer, as it was."""
    response = HttpResponse(bytes(answer.body), status=answer.status)
    for name, value in answer.headers.items():
        response[name] = value
    response["Idempotency-Replayed"] = "true"
    return response
