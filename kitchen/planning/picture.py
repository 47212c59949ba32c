"""The plan as a picture: who waits how long, how many cooks, and how busy they are."""

from collections.abc import Sequence

from kitchen.planning.goal import Goal, percentile
from kitchen.planning.plan import Found
from restaurant.charts import Points, bars, lines, page

#: The shares of the guests that are drawn.
SHARES = [percent / 100 for percent in range(5, 100)]


def picture_of(found: Found) -> str:
    """SVG."""
    kitchens = {name: one for name, one in (("now", found.now), ("needed", found.needed)) if one}
    waits = {
        **{name: waits_of(setting.outcome.waits) for name, setting in kitchens.items()},
        "a stall of as many": waits_of(found.stall.outcome.waits),
        "goal": corner(found.goal),
    }
    busy = {
        name: {zone: 100 * share for zone, share in setting.utilisation.items()}
        for name, setting in kitchens.items()
    }
    cooks = {"now": found.cooks_now, "needed": found.needed.cooks}
    return page(
        f"Cooks for {found.goal}",
        [
            lines("Who is served after how long", waits, across="minutes", up="% of guests"),
            bars("Cooks", cooks, up=""),
            bars("How busy they are", busy, up="%"),
        ],
    )


def waits_of(waits: Sequence[float]) -> Points:
    return [(percentile(waits, share) / 60, share * 100) for share in SHARES]


def corner(goal: Goal) -> Points:
    """A line that comes in above it has met the goal."""
    minutes, percent = goal.seconds / 60, goal.share * 100
    return [(0.0, percent), (minutes, percent), (minutes, 0.0)]
