"""The plan as a picture: who waits how long, how many cooks, and how busy they are."""

from collections.abc import Sequence

from kitchen.planning.goal import Goal, percentile
from kitchen.planning.plan import Found
from restaurant.charts import Points, bars, lines, page

#: The shares of the guests that are drawn.
SHARES = [percent / 100 for percent in range(5, 100)]


def picture_of(found: Found) -> str:
    """SVG."""
    kitchens = {name: one for name, one in (("needed", found.needed), ("now", found.now)) if one}
    waits = {
        **{name: waits_of(setting.outcome.waits) for name, setting in kitchens.items()},
        "a stall": waits_of(found.stall.outcome.waits),
        "goal": corner(found.goal),
    }
    busy = {
        name: {zone: 100 * share for zone, share in setting.utilisation.items()}
        for name, setting in kitchens.items()
    }
    cooks = {"needed": found.needed.cooks, "now": found.cooks_now}
    more = {
        zone: setting.outcome.wait(found.goal.share) / 60
        for zone, setting in {"nowhere": found.needed, **found.more}.items()
    }
    return page(
        f"Cooks for {found.goal}",
        [
            lines("Who is served after how long", waits, across="minutes", up="% of guests"),
            bars("Cooks", cooks, up=""),
            bars("How busy they are", busy, up="%"),
            bars("The wait with one more cook at …", {found.goal.what: more}, up="min"),
        ],
    )


def waits_of(waits: Sequence[float]) -> Points:
    return [(percentile(waits, share) / 60, share * 100) for share in SHARES]


def corner(goal: Goal) -> Points:
    """A line that comes in above it has met the goal."""
    minutes, percent = goal.seconds / 60, goal.share * 100
    return [(0.0, percent), (minutes, percent), (minutes, 0.0)]
