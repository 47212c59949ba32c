"""The kitchen's pages: menu, zones and settings to be changed, states to be looked at."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db.models import Count, ManyToManyField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from kitchen import services
from kitchen.lifecycle import TicketState, TrayState
from kitchen.models import (
    Chit,
    KitchenSettings,
    MenuItem,
    Option,
    OptionGroup,
    OptionStep,
    Printed,
    RecipeStep,
    Shop,
    Ticket,
    Tray,
    Zone,
)
from restaurant.admin import HouseAdmin, HouseInline, OneRow, ReadOnly, SavesWhatChanged
from restaurant.lists import Shown
from restaurant.verbs import HasVerbs, Verb
from restaurant.wording import ago, badge, chosen, late_mark, money, own_name


@admin.register(Shop)
class ShopAdmin(HouseAdmin):
    """Its accounts are users in the group that is made with it; one with a zone stays."""

    list_display = ("name", "name_th", "code", "its_zones")
    fields = (("name", "name_th"), "code", "place")
    list_display_links = ("name",)
    # One by one, for each may have zones.
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        return super().get_queryset(request).prefetch_related("zones")

    def get_readonly_fields(self, request: HttpRequest, obj: Shop | None = None) -> Any:
        return ("code",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool
    ) -> None:
        services.save_shop(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Shop | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.zones.exists())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        services.remove_shop(obj)

    @admin.display(description=_("zones"))
    def its_zones(self, shop: Shop) -> str:
        return ", ".join(own_name(zone) for zone in shop.zones.all())


@admin.register(Zone)
class ZoneAdmin(SavesWhatChanged, HasVerbs):
    list_display = ("name", "name_th", "opened", "cooks", "work")
    fields = (("name", "name_th"), "code", ("is_open", "cooks"), ("shop", "printer"), "place")
    verbs = (
        Verb(
            name="close",
            label=_("Close"),
            done=_("Closed"),
            icon="block",
            permission="kitchen.change_zone",
            do=lambda zone: services.change_zone(zone, is_open=False),
            fits=lambda zone: zone.is_open,
        ),
        Verb(
            name="reopen",
            label=_("Reopen"),
            done=_("Open again"),
            icon="check_circle",
            permission="kitchen.change_zone",
            do=lambda zone: services.change_zone(zone, is_open=True),
            fits=lambda zone: not zone.is_open,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        tickets = Ticket.objects.filter(zone=OuterRef("pk"), finished_at=None).order_by()
        counted = tickets.values("zone").annotate(count=Count("pk")).values("count")
        return super().get_queryset(request).annotate(open_tickets=Coalesce(Subquery(counted), 0))

    def get_readonly_fields(self, request: HttpRequest, obj: Zone | None = None) -> Any:
        return ("code",) if obj else ()

    @admin.display(description=_("open"), boolean=True, ordering="is_open")
    def opened(self, zone: Zone) -> bool:
        return zone.is_open

    @admin.display(description=_("tickets to do"), ordering="open_tickets")
    def work(self, zone: Any) -> SafeString:
        """Their number, and the way to them."""
        tickets = reverse("admin:kitchen_ticket_changelist")
        return format_html(
            '<a class="plain" href="{}?zone__code__exact={}">{}</a>',
            tickets,
            zone.pk,
            zone.open_tickets,
        )


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


def order_link(tray: Tray) -> SafeString:
    """The tray's order, on its own page; whose page that is, the settings say."""
    return format_html(
        '<a class="plain" href="{}">{}</a>',
        reverse(settings.ORDER_PAGE, args=(tray.order_ref,)),
        tray.order_label,
    )


def what_to_cook(ticket: Ticket) -> SafeString:
    """`2 × Pad krapow`, and below it what was chosen about it."""
    options = format_html("<br><b>{}</b>", chosen(ticket.options)) if ticket.options else ""
    return format_html("{} × {}{}", ticket.quantity, own_name(ticket), options)


class TicketInline(ReadOnly, HouseInline):
    model = Ticket
    ordering = ("track", "position")
    verbose_name_plural = _("Tickets")
    fields = ("at_zone", "what", "read", "standing", "fire_at", "started_at", "done_at")
    readonly_fields = fields
    show_change_link = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return super().get_queryset(request).select_related("zone").defer("parked")

    @admin.display(description=_("zone"))
    def at_zone(self, ticket: Ticket) -> str:
        return own_name(ticket.zone)

    @admin.display(description=_("what"))
    def what(self, ticket: Ticket) -> SafeString:
        return what_to_cook(ticket)

    @admin.display(description=_("note"))
    def read(self, ticket: Ticket) -> str:
        return ticket.to_read

    @admin.display(description=_("state"))
    def standing(self, ticket: Ticket) -> SafeString:
        return badge(ticket)


