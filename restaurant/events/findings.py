"""How far the telling is: the relay, what was not told, and who has not heard."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from restaurant import broker
from restaurant.doctor.contract import Finding, Gauge, Signs, State, gauge, graded, process
from restaurant.events.deaths import count_left_alone
from restaurant.events.models import EventRecord, Heard
from restaurant.subscriptions import SUBSCRIPTIONS
from restaurant.wording import ago

#: Seconds: an event is sent within one, while the relay and the broker are there.
SENT_LATE, SENT_FAR_TOO_LATE = 5.0, 30.0
#: Seconds: it is heard a moment later, and settled after five. What is late then was lost once, or
#: lies in a long queue.
HEARD_LATE, HEARD_FAR_TOO_LATE = 15.0, 120.0
#: So many of the oldest are looked at: who has them still before them is known then.
MOST = 500


def look(signs: Signs) -> Iterator[Finding]:
    yield process(
        signs,
        "relay",
        title=_("The relay"),
        advice=_(
            "Start `manage.py relay`, or read its log. Orders are taken without it; nothing of them"
            " reaches the kitchen."
        ),
    )
    yield untold()
    yield unheard()
    yield left_alone()


def untold() -> Finding:
    since = EventRecord.objects.untold_since()
    seconds = waited(since)
    if since is None:
        says = _("Everything is told.")
    else:
        says = _("The oldest has waited for %(age)s.") % {"age": ago(since)}
    return Finding(
        name="untold",
        title=_("Events to be told"),
        state=graded(seconds, SENT_LATE, SENT_FAR_TOO_LATE),
        says=says,
        advice=_(
            "Look whether the relay runs, and whether %(broker)s answers. Then they are told by"
            " themselves, the oldest first."
        )
        % {"broker": broker.name()},
        page=reverse("admin:events_eventrecord_changelist") + "?shown=due",
        gauges=(gauge("oldest_untold_seconds", "Age of the oldest event not sent yet.", seconds),),
    )


def unheard() -> Finding:
    deaf = deaf_hearers()
    oldest = {to: waited(min(since)) for to, since in deaf.items()}
    said = [
        _("%(who)s: %(count)s, the oldest for %(age)s")
        % {"who": to, "count": len(since), "age": ago(min(since))}
        for to, since in sorted(deaf.items())
    ]
    counted = [((to,), len(since)) for to, since in deaf.items()]
    ages = [((to,), seconds) for to, seconds in oldest.items()]
    return Finding(
        name="unheard",
        title=_("Events to be heard"),
        state=graded(max(oldest.values(), default=0), HEARD_LATE, HEARD_FAR_TOO_LATE),
        says="; ".join(said) or _("Everything that was told is heard."),
        advice=_(
            "They are told again by themselves. Look whether a worker lives and how long the queues"
            " are, and read the workers' logs for what fails each time."
        ),
        page=reverse("admin:events_eventrecord_changelist") + "?shown=due",
        gauges=(
            Gauge("unheard", f"Events late to be heard, {MOST} at most.", counted, ("subscriber",)),
            Gauge("oldest_unheard_seconds", "Age of the oldest of them.", ages, ("subscriber",)),
        ),
    )


def deaf_hearers() -> dict[str, list[datetime]]:
    """Who has not heard what in time: the times at which it happened, by subscriber."""
    late = timezone.now() - timedelta(seconds=HEARD_LATE)
    events = EventRecord.objects.unheard(late, MOST)
    heard = Heard.objects.by_event(event.id for event in events)
    deaf: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        for subscription in SUBSCRIPTIONS.get(event.name, []):
            if subscription.to not in heard.get(event.id, {}):
                deaf[subscription.to].append(event.happened_at)
    return deaf


def left_alone() -> Finding:
    count = count_left_alone()
    return Finding(
        name="left_alone",
        title=_("Events left alone"),
        state=State.ILL if count else State.OK,
        says=_("%(count)s, because too many workers have died of them.") % {"count": count}
        if count
        else _("None."),
        advice=_(
            "Read the workers' logs of that time, and mend the cause; then tell them again from"
            " their page. Or cancel the order. After an hour they are tried by themselves."
        ),
        page=reverse("admin:events_eventrecord_changelist") + "?shown=left_alone",
        gauges=(gauge("events_left_alone", "Events that kill who hears them.", count),),
    )


def waited(since: datetime | None) -> float:
    """Seconds since then."""
    return (timezone.now() - since).total_seconds() if since else 0.0
