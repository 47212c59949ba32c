"""From the feed of events to what each receiver is told: each once, by a row."""

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max

from notifications.exceptions import TooManyEndpoints
from notifications.models import Delivery, Endpoint, FeedReader, OrderOwner, owners_of
from notifications.services.endpoints import add_endpoint
from notifications.services.mails import guests_of, write_mails
from restaurant.accounts.roles import SHOP_GROUP, shop_of
from restaurant.events.contract import DECLARED
from restaurant.events.models import EventRecord
from restaurant.events.shares import Shares, shares_of_apps

logger = logging.getLogger(__name__)

READER = "webhooks"
BATCH = 500
PLACED = "order.placed"
#: What the `callback_url` of an order is told.
CALLED_BACK_FOR = ("order.ready", "order.cancelled")

Told = dict[UUID, OrderOwner]


def may_be_chosen() -> list[str]:
    """The events that a receiver can be told of: those of orders and trays, not of single pans."""
    return sorted(name for name in DECLARED if name.startswith(("order.", "tray.")))


def newest_read() -> int:
    """Up to here it is written down whose the orders are, and who is to be told."""
    reader = FeedReader.objects.filter(name=READER).first()
    return reader.position if reader else 0


def behind_since() -> datetime | None:
    """When the oldest event happened of which it is not written down what follows from it."""
    ahead = EventRecord.objects.filter(position__gt=newest_read(), name__in=followed_names())
    return ahead.order_by("position").values_list("happened_at", flat=True).first()


def followed_names() -> list[str]:
    """What is read in the feed: whose the orders are, and what receivers may want."""
    return may_be_chosen() if Endpoint.objects.filter(enabled=True).exists() else [PLACED]


def follow(position: int) -> int:
    """Write down what follows from the events after this position; where to go on.

    Several may follow at once: the reader's row is taken first, and what another has written down
    is left out.
    """
    events = list(EventRecord.objects.followed(position, BATCH))
    if not events:
        return position
    last = events[-1].position or position
    chosen = followed_names()
    guests = guests_of(events)
    if guests or any(event.name == PLACED or event.name in chosen for event in events):
        with transaction.atomic():
            reader, _made = FeedReader.objects.select_for_update().get_or_create(name=READER)
            fresh = [event for event in events if (event.position or 0) > reader.position]
            note_owners(fresh)
            Delivery.objects.bulk_create(deliveries_of(fresh))
            write_mails(fresh, guests)
            FeedReader.objects.filter(name=READER, position__lt=last).update(position=last)
    return last


def note_owners(events: Sequence[EventRecord]) -> None:
    """Whose the new orders are. An account that is gone owns nothing."""
    placed = {event.subject: event.data for event in events if event.name == PLACED}
    names = {data.get("placed_by", "") for data in placed.values()}
    users = get_user_model().objects.filter(username__in=names)
    accounts = {user.get_username(): user.pk for user in users}
    OrderOwner.objects.bulk_create(
        [
            OrderOwner(
                order_ref=order,
                principal_id=accounts[data["placed_by"]],
                callback_url=data.get("callback_url", ""),
            )
            for order, data in placed.items()
            if data.get("placed_by") in accounts
        ],
        ignore_conflicts=True,
    )


def deliveries_of(events: Sequence[EventRecord]) -> list[Delivery]:
    """The rows for all receivers of these events, numbered for each receiver and order."""
    owners = owners_of({event.subject for event in events})
    told = list(receivers(events, owners))
    last = last_sequences({event.subject for event, *_ in told})
    made = []
    for event, endpoint, callback_url in told:
        number = last[endpoint.pk, event.subject] = last.get((endpoint.pk, event.subject), 0) + 1
        made.append(
            Delivery(
                endpoint=endpoint,
                event=event.uuid,
                name=event.name,
                order_ref=event.subject,
                sequence=number,
                callback_url=callback_url,
                body=body_of(event, number),
            )
        )
    return made


