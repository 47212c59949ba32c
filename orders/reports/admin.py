"""The manager's page of the reports: charts, and beside each the table that it is drawn from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from kitchen import services as kitchen
from orders.models import Order
from orders.reports import services
from orders.reports.models import Projection, Waste
from orders.reports.services import Days, Report
from restaurant.admin import HouseAdmin, ReadOnly
from restaurant.wording import money, own_name

#: More columns than that nobody reads.
LONGEST = 92
CHANNELS: dict[str, Any] = dict(Order.Channel.choices)

Word = Callable[[Any], str]


def day_input() -> forms.DateInput:
    """The browser's calendar, which wants its days in one format, whatever the language."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class Shown(forms.Form):
    """From which day to which."""

    first = forms.DateField(label=_("From"), widget=day_input())
    last = forms.DateField(label=_("Until"), widget=day_input())

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and not timedelta(0) <= last - first < timedelta(days=LONGEST):
            raise forms.ValidationError(
                _("The last day comes after the first, and %(days)s days are the most."),
                params={"days": LONGEST},
            )
        return found


@dataclass(frozen=True)
class Bar:
    """One column of a chart or one row of a table; `share` of the largest, in percent."""

    name: str
    row: Mapping[str, Any]
    share: int


@dataclass(frozen=True)
class Chart:
    """A report as it is drawn; `csv` is where it may be had as a table."""

    name: str
    title: Any
    bars: Sequence[Bar]
    csv: str


@admin.register(Projection)
class ReportAdmin(ReadOnly, HouseAdmin):
    """Its list is the reports; a reading of the feed has no page of its own."""

    def get_urls(self) -> list[URLPattern]:
        show = self.admin_site.admin_view(self.show)
        return [path("", show, name="reports_projection_changelist")]

    def show(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        now = services.today()
        asked = {"first": now, "last": now} | request.GET.dict()
        form = Shown(asked)
        chosen = form.cleaned_data if form.is_valid() else {"first": now, "last": now}
        days = Days(chosen["first"], chosen["last"])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reports"),
            "form": form,
            "days": days,
            "shortcuts": shortcuts(now),
            **shown(days),
        }
        return TemplateResponse(request, "reports/page.html", context)


def shortcuts(now: date) -> list[tuple[Any, str]]:
    """The days that are asked for most, and the address of each."""
    spans = [
        (_("Today"), now, now),
        (_("Yesterday"), now - timedelta(days=1), now - timedelta(days=1)),
        (_("7 days"), now - timedelta(days=6), now),
        (_("30 days"), now - timedelta(days=29), now),
    ]
    return [(words, "?" + urlencode({"first": a, "last": b})) for words, a, b in spans]


def shown(days: Days) -> dict[str, Any]:
    """Every report of the page: each is a query or a few."""
    zones = {zone.pk: own_name(zone) for zone in kitchen.zones()}
    items = {item.pk: own_name(item) for item in kitchen.items()}
    shops = {shop.pk: own_name(shop) for shop in kitchen.shops()}
    by_day, by_hour = services.sales(days, "day"), services.sales(days, "hour")
    late, waste = services.lateness(days, "day"), services.waste(days, "item")
    return {
        "read": by_day,
        "total": by_day.total | {"amount": in_money(by_day.total["amount"])},
        "late_total": late.total,
        "waste_total": waste.total | {"amount": in_money(waste.total["amount"])},
        "columns": [
            sold(_("Sales by day"), filled(by_day, every_day(days)), as_day),
            sold(_("Sales by hour"), filled(by_hour, range(24)), as_hour),
        ],
        "items": most_first(sold(_("Sales by item"), services.sales(days, "item"), names(items))),
        "others": [
            most_first(sold(_("Sales by zone"), services.sales(days, "zone"), names(zones))),
            most_first(
                sold(_("Sales by channel"), services.sales(days, "channel"), names(CHANNELS))
            ),
            *(by_shop(days, shops) if shops else ()),
        ],
        "times": [
            timed(_("Kitchen times by zone"), services.kitchen_times(days, "zone"), names(zones)),
            timed(_("Kitchen times by item"), services.kitchen_times(days, "item"), names(items)),
        ],
        "late": charted("lateness", _("Late and refused orders"), late, as_day, "orders"),
        "waste": wasted(waste, names(items)),
    }


def by_shop(days: Days, shops: Mapping[str, str]) -> Iterable[Chart]:
    """For settling with them; what no shop sells the house does."""
    known = {"": str(_("The house's kitchen")), **shops}
    yield most_first(sold(_("Sales by shop"), services.sales(days, "shop"), names(known)))


def names(known: Mapping[str, Any]) -> Word:
    """The name that goes with a code; the code itself if there is none any more."""
    return lambda code: str(known.get(code, code))


def as_day(day: date) -> str:
    return formats.date_format(day, "j M")


def as_hour(hour: int) -> str:
    return f"{hour:02}"


def every_day(days: Days) -> Iterable[date]:
    return (days.first + timedelta(days=n) for n in range((days.last - days.first).days + 1))


def filled(report: Report, keys: Iterable[Any]) -> Report:
    """With a row also where nothing was sold, so that a chart has no gaps."""
    known = {row["key"]: row for row in report.rows}
    nothing = {"orders": 0, "quantity": 0, "amount": Decimal("0.00")}
    return replace(report, rows=[known.get(key, {"key": key, **nothing}) for key in keys])


def charted(name: str, title: Any, report: Report, word: Word, measure: str) -> Chart:
    """One bar for each row, as long as its measure."""
    largest = max((row[measure] for row in report.rows), default=0)
    bars = [
        Bar(word(row["key"]), row, round(100 * row[measure] / largest) if largest else 0)
        for row in report.rows
    ]
    asked = {"from": report.days.first, "to": report.days.last, "by": report.by, "format": "csv"}
    return Chart(name, title, bars, f"{reverse(f'report-{name}')}?{urlencode(asked)}")


def sold(title: Any, report: Report, word: Word) -> Chart:
    return with_money(charted("sales", title, report, word, "amount"))


def most_first(chart: Chart) -> Chart:
    return replace(chart, bars=sorted(chart.bars, key=lambda bar: -bar.share))


def wasted(report: Report, word: Word) -> Chart:
    """Beside the reason that somebody gave the kind of it, in the reader's language."""
    kinds = dict(Waste.Kind.choices)
    rows = [{**row, "kind": kinds[row["kind"]]} for row in report.rows]
    return with_money(charted("waste", _("Waste"), replace(report, rows=rows), word, "amount"))


def timed(title: Any, report: Report, word: Word) -> Chart:
    """As long as it takes until nearly all have been cooked."""
    rows = [{**row, "longest": row["cooked"].p95 or 0} for row in report.rows]
    return most_first(charted("kitchen", title, replace(report, rows=rows), word, "longest"))


def with_money(chart: Chart) -> Chart:
    bars = [
        Bar(bar.name, {**bar.row, "amount": in_money(bar.row["amount"])}, bar.share)
        for bar in chart.bars
    ]
    return replace(chart, bars=bars)


def in_money(amount: Decimal) -> str:
    return money(amount, settings.CURRENCY)