class AtThePass(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("Open")),
            ("ready", _("At the pass")),
            ("late", _("Late")),
            ("served", _("Served")),
            ("void", _("Void")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        shown = self.value()
        if shown == "late":
            return queryset.late()
        if shown == "open":
            return queryset.filter(state__in=[TrayState.WAITING, TrayState.READY])
        return queryset.filter(state=shown)


@admin.register(Tray)
class TrayAdmin(ReadOnly, HouseAdmin):
    sortable_by = ()
    list_display = ("tray", "order", "standing", "opened_at", "promised_at", "ready_at", "waits")
    list_filter = (AtThePass,)
    fieldsets = (
        (None, {"fields": (("order", "number", "standing"),)}),
        (None, {"fields": (("opened_at", "promised_at"), ("ready_at", "served_at"))}),
    )
    readonly_fields = ("order", "standing")
    inlines = (TicketInline,)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        # What still stands there, the oldest first; what is gone, the last first.
        gone = request.GET.get("shown") in (TrayState.SERVED, TrayState.VOID)
        return ["-opened_at"] if gone else ["opened_at"]

    @admin.display(description=_("tray"))
    def tray(self, tray: Tray) -> str:
        return str(_("Tray %(number)s") % {"number": tray.number})

    @admin.display(description=_("order"))
    def order(self, tray: Tray) -> SafeString:
        return order_link(tray)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, tray: Tray) -> SafeString:
        return badge(tray) + late_mark(tray.late_for)

    @admin.display(description=_("at the pass since"))
    def waits(self, tray: Tray) -> str | None:
        return ago(tray.ready_at) if tray.state == TrayState.READY and tray.ready_at else None


class ToDo(Shown):
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("To do")),
            ("late", _("Late")),
            ("quarantined", _("Quarantined")),
            ("unprinted", _("Not printed")),
            ("stop", _("To be stopped")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        todo = queryset.filter(finished_at=None)
        if self.value() == "late":
            return todo.filter(tray__promised_at__lt=timezone.now())
        if self.value() == "quarantined":
            return queryset.quarantined()
        if self.value() == "unprinted":
            return queryset.unprinted()
        return todo.filter(cancel_requested=True) if self.value() == "stop" else todo


def unprinted_mark(ticket: Ticket) -> SafeString:
    """Nothing, or that the cook has no chit."""
    if ticket.printed != Printed.FAILED:
        return SafeString()
    return format_html(
        ' <span class="badge" data-state="late">{}</span>', ticket.get_printed_display()
    )


class ChitInline(ReadOnly, HouseInline):
    model = Chit
    ordering = ("pk",)
    verbose_name_plural = _("On paper")
    fields = ("kind", "is_reprint", "made_at", "tries", "printed_at", "dropped_at", "error")
    readonly_fields = fields
    hide_title = True


@admin.register(Ticket)
class TicketAdmin(ReadOnly, HasVerbs):
    list_display = ("what", "at_zone", "standing", "order", "fire_at", "started_at", "attempts")
    list_filter = (ToDo, "zone", "state")
    sortable_by = ()
    ordering = ("fire_at",)
    list_select_related = ("tray", "zone")
    fieldsets = (
        (None, {"fields": (("what", "standing"), ("order", "at_zone"), ("allergies", "note"))}),
        (None, {"fields": (("fire_at", "fired_at"), ("started_at", "done_at"))}),
        (None, {"fields": (("track", "position"), ("prep_seconds", "attempts"), "printed")}),
    )
    readonly_fields = ("what", "at_zone", "standing", "order")
    inlines = (ChitInline,)
    verbs = (
        Verb(
            name="try_again",
            label=_("Try again"),
            done=_("Tried again"),
            icon="replay",
            permission="kitchen.change_ticket",
            do=lambda ticket: services.retry(ticket.pk),
            fits=lambda ticket: ticket.state == TicketState.QUARANTINED,
        ),
        Verb(
            name="print_again",
            label=_("Print again"),
            done=_("To be printed again"),
            icon="print",
            permission="kitchen.change_ticket",
            do=lambda ticket: services.reprint(ticket.pk),
            fits=lambda ticket: bool(ticket.zone.printer) and ticket.fired_at is not None,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return super().get_queryset(request).defer("parked")

    @admin.display(description=_("zone"))
    def at_zone(self, ticket: Ticket) -> str:
        return own_name(ticket.zone)

    @admin.display(description=_("what"))
    def what(self, ticket: Ticket) -> SafeString:
        return what_to_cook(ticket)

    @admin.display(description=_("order"))
    def order(self, ticket: Ticket) -> SafeString:
        return order_link(ticket.tray)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, ticket: Ticket) -> SafeString:
        late_for = ticket.tray.late_for if ticket.finished_at is None else None
        stop = _("cancelled: to be stopped") if ticket.cancel_requested else ""
        return (
            badge(ticket) + late_mark(late_for) + unprinted_mark(ticket) + format_html(" {}", stop)
        )


@admin.register(KitchenSettings)
class KitchenSettingsAdmin(OneRow):
    read = staticmethod(KitchenSettings.current)
    write = staticmethod(services.change_settings)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if settings.DEMO else ("time_scale",)