def receivers(
    events: Sequence[EventRecord], owners: Told
) -> Iterator[tuple[EventRecord, Endpoint, str]]:
    """Each event as each receiver is told of it, and the address if it is not its own."""
    shops = of_shops()
    house, own = hearing({owner.principal_id for owner in owners.values()}, shops)
    shares: list[Shares] = shares_of_apps()(events) if shops else [{} for _ in events]
    for event, share in zip(events, shares, strict=True):
        owner = owners.get(event.subject)
        told = [(event, one) for one in house]
        told += [(event, one) for one in own.get(owner.principal_id if owner else None, [])]
        told += [(share[shop], one) for shop, one in shops if shop in share]
        for heard, endpoint in told:
            if event.name in endpoint.events and (event.position or 0) > endpoint.since:
                yield heard, endpoint, ""
        if owner and owner.callback_url and event.name in CALLED_BACK_FOR:
            called_back = callback_endpoint(owner)
            if called_back:
                yield event, called_back, owner.callback_url


def of_shops() -> list[tuple[str, Endpoint]]:
    """The receivers of shops, each with the shop whose part it is told."""
    members = Endpoint.objects.filter(
        enabled=True, principal__is_active=True, principal__groups__name__startswith=SHOP_GROUP
    )
    found = members.select_related("principal").prefetch_related("principal__groups").distinct()
    return [(shop, one) for one in found if (shop := shop_of(one.principal)) is not None]


def hearing(
    accounts: set[int], shops: Sequence[tuple[str, Endpoint]]
) -> tuple[list[Endpoint], dict[int | None, list[Endpoint]]]:
    """The receivers that hear of every order, and those of these accounts, by account.

    An account of a shop hears its shop's part, also of what it ordered before it was one.
    """
    enabled = Endpoint.objects.filter(enabled=True, principal__is_active=True)
    house = list(enabled.of_house())
    others = [one.pk for one in (*house, *(one for _shop, one in shops))]
    own: dict[int | None, list[Endpoint]] = {}
    for endpoint in enabled.filter(principal__in=accounts).exclude(pk__in=others):
        own.setdefault(endpoint.principal_id, []).append(endpoint)
    return house, own


def callback_endpoint(owner: OrderOwner) -> Endpoint | None:
    """The account's receiver at the same server, whose secret signs; made if there is none."""
    origin = origin_of(owner.callback_url)
    for endpoint in Endpoint.objects.filter(principal=owner.principal_id).order_by("created_at"):
        if origin_of(endpoint.url) == origin:
            return endpoint if endpoint.enabled else None
    try:
        return add_endpoint(owner.principal, origin, [])
    except TooManyEndpoints:
        logger.warning("%s is not called back: its account has too many webhooks", origin)
        return None


def origin_of(url: str) -> str:
    """`https://shop.example:8443/`: whose server it is."""
    return str(httpx2.URL(url).copy_with(path="/", query=None, fragment=None))


def last_sequences(orders: set[UUID]) -> dict[tuple[UUID, UUID], int]:
    """By receiver and order, how much was told already."""
    numbered = Delivery.objects.filter(order_ref__in=orders).values_list("endpoint", "order_ref")
    return {(endpoint, order): last for endpoint, order, last in numbered.annotate(Max("sequence"))}


def body_of(event: EventRecord, sequence: int) -> str:
    """Thin: what happened to which order. Who wants to know more reads the order."""
    data: dict[str, Any] = {
        "order": str(event.subject),
        "version": version_at(event),
        "sequence": sequence,
    }
    if "tray" in event.data:
        data["tray"] = event.data["tray"]
    happened_at = event.happened_at.isoformat().replace("+00:00", "Z")
    return json.dumps({"type": event.name, "timestamp": happened_at, "data": data})


def version_at(event: EventRecord) -> int | None:
    """The order's version after the event: its own, or that of the last news of the order."""
    if event.name.startswith("order.") and "version" in event.data:
        return int(event.data["version"])
    news = EventRecord.objects.filter(
        subject=event.subject, name__startswith="order.", position__lt=event.position
    )
    last = news.order_by("-position").first()
    return version_at(last) if last else None
