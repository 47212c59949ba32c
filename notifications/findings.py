"""How far the receivers of webhooks are told, and guests written to."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications import services
from restaurant.doctor.contract import Finding, Signs, State, gauge, graded, process
from restaurant.wording import ago

#: Seconds: the feed is read five times a second.
BEHIND, FAR_BEHIND = 10.0, 120.0
#: Seconds: a mail that is tried again waits for half a minute, and then for longer.
UNSENT, LONG_UNSENT = 60.0, 900.0


def look(signs: Signs) -> Iterator[Finding]:
    yield process(
        signs,
        "webhooks",
        title=_("The sender of webhooks"),
        advice=_(
            "Start `manage.py webhooks`, or read its log. Until then no receiver is told, and an"
            " app that polls the feed does not find its new orders."
        ),
    )
    yield lag()
    yield dead_letters()
    yield mails()
    yield dead_mails()


def lag() -> Finding:
    """How far the sender of webhooks is behind the feed."""
    since = services.behind_since()
    seconds = (timezone.now() - since).total_seconds() if since else 0.0
    return Finding(
        name="feed",
        title=_("The feed"),
        state=graded(seconds, BEHIND, FAR_BEHIND),
        says=_("The sender of webhooks is %(age)s behind.") % {"age": ago(since)}
        if since
        else _("The sender of webhooks has read all of it."),
        advice=_("Look whether `manage.py webhooks` runs, and read its log. It catches up."),
        gauges=(
            gauge("feed_lag_seconds", "Age of what the sender of webhooks has not read.", seconds),
        ),
    )


def dead_letters() -> Finding:
    count = services.count_dead()
    return Finding(
        name="dead_letters",
        title=_("Dead letters"),
        state=State.ATTENTION if count else State.OK,
        says=_("%(count)s did not arrive in all their tries.") % {"count": count}
        if count
        else _("None."),
        advice=_(
            "Ask whoever runs the receiver; “Send again” when it is well. What nobody wants any"
            " more is forgotten 30 days after it was given up."
        ),
        page=reverse("admin:notifications_delivery_changelist") + "?shown=dead",
        gauges=(gauge("dead_letters", "Deliveries that were given up.", count),),
    )


def mails() -> Finding:
    """Whether guests get theirs in time."""
    since = services.unsent_since()
    seconds = (timezone.now() - since).total_seconds() if since else 0.0
    return Finding(
        name="mails",
        title=_("Mails to guests"),
        state=graded(seconds, UNSENT, LONG_UNSENT),
        says=_("The oldest has waited for %(age)s.") % {"age": ago(since)}
        if since
        else _("None waits."),
        advice=_("See what the mail server said; look at EMAIL_URL and MAIL_FROM."),
        page=reverse("admin:notifications_mail_changelist") + "?shown=waiting",
        gauges=(gauge("oldest_mail_seconds", "Age of the oldest mail that waits.", seconds),),
    )


def dead_mails() -> Finding:
    count = services.count_dead_mails()
    return Finding(
        name="dead_mails",
        title=_("Mails not sent"),
        state=State.ATTENTION if count else State.OK,
        says=_("%(count)s were given up.") % {"count": count} if count else _("None."),
        advice=_(
            "See what the mail server said. “Send again”, if the guest still wants to know; they"
            " are forgotten 30 days after the order."
        ),
        page=reverse("admin:notifications_mail_changelist") + "?shown=dead",
        gauges=(gauge("dead_mails", "Mails to guests that were given up.", count),),
    )
