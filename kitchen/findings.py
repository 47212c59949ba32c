"""How the kitchen's machinery is: trays that stand still, repairs, quarantine, chits."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kitchen import services
from kitchen.events import TrayRepaired
from kitchen.models import Ticket, Tray
from kitchen.services.chits import has_printers
from restaurant import broker
from restaurant.doctor.contract import Finding, Signs, State, gauge, graded, process
from restaurant.events.models import EventRecord
from restaurant.wording import ago

#: Seconds: the reconciler sees after five what stands still, and drives it within some more.
STILL, FAR_TOO_STILL = 15.0, 120.0
#: Repairs within an hour: with these there is a cause to be looked for.
MANY, TOO_MANY = 20, 1000
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)


def look(signs: Signs) -> Iterator[Finding]:
    yield standing_still()
    yield repairs()
    yield quarantine()
    yield chits()
    if has_printers():
        yield process(
            signs,
            "printers",
            title=_("The printers' process"),
            advice=_(
                "Start `manage.py printers`, or read its log. Until then the screens tell the cooks"
                " all that is on chits."
            ),
        )


def standing_still() -> Finding:
    limit = timedelta(seconds=STILL)
    uncalled = Ticket.objects.standing_still(limit).aggregate(
        count=Count("tray", distinct=True), since=Min("tray__driven_at")
    )
    unplated = Tray.objects.complete_but_waiting(limit).aggregate(
        count=Count("pk"), since=Min("touched_at")
    )
    count = uncalled["count"] + unplated["count"]
    since = min(filter(None, [uncalled["since"], unplated["since"]]), default=None)
    seconds = (timezone.now() - since).total_seconds() if since else 0.0
    return Finding(
        name="standing_still",
        title=_("Trays that stand still"),
        state=graded(seconds, STILL, FAR_TOO_STILL),
        says=_("%(count)s, the oldest for %(age)s.") % {"count": count, "age": ago(since)}
        if since
        else _("None."),
        advice=_(
            "The reconciler drives them by itself. Look whether beat and a worker live and how long"
            " the queues are: what waits in a queue is late, not lost."
        ),
        page=reverse("admin:kitchen_tray_changelist"),
        gauges=(
            gauge("trays_standing_still", "Trays that nothing drives on.", count),
            gauge("oldest_standing_still_seconds", "Since when the oldest does.", seconds),
        ),
    )


def repairs() -> Finding:
    """What was lost, and found again by the reconciler."""
    now = timezone.now()
    last = EventRecord.objects.filter(name=TrayRepaired.name, happened_at__gt=now - A_DAY)
    times = list(last.order_by("-happened_at").values_list("happened_at", flat=True)[:TOO_MANY])
    count = sum(at > now - AN_HOUR for at in times)
    return Finding(
        name="repairs",
        title=_("The reconciler's repairs"),
        state=graded(count, MANY, TOO_MANY),
        says=_("%(count)s within the last hour; the latest %(age)s ago.")
        % {"count": count, "age": ago(times[0])}
        if times
        else _("None within the last day."),
        advice=_(
            "Messages get lost. Look at %(broker)s (was it restarted or flushed, is its memory"
            " full?) and at the workers' logs (do they die?)."
        )
        % {"broker": broker.name()},
        gauges=(gauge("repairs_last_hour", "Trays that the reconciler had to repair.", count),),
    )


def quarantine() -> Finding:
    count = services.count_quarantined()
    return Finding(
        name="quarantine",
        title=_("Quarantine"),
        state=State.ILL if count else State.OK,
        says=_("%(count)s tickets whose tray could not be called out.") % {"count": count}
        if count
        else _("Every zone is reached."),
        advice=_("Read the workers' logs, mend the cause, then try the tickets again."),
        page=reverse("admin:kitchen_ticket_changelist") + "?shown=quarantined",
        gauges=(gauge("tickets_quarantined", "Tickets that a person must look at.", count),),
    )


def chits() -> Finding:
    count = services.count_unprinted()
    return Finding(
        name="chits",
        title=_("Chits not printed"),
        state=State.ATTENTION if count else State.OK,
        says=_("%(count)s tickets to be cooked are not on paper.") % {"count": count}
        if count
        else _("None."),
        advice=_(
            "Look at the printers: power, cable, paper, cover. The ticket's page says why; “Print"
            " again” tries at once."
        ),
        page=reverse("admin:kitchen_ticket_changelist") + "?shown=unprinted",
        gauges=(gauge("chits_unprinted", "Tickets to be cooked that are not on paper.", count),),
    )
