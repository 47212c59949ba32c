"""How far the reports are behind."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from orders.reports import services
from restaurant.doctor.contract import Finding, Signs, gauge, graded
from restaurant.wording import ago

#: Seconds: the reports follow the feed every five.
BEHIND, FAR_BEHIND = 60.0, 600.0


def look(signs: Signs) -> Iterator[Finding]:
    since = services.behind_since()
    seconds = (timezone.now() - since).total_seconds() if since else 0.0
    yield Finding(
        name="reports",
        title=_("The reports"),
        state=graded(seconds, BEHIND, FAR_BEHIND),
        says=_("They are %(age)s behind.") % {"age": ago(since)}
        if since
        else _("They have heard all there is."),
        advice=_(
            "Look at beat, the workers and the queue “orders”, and read the workers' logs. They"
            " catch up; `manage.py rebuild_reports` makes them anew."
        ),
        gauges=(gauge("reports_lag_seconds", "Age of what the reports have not heard.", seconds),),
    )
