"""Receivers: made, changed, and given new secrets."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from notifications.exceptions import NoSuchEndpoint, TooManyEndpoints
from notifications.models import Endpoint, EndpointQuerySet
from notifications.signing import as_shown, new_salt, secret_of
from restaurant.accounts.roles import Role, roles_of
from restaurant.events.models import EventRecord

#: Of one account, those for callbacks included.
MOST = 100


def endpoints_of(user: Any) -> EndpointQuerySet:
    """An account's own; a manager sees all."""
    every = Endpoint.objects.select_related("principal")
    return every if Role.MANAGER in roles_of(user) else every.filter(principal=user)


def find_endpoint(endpoint: UUID, user: Any) -> Endpoint:
    """The receiver if this user may see it; raises NoSuchEndpoint."""
    found = endpoints_of(user).filter(pk=endpoint).first()
    if found is None:
        raise NoSuchEndpoint()
    return found


def add_endpoint(principal: Any, url: str, events: list[str]) -> Endpoint:
    """A receiver that is told what happens from now on; raises TooManyEndpoints."""
    if Endpoint.objects.filter(principal=principal).count() >= MOST:
        raise TooManyEndpoints(most=MOST)
    newest = EventRecord.objects.aggregate(newest=Max("position"))["newest"] or 0
    return Endpoint.objects.create(principal=principal, url=url, events=events, since=newest)


def change_endpoint(endpoint: Endpoint, **changes: Any) -> None:
    """Its `url`, `events`, or whether it is `enabled`; enabled anew it begins without a past."""
    if changes.get("enabled"):
        changes |= {"disabled_because": "", "failures": 0, "paused_until": None}
    Endpoint.objects.filter(pk=endpoint.pk).update(**changes)
    endpoint.refresh_from_db()


def current_secret(endpoint: Endpoint) -> str:
    """To be shown once, to whom has just made it."""
    return as_shown(secret_of(endpoint.pk, endpoint.salt))


def rotate_secret(endpoint: Endpoint) -> str:
    """The new secret; the one before signs as well for a while."""
    until = timezone.now() + settings.WEBHOOK_OLD_SECRET_KEPT
    Endpoint.objects.filter(pk=endpoint.pk).update(
        salt=new_salt(), old_salt=endpoint.salt, old_salt_until=until
    )
    endpoint.refresh_from_db()
    return current_secret(endpoint)


def remove_endpoint(endpoint: Endpoint) -> None:
    """Nothing more is sent to it, and what was is forgotten.

    Its row is taken before its deliveries, as the sender takes them: neither waits for the other.
    """
    with transaction.atomic():
        Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        endpoint.delete()
