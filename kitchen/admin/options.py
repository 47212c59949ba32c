"""What can be chosen about an item."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from kitchen import services
from kitchen.models import Option, OptionGroup, OptionStep, RecipeStep
from restaurant.admin import HouseAdmin, HouseInline, SavesWhatChanged
from restaurant.lists import Shown
from restaurant.verbs import HasVerbs, Verb
from restaurant.wording import money, own_name


def sold_out_verbs(permission: str, change: Callable[..., Any]) -> tuple[Verb, Verb]:
    """Take what has `available` off the menu, and put it back."""
    return (
        Verb(
            name="eighty_six",
            label=_("86: sold out"),
            done=_("Off the menu"),
            icon="block",
            permission=permission,
            do=lambda row: change(row, available=False),
            fits=lambda row: row.available,
        ),
        Verb(
            name="bring_back",
            label=_("Bring back"),
            done=_("On the menu again"),
            icon="undo",
            permission=permission,
            do=lambda row: change(row, available=True),
            fits=lambda row: not row.available,
        ),
    )


class StillThere(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("All")), ("sold_out", _("Sold out"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(available=False) if self.value() == "sold_out" else queryset


def group_link(group: OptionGroup) -> SafeString:
    return format_html(
        '<a class="plain" href="{}">{}</a>',
        reverse("admin:kitchen_optiongroup_change", args=(group.pk,)),
        own_name(group),
    )


class OptionForm(forms.ModelForm):
    """An option among the others of its group, which writes only what was changed of it.

    Its code is given once: orders that are not opened yet name it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = self.instance.pk is not None
        self.fields["available"].show_hidden_initial = True

    def save(self, commit: bool = True) -> Any:
        if commit and self.instance.pk is not None:
            self.instance.save(update_fields=self.changed_data)
            return self.instance
        return super().save(commit)


class OptionInline(HouseInline):
    model = Option
    form = OptionForm
    fields = ("name", "name_th", "code", "price", "available", "place", "work")
    readonly_fields = ("work",)
    ordering = ("place", "code")
    extra = 0
    min_num = 1
    can_delete = False
    verbose_name_plural = _("Options: what is sold out is not to be ordered")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Option]:
        return super().get_queryset(request).prefetch_related("steps")

    @admin.display(description=_("steps of its own"))
    def work(self, option: Option) -> SafeString:
        """The way to the option's own page, where its steps are."""
        if option.pk is None:
            return SafeString()
        return format_html(
            '<a class="plain" href="{}">{}</a>',
            reverse("admin:kitchen_option_change", args=(option.pk,)),
            as_track(option.steps.all()) or _("none"),
        )


@admin.register(OptionGroup)
class OptionGroupAdmin(HouseAdmin):
    """Not deleted, as menu items are not: orders that are not opened yet need its options."""

    list_display = ("name", "name_th", "choose", "offers", "dishes")
    list_per_page = 200
    search_fields = ("name", "name_th", "code")
    fields = (("name", "name_th"), "code", ("many", "required"), "items", "place")
    formfield_overrides = {ManyToManyField: {"widget": UnfoldAdminCheckboxSelectMultipleWidget}}
    inlines = (OptionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OptionGroup]:
        return super().get_queryset(request).prefetch_related("options", "items")

    def get_readonly_fields(self, request: HttpRequest, obj: OptionGroup | None = None) -> Any:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: OptionGroup | None = None) -> bool:
        return False

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **options: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Items are not made from here.
            field.widget = field.widget.widget
            setattr(field, "label_from_instance", own_name)
        return field

    @admin.display(description=_("choose"))
    def choose(self, group: OptionGroup) -> str:
        if group.many:
            return str(_("at least one") if group.required else _("any of them"))
        return str(_("exactly one") if group.required else _("one, or none"))

    @admin.display(description=_("options"))
    def offers(self, group: OptionGroup) -> str:
        return ", ".join(own_name(option) for option in group.options.all())

    @admin.display(description=_("of these items"))
    def dishes(self, group: OptionGroup) -> str:
        return ", ".join(own_name(item) for item in group.items.all())


class OptionStepInline(HouseInline):
    model = OptionStep
    fields = ("position", "zone", "prep_seconds")
    extra = 0
    verbose_name = _("step")
    verbose_name_plural = _("What it gives the kitchen to do: steps that follow each other")


@admin.register(Option)
class OptionAdmin(SavesWhatChanged, HasVerbs):
    list_display = ("name", "name_th", "of_group", "more", "available", "work")
    list_filter = (StillThere, "group")
    list_per_page = 200
    list_select_related = ("group",)
    ordering = ("group__place", "group", "place", "code")
    search_fields = ("name", "name_th", "code")
    fields = (("name", "name_th"), ("code", "group"), ("price", "available"), "place")
    inlines = (OptionStepInline,)
    verbs = sold_out_verbs("kitchen.change_option", services.change_option)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Option]:
        return super().get_queryset(request).prefetch_related("steps")

    def get_readonly_fields(self, request: HttpRequest, obj: Option | None = None) -> Any:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Option | None = None) -> bool:
        return False

    @admin.display(description=_("group"), ordering="group__place")
    def of_group(self, option: Option) -> SafeString:
        return group_link(option.group)

    @admin.display(description=_("price difference"), ordering="price")
    def more(self, option: Option) -> str:
        sign = "+" if option.price > 0 else "−" if option.price < 0 else ""
        return sign + money(abs(option.price), settings.CURRENCY)

    @admin.display(description=_("steps of its own"))
    def work(self, option: Option) -> str:
        return as_track(option.steps.all())


def as_track(steps: Iterable[RecipeStep | OptionStep]) -> str:
    """`boil 240 s → fry 60 s`."""
    return " → ".join(str(step) for step in steps)
