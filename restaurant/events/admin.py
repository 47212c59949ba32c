"""The history, to be looked at."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from restaurant.admin import ReadOnly
from restaurant.events.models import EventRecord
from restaurant.events.serializers import events_as_json


@admin.register(EventRecord)
class EventRecordAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "happened_at", "subject", "tellings", "due_at")
    list_filter = ("name", ("due_at", admin.EmptyFieldListFilter))
    search_fields = ("subject",)
    date_hierarchy = "happened_at"
    show_full_result_count = False
    fields = ("name", "happened_at", "subject", "position", "data", "tellings", "told")
    readonly_fields = ("told",)

    @admin.display(description="told to")
    def told(self, event: EventRecord) -> SafeString:
        """Each subscriber, and when it heard the event."""
        rows = events_as_json([event])[0]["told"]
        return format_html(
            "<ul>{}</ul>",
            format_html_join(
                "",
                "<li>{} ({}): {}</li>",
                ((row["to"], row["style"], row["heard_at"] or "not heard yet") for row in rows),
            ),
        )
