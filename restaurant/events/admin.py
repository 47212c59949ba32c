"""The history, to be looked at."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from restaurant.admin import ReadOnly
from restaurant.events.deaths import hear_again
from restaurant.events.models import Death, EventRecord
from restaurant.events.serializers import events_as_json
from restaurant.lists import Shown
from restaurant.verbs import HasVerbs, Verb


class Hearing(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("all", _("All")),
            ("due", _("Not heard by all")),
            ("left_alone", _("Left alone")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "left_alone":
            return queryset.filter(pk__in=Death.objects.left_alone().values("event"))
        return queryset.filter(due_at__isnull=False) if self.value() == "due" else queryset


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnly, HasVerbs):
    list_display = ("name", "happened_at", "subject", "tellings", "due_at")
    list_filter = (Hearing,)
    search_fields = ("subject",)
    search_help_text = _("The order's ref")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("name", "happened_at", "subject", "position", "data", "tellings", "told")
    readonly_fields = ("told",)
    verbs = (
        Verb(
            name="hear_again",
            label=_("Tell again now"),
            done=_("Told again"),
            icon="hearing",
            permission="events.change_eventrecord",
            do=hear_again,
            fits=lambda event: event.left_alone,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EventRecord]:
        deaths = Death.objects.left_alone().filter(event=OuterRef("pk"))
        events: Any = super().get_queryset(request).defer("release")
        annotated: QuerySet[EventRecord] = events.annotate(left_alone=Exists(deaths))
        return annotated

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[EventRecord], bool]:
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(subject=UUID(search_term.strip())), False
        except ValueError:
            return queryset.none(), False

    @admin.display(description=_("told to"))
    def told(self, event: EventRecord) -> SafeString:
        """Each subscriber, and when it heard the event."""
        rows = events_as_json([event])[0]["told"]
        return format_html(
            "<ul>{}</ul>",
            format_html_join(
                "",
                "<li>{} ({}): {}</li>",
                (
                    (row["to"], row["style"], row["heard_at"] or gettext("not heard yet"))
                    for row in rows
                ),
            ),
        )
