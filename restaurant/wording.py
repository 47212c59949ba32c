"""How states, names, money and times read on the manager's pages, in the reader's language."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

#: How money is written where the currency has a sign of its own.
SIGNS = {"THB": "฿"}


@register.filter
def badge(row: Any) -> SafeString:
    """The state of an order, a tray or a ticket. The word says it, the colour only helps."""
    return format_html(
        '<span class="badge" data-state="{}">{}</span>', row.state, row.get_state_display()
    )


@register.filter
def own_name(row: Any) -> str:
    """Of a name and a Thai name, the reader's."""
    name = "name_th" if get_language() == "th" else "name"
    return str(row[name] if isinstance(row, Mapping) else getattr(row, name))


@register.filter
def chosen(options: Sequence[Mapping[str, str]]) -> str:
    """What was chosen about a dish, in the reader's language: `Pork, Fried egg`."""
    return ", ".join(own_name(option) for option in options)


@register.filter
def named(code: str, names: Mapping[str, str]) -> str:
    """The name that goes with the code; the code itself if there is none any more."""
    return names.get(code, code)


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """`฿1,250.00`, or `1,250.00 USD`."""
    number = formats.number_format(amount, 2, use_l10n=True, force_grouping=True)
    sign = SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{number} {currency}"


@register.filter
def lasting(span: timedelta) -> str:
    """`45 s`, `12 min`, `1 h 5 min`: as exact as one needs it."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return _("%(seconds)s s") % {"seconds": seconds}
    minutes, hours = seconds // 60 % 60, seconds // 3600
    if not hours:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}


@register.filter
def seconds(span: float | None) -> str:
    """`4.2 s`, `12 min`; a dash if it is not known."""
    if span is None:
        return "–"
    if span < 60:
        return _("%(seconds)s s") % {"seconds": formats.number_format(span, 1)}
    return lasting(timedelta(seconds=span))


@register.filter
def exactly(span: timedelta | None) -> str:
    """`0.042 s`, `4.2 s`, `12 min`: to the millisecond where that is much; a dash if unknown."""
    if span is None or span >= timedelta(seconds=1):
        return seconds(span.total_seconds() if span else None)
    return _("%(seconds)s s") % {"seconds": formats.number_format(span.total_seconds(), 3)}


@register.filter
def ago(moment: datetime) -> str:
    """How long it is since then."""
    return lasting(timezone.now() - moment)


def late_mark(late_for: timedelta | None) -> SafeString:
    """Nothing, or by how much a promise is missed."""
    if late_for is None:
        return SafeString()
    return format_html(
        ' <span class="badge" data-state="late">{}</span>',
        _("late %(by)s") % {"by": lasting(late_for)},
    )


register.filter("late_mark", late_mark)
