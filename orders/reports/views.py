"""The reports over HTTP, for managers: as JSON, or as a table."""

from collections.abc import Callable
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from orders.reports import services
from orders.reports.serializers import (
    COLUMNS,
    KitchenJson,
    KitchenQuery,
    LatenessJson,
    LatenessQuery,
    SalesJson,
    SalesQuery,
    WasteJson,
    WasteQuery,
    report_as_json,
    report_as_table,
    report_with_money_as_json,
)
from restaurant.accounts.roles import Role
from restaurant.operations import Api, operation
from restaurant.spreadsheets import CsvRenderer, FormatFirst, as_file

MANAGERS = frozenset({Role.MANAGER})


class ReportView(Api):
    """A report by days of the house."""

    allowed = {"GET": MANAGERS}
    renderer_classes = [JSONRenderer, CsvRenderer]
    content_negotiation_class = FormatFirst

    def answer(
        self,
        request: Request,
        name: str,
        report: services.Report,
        as_json: Callable[[services.Report], dict[str, Any]] = report_as_json,
    ) -> Response:
        if request.accepted_renderer.format != CsvRenderer.format:
            return Response(as_json(report))
        days = "-to-".join(sorted({day.isoformat() for day in report.days.both}))
        return as_file(report_as_table(report, COLUMNS[name]), f"{name}-{days}")


class Sales(ReportView):
    """What was sold."""

    @operation(SalesJson, query=SalesQuery, csv=True)
    def get(self, request: Request) -> Response:
        """What was sold, cancelled lines aside, on the days and in the hours of their orders."""
        report = services.sales(**self.filters)
        return self.answer(request, "sales", report, report_with_money_as_json)


class Kitchen(ReportView):
    """How long the kitchen took."""

    @operation(KitchenJson, query=KitchenQuery, csv=True)
    def get(self, request: Request) -> Response:
        """How long tickets waited for a cook, were cooked, and stood at the pass."""
        return self.answer(request, "kitchen", services.kitchen_times(**self.filters))


class Lateness(ReportView):
    """Whether promises were kept."""

    @operation(LatenessJson, query=LatenessQuery, csv=True)
    def get(self, request: Request) -> Response:
        """How many orders were ready after their promise, how late, and how many were refused."""
        return self.answer(request, "lateness", services.lateness(**self.filters))


class Wasted(ReportView):
    """What was thrown away."""

    @operation(WasteJson, query=WasteQuery, csv=True)
    def get(self, request: Request) -> Response:
        """What was begun and thrown away, and why."""
        report = services.waste(**self.filters)
        return self.answer(request, "waste", report, report_with_money_as_json)
