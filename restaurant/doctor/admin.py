"""The page that says how the house is, where a list of the signs of life would be."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from restaurant.admin import HouseAdmin, ReadOnly
from restaurant.doctor.contract import State
from restaurant.doctor.examining import RANK, examine
from restaurant.doctor.models import SignOfLife


@admin.register(SignOfLife)
class DoctorAdmin(ReadOnly, HouseAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="doctor_signoflife_changelist"),
            path("live/", view(self.live_view), name="doctor-live"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "title": _("How it runs")}
        return TemplateResponse(request, "house/doctor.html", {**frame, **self.found(request)})

    def live_view(self, request: HttpRequest) -> HttpResponse:
        """The findings alone: the page asks for them again and again."""
        return render(request, "house/findings.html", self.found(request))

    def found(self, request: HttpRequest) -> dict[str, Any]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        findings = sorted(examine(), key=lambda finding: RANK[finding.state], reverse=True)
        ill = [finding for finding in findings if finding.state != State.OK]
        return {"findings": findings, "ill": len(ill), "now": timezone.now()}
