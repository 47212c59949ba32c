"""What may be asked of the reports, and the shapes of what is answered."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypedDict

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from orders.reports.models import Waste
from orders.reports.services import Days, Percentiles, Report, today
from orders.reports.services.reading import KITCHEN_BY, LATENESS_BY, MEASURES, SALES_BY, WASTE_BY
from restaurant.fields import QuerySerializer
from restaurant.shapes import Format, Money
from restaurant.spreadsheets import Table

Row = dict[str, Any]

#: Of one report; longer ones are put together of several.
LONGEST = timedelta(days=366)
Day = Annotated[str, Format("date")]


def out_of_range(detail: str) -> serializers.ValidationError:
    """Each of the days may be asked for, but not these two together."""
    return serializers.ValidationError({"from": [ErrorDetail(detail, code="days_out_of_range")]})


class DaysQuery(QuerySerializer):
    """Which days of the house, and as what."""

    to = serializers.DateField(required=False, help_text="The last day; today if left out.")
    format = serializers.ChoiceField(choices=["json", "csv"], default="json")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # `from` is no name of Python's.
        first = serializers.DateField(required=False, help_text="The first day; today.")
        return {"from": first, **super().get_fields()}

    def validate(self, attrs: Row) -> Row:
        days = Days(attrs.pop("from", None) or today(), attrs.pop("to", None) or today())
        if days.first > days.last:
            raise out_of_range("It is after the last day.")
        if days.last - days.first >= LONGEST:
            raise out_of_range(f"At most {LONGEST.days} days.")
        attrs.pop("format")
        return {**attrs, "days": days}


class SalesQuery(DaysQuery):
    by = serializers.ChoiceField(choices=SALES_BY, default=SALES_BY[0])


class KitchenQuery(DaysQuery):
    by = serializers.ChoiceField(choices=KITCHEN_BY, default=KITCHEN_BY[0])


class LatenessQuery(DaysQuery):
    by = serializers.ChoiceField(choices=LATENESS_BY, default=LATENESS_BY[0])


class WasteQuery(DaysQuery):
    by = serializers.ChoiceField(choices=WASTE_BY, default=WASTE_BY[0])


class PercentilesJson(TypedDict):
    """Seconds of the wall's clock."""

    p50: float | None
    p95: float | None


class RefusedJson(TypedDict):
    """Orders that were not taken."""

    sold_out: int
    zone_closed: int
    kitchen_full: int


class SoldJson(TypedDict):
    """What was sold, all together."""

    orders: int
    quantity: int
    amount: Money


class SalesRowJson(SoldJson):
    """What was sold on one day, in one hour, of one item …"""

    key: str


class TicketsJson(TypedDict):
    """How many tickets were begun."""

    tickets: int


class KitchenRowJson(TicketsJson):
    """How long the tickets of one zone or item took."""

    key: str
    waited: PercentilesJson
    cooked: PercentilesJson
    at_pass: PercentilesJson


class CountedJson(TypedDict):
    """Orders, all together."""

    orders: int
    ready: int
    late: int
    cancelled: int
    refused: RefusedJson


class LatenessRowJson(CountedJson):
    """Orders of one day, hour or channel."""

    key: str
    late_by: PercentilesJson


class WastedJson(TypedDict):
    """What was thrown away, all together."""

    times: int
    quantity: int
    amount: Money


class WasteRowJson(WastedJson):
    """What was thrown away of one item, for one reason."""

    key: str
    kind: Annotated[str, Waste.Kind]
    reason: str


# `from` is no name of Python's; all reports have these.
SalesJson = TypedDict(
    "SalesJson",
    {
        "from": Day,
        "to": Day,
        "by": Annotated[str, SALES_BY],
        "as_of": datetime | None,
        "position": int,
        "currency": str,
        "total": SoldJson,
        "rows": list[SalesRowJson],
    },
)
KitchenJson = TypedDict(
    "KitchenJson",
    {
        "from": Day,
        "to": Day,
        "by": Annotated[str, KITCHEN_BY],
        "as_of": datetime | None,
        "position": int,
        "total": TicketsJson,
        "rows": list[KitchenRowJson],
    },
)
LatenessJson = TypedDict(
    "LatenessJson",
    {
        "from": Day,
        "to": Day,
        "by": Annotated[str, LATENESS_BY],
        "as_of": datetime | None,
        "position": int,
        "total": CountedJson,
        "rows": list[LatenessRowJson],
    },
)
WasteJson = TypedDict(
    "WasteJson",
    {
        "from": Day,
        "to": Day,
        "by": Annotated[str, WASTE_BY],
        "as_of": datetime | None,
        "position": int,
        "currency": str,
        "total": WastedJson,
        "rows": list[WasteRowJson],
    },
)


def report_as_json(report: Report, **more: Any) -> Row:
    return {
        "from": report.days.first.isoformat(),
        "to": report.days.last.isoformat(),
        "by": report.by,
        "as_of": report.as_of,
        "position": report.position,
        **more,
        "total": row_as_json(report.total),
        "rows": [row_as_json(row) for row in report.rows],
    }


def report_with_money_as_json(report: Report) -> Row:
    return report_as_json(report, currency=settings.CURRENCY)


def row_as_json(row: Row) -> Row:
    return {name: value_as_json(name, value) for name, value in row.items() if value is not None}


def value_as_json(name: str, value: Any) -> Any:
    if name == "key":
        return key_in_words(value)
    if name == "amount":
        return str(value)
    if isinstance(value, Percentiles):
        return {"p50": value.p50, "p95": value.p95}
    return value


def key_in_words(key: Any) -> str:
    """A day as it is in a calendar, an hour as on a clock."""
    if isinstance(key, date):
        return key.isoformat()
    return f"{key:02}:00" if isinstance(key, int) else str(key)


#: The columns of each report as a table; what has parts has a column for each.
COLUMNS: dict[str, Sequence[str]] = {
    "sales": ("orders", "quantity", "amount"),
    "kitchen": ("tickets", *(f"{measure}_{p}" for measure in MEASURES for p in ("p50", "p95"))),
    "lateness": (
        *("orders", "ready", "late", "cancelled", "late_by_p50", "late_by_p95"),
        *("refused_sold_out", "refused_zone_closed", "refused_kitchen_full"),
    ),
    "waste": ("kind", "reason", "times", "quantity", "amount"),
}


def report_as_table(report: Report, columns: Sequence[str]) -> Table:
    """The same rows, each with the moment up to which it is right."""
    as_of = report.as_of and report.as_of.isoformat()
    rows = (flat(row_as_json(row)) for row in report.rows)
    cells = ([row["key"], *(row[name] for name in columns), as_of] for row in rows)
    return Table([report.by, *columns, "as_of"], cells)


def flat(row: Row) -> Row:
    """`{"waited": {"p50": 1}}` as `{"waited_p50": 1}`."""
    found: Row = {}
    for name, value in row.items():
        parts = value if isinstance(value, dict) else {"": value}
        found |= {f"{name}_{part}".removesuffix("_"): one for part, one in parts.items()}
    return found
