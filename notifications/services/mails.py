"""Mails to guests: whom, about what, and in which language; each event once, by a row."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notifications import moves
from notifications.exceptions import StillWaiting
from notifications.lifecycle import DeliveryState
from notifications.models import Guest, Mail
from restaurant.events.models import EventRecord

READY, CANCELLED, REOPENED = "order.ready", "order.cancelled", "order.reopened"
SERVED, CLOSED = "order.served", "order.closed"
#: What a guest gets a mail about.
WRITTEN_FOR = (READY, CANCELLED)
#: What still waits to be sent is not true any more after these.
OVERTAKEN_BY = (READY, CANCELLED, REOPENED, SERVED, CLOSED)


def note_guest(order_ref: UUID, email: str, language: str, number: int, tracking_url: str) -> None:
    """This order's guest wants mails. Call it in the transaction that takes the order."""
    Guest.objects.create(
        order_ref=order_ref,
        email=email,
        language=language,
        number=number,
        tracking_url=tracking_url,
    )


def guest_of(order_ref: UUID) -> Guest | None:
    """Who is written to about this order, with what was written."""
    return Guest.objects.prefetch_related("mails").filter(order_ref=order_ref).first()


def guests_of(events: Iterable[EventRecord]) -> dict[UUID, Guest]:
    """Those of these events that concern a guest who wants mails, by order."""
    orders = {event.subject for event in events if event.name in OVERTAKEN_BY}
    return Guest.objects.in_bulk(orders) if orders else {}


def write_mails(events: Sequence[EventRecord], guests: dict[UUID, Guest]) -> None:
    """A mail for each of these events that its guest is told of, in the order of the feed.

    Call it in the transaction that notes how far the feed was read.
    """
    for event in events:
        guest = guests.get(event.subject)
        if guest is None or event.name not in OVERTAKEN_BY:
            continue
        overtake(guest)
        if event.name in WRITTEN_FOR:
            mail_about(event, guest).save(force_insert=True)


def overtake(guest: Guest) -> None:
    """What waits for the mail server has become untrue meanwhile, and is not written any more."""
    guest.mails.filter(state=DeliveryState.WAITING).delete()


def mail_about(event: EventRecord, guest: Guest) -> Mail:
    """In the guest's language; not saved yet."""
    with translation.override(guest.language):
        subject, news = words_of(event, guest.number)
        link = _("Your order is here: %(url)s") % {"url": guest.tracking_url}
        why = _("You get this mail because this address was given with the order.")
        body = "\n\n".join([_("Hello,"), news, link, why]) + "\n"
    return Mail(guest=guest, event=event.uuid, name=event.name, subject=subject, body=body)


def words_of(event: EventRecord, number: int) -> tuple[str, str]:
    """Subject and sentence."""
    why = event.data.get("reason", "")
    told = {"number": number, "reason": one_line(_(why) if why else "")}
    if event.name == READY:
        return (
            _("Order #%(number)s is ready") % told,
            _("your order #%(number)s is ready.") % told,
        )
    return (
        _("Order #%(number)s was cancelled") % told,
        _("your order #%(number)s was cancelled: %(reason)s") % told,
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


def unsent_since() -> datetime | None:
    """Since when the oldest waits of those that are not sent."""
    waiting = Mail.objects.filter(state=DeliveryState.WAITING)
    return waiting.order_by("made_at").values_list("made_at", flat=True).first()


def count_dead_mails() -> int:
    return Mail.objects.dead().count()


def mail_again(mail: Mail) -> None:
    """Send it once more, with the same Message-ID; raises StillWaiting."""
    if not moves.redeliver([mail.pk], Mail):
        raise StillWaiting()
    mail.refresh_from_db()


def forget_guests() -> int:
    """Delete the addresses of old orders and what was written there; how many rows those were."""
    until = timezone.now() - settings.MAILS_KEPT
    deleted, _by_model = Guest.objects.filter(placed_at__lt=until).delete()
    return deleted
