"""Claim, commit, send, record: mails, one after the other."""

import logging
import smtplib
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.utils import timezone

from notifications import moves
from notifications.lifecycle import DeliveryState
from notifications.models import Mail
from notifications.schedule import mail_wait_after

logger = logging.getLogger(__name__)

#: Longer than a mail server can take with all its answers: what its sender has not recorded by then
#: is sent again.
LEASE = timedelta(minutes=2)


class NotSent(Exception):
    """The mail server did not take it; `permanent`: it never will."""

    def __init__(self, why: str, *, permanent: bool = False) -> None:
        super().__init__(why)
        self.permanent = permanent


def send_next() -> bool | None:
    """Send the mail that is due next; None if none is due.

    False: the server did not take it now, and is not likely to take another one.
    """
    mail = claim()
    if mail is None:
        return None
    try:
        send(mail)
    except NotSent as fault:
        logger.warning("The mail about %s was not sent: try %s", mail.event, mail.tries + 1)
        note_fault(mail, fault)
        return fault.permanent
    moves.deliver([mail.pk], Mail, **tried(""))
    return True


def claim() -> Mail | None:
    """The next one, ours by its time. The claim ends by itself if its sender dies."""
    due = Mail.objects.due()
    for mail in due.select_related("guest")[:10]:
        seen = due.filter(pk=mail.pk, next_try_at=mail.next_try_at).order_by()
        if seen.update(next_try_at=timezone.now() + LEASE):
            return mail
    return None


def send(mail: Mail) -> None:
    """Hand it to the mail server; raises NotSent.

    Its Message-ID is the event's: who gets it twice, because its sender died before it noted that
    it was sent, can see that.
    """
    message = EmailMessage(
        mail.subject,
        mail.body,
        to=[mail.guest.email],
        headers={
            "Message-ID": f"<{mail.event}@tamsang>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": mail.guest.language,
        },
        connection=get_connection(),
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise NotSent(in_words(code, said), permanent=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        why = in_words(error.smtp_code, error.smtp_error)
        raise NotSent(why, permanent=is_about_the_mail(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(str(error) or type(error).__name__) from error
    except ValueError as error:
        raise NotSent(str(error), permanent=True) from error


def is_about_the_mail(error: smtplib.SMTPResponseException) -> bool:
    """For good; and not about us, whose password or address may be mended meanwhile."""
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def in_words(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {text}"


def tried(error: str) -> dict[str, Any]:
    """What a try leaves on its mail."""
    return {
        "tries": F("tries") + 1,
        "last_tried_at": timezone.now(),
        "last_error": error.replace("\0", "")[:200],
    }


def note_fault(mail: Mail, fault: NotSent) -> None:
    """Again when its time comes, or never."""
    wait = None if fault.permanent else mail_wait_after(mail.tries + 1)
    if wait is None:
        moves.give_up([mail.pk], Mail, **tried(str(fault)))
    else:
        waiting = Mail.objects.filter(pk=mail.pk, state=DeliveryState.WAITING)
        waiting.update(next_try_at=timezone.now() + wait, **tried(str(fault)))
