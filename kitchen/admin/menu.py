"""What can be ordered, and its recipe."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from kitchen import services
from kitchen.admin.options import as_track, group_link, sold_out_verbs
from kitchen.models import MenuItem, RecipeStep, Shop
from restaurant.admin import HouseInline, SavesWhatChanged
from restaurant.lists import Shown
from restaurant.verbs import HasVerbs
from restaurant.wording import money, own_name


class Recipe(forms.BaseInlineFormSet):
    """The steps of an item, as a kitchen can cook them."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if not kept and not any(self.errors):
            raise ValidationError(_("An item needs at least one step: nobody could cook it."))

    def get_unique_error_message(self, unique_check: Any) -> str:
        return str(_("Two steps have the same place in the same track."))


class RecipeStepInline(HouseInline):
    model = RecipeStep
    formset = Recipe
    extra = 0
    min_num = 1
    verbose_name = _("step")
    verbose_name_plural = _("Recipe: tracks run side by side, a track's steps follow each other")


class OnTheMenu(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("all", _("All")),
            ("sold_out", _("Sold out")),
            ("short", _("Few left")),
            ("counted", _("Counted")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "sold_out":
            return queryset.sold_out()
        if self.value() == "short":
            return queryset.short()
        return queryset.exclude(portions_left=None) if self.value() == "counted" else queryset


@admin.register(MenuItem)
class MenuItemAdmin(SavesWhatChanged, HasVerbs):
    list_display = ("name", "name_th", "kind", "cost", "orderable", "left", "recipe")
    list_filter = (OnTheMenu, "kind", "steps__zone")
    list_per_page = 200
    search_fields = ("name", "name_th", "code")
    fields = (
        ("name", "name_th"),
        "code",
        ("kind", "price"),
        ("available", "portions_left", "low_at"),
        ("back_each_morning", "portions_each_day"),
        ("place", "sold_by"),
        "choices",
    )
    inlines = (RecipeStepInline,)
    verbs = sold_out_verbs("kitchen.change_menuitem", services.change_item)

    def get_queryset(self, request: HttpRequest) -> Any:
        found: Any = super().get_queryset(request)
        return found.with_shops()

    def get_readonly_fields(self, request: HttpRequest, obj: MenuItem | None = None) -> Any:
        return ("code", "sold_by", "choices") if obj else ("sold_by", "choices")

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        if change:
            names = form.changed_data
            services.change_item(obj, **{name: form.cleaned_data[name] for name in names})
        else:
            obj.save()

    def has_delete_permission(self, request: HttpRequest, obj: MenuItem | None = None) -> bool:
        # Open orders still need its recipe: an item that is gone is made unavailable.
        return False

    @admin.display(description=_("price"), ordering="price")
    def cost(self, item: MenuItem) -> str:
        return money(item.price, settings.CURRENCY)

    @admin.display(description=_("on the menu"), boolean=True, ordering="available")
    def orderable(self, item: MenuItem) -> bool:
        return not item.is_sold_out

    @admin.display(description=_("portions left"), ordering="portions_left", empty_value="∞")
    def left(self, item: MenuItem) -> str | int | None:
        if not item.is_low:
            return item.portions_left
        return format_html(
            '{} <span class="badge" data-state="low">{}</span>', item.portions_left, _("few left")
        )

    @admin.display(description=_("sold by"))
    def sold_by(self, item: MenuItem) -> str:
        """The shop whose zone hands it over."""
        shop = Shop.objects.filter(pk=item.shop).first() if item.pk and item.shop else None
        return own_name(shop) if shop else str(_("The house's kitchen"))

    @admin.display(description=_("Made to order"))
    def choices(self, item: MenuItem) -> SafeString | str:
        """The item's groups of options, each a way to its own page."""
        rows = [
            (group_link(group), ", ".join(own_name(option) for option in group.options.all()))
            for group in (item.option_groups.all() if item.pk else ())
        ]
        return format_html_join(SafeString("<br>"), "{}: {}", rows) or str(_("No options."))

    @admin.display(description=_("recipe"))
    def recipe(self, item: MenuItem) -> str:
        """`boil 240 s → fry 60 s`; tracks that run side by side are joined by `+`."""
        tracks: dict[int, list[RecipeStep]] = {}
        for step in item.steps.all():
            tracks.setdefault(step.track, []).append(step)
        return " + ".join(as_track(steps) for steps in tracks.values())
