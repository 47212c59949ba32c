"""What all of the admin's pages have in common."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

admin.site.site_header = admin.site.site_title = "Tamsang"
admin.site.index_title = "The house"


class ReadOnly(admin.options.BaseModelAdmin):
    """Rows that only their services write: to be looked at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class SavesWhatChanged(admin.options.BaseModelAdmin):
    """A form that writes only the fields that were changed in it.

    An order taken while somebody looks at the form counts portions down: writing the form's old
    number back would sell them twice.
    """

    def save_model(
        self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool
    ) -> None:
        obj.save(update_fields=form.changed_data if change else None)
