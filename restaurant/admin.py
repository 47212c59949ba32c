"""What all of the manager's pages have in common."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from restaurant.lists import LookAhead, PagedList

if TYPE_CHECKING:
    # unfold's have Django's parameters and no types.
    from django.contrib.admin import ModelAdmin, TabularInline
else:
    from unfold.admin import ModelAdmin, TabularInline

admin.site.index_title = gettext_lazy("The house now")


class HouseAdmin(ModelAdmin):
    """Fast with any number of rows, and in the reader's language."""

    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_disable_select_all = True
    list_before_template = "house/views.html"

    def __init__(self, model: type[Model], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        for named in (model, *(inline.model for inline in self.inlines)):
            translate_names(named)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[PagedList]:
        return PagedList

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        per_page: int,
        *more: Any,
        **options: Any,
    ) -> LookAhead:
        return LookAhead(request, queryset, per_page)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *more: Any
    ) -> HttpResponse | None:
        # What is acted on was seen: nobody acts on all rows of all pages at once.
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        return super().response_action(request, queryset.filter(pk__in=chosen))


class HouseInline(TabularInline):
    """Rows of another table on the page of the one that they belong to."""

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None:
            # The head of a column names its fields for the eye alone.
            field.widget.attrs["aria-label"] = field.label
        return field


class ReadOnly(admin.options.BaseModelAdmin):
    """Rows that only their services write: to be looked at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OneRow(HouseAdmin):
    """Settings: one row, there from the first change on; its list leads straight to it."""

    #: The row as it is, saved or not.
    read: Callable[[], Model]
    #: The service that changes what it is given by name.
    write: Callable[..., Model]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        return self.read()

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        self.write(**{name: form.cleaned_data[name] for name in form.changed_data})

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        options = self.model._meta
        page = f"admin:{options.app_label}_{options.model_name}_change"
        return HttpResponseRedirect(reverse(page, args=(1,)))


class SavesWhatChanged(admin.options.BaseModelAdmin):
    """A form that writes only the fields that were changed in it.

    An order taken while somebody looks at the form counts portions down: writing the form's old
    number back would sell them twice. What was changed is told by what the form showed, which it
    sends back in hidden fields, and not by the row, which may be another by then.
    """

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None:
            field.show_hidden_initial = True
        return field

    def save_model(
        self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool
    ) -> None:
        obj.save(update_fields=form.changed_data if change else None)


def translate_names(model: type[Model]) -> None:
    """Show the names of the model and of its fields in the reader's language.

    They stay what they are in the migrations, which know nothing of languages.
    """
    options = model._meta
    options.verbose_name = gettext_lazy(str(options.verbose_name))
    options.verbose_name_plural = gettext_lazy(str(options.verbose_name_plural))
    options.app_config.verbose_name = gettext_lazy(str(options.app_config.verbose_name))
    for field in options.get_fields():
        if isinstance(field, Field):
            field.verbose_name = gettext_lazy(str(field.verbose_name))
            field.help_text = gettext_lazy(str(field.help_text)) if field.help_text else ""
