"""What a manager may do with a row: a button on its page and in its list, an action for several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from restaurant.admin import HouseAdmin
from restaurant.errors import DomainError, IllegalTransition

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One service, and when and to whom it is offered."""

    name: str
    label: Words
    #: What is said and written down once it is done: `Cancelled`.
    done: Words
    icon: str
    permission: str
    #: Called with the row and with what the form asks; raises DomainError. It answers False when
    #: there was nothing to do: somebody has done it before.
    do: Callable[..., object]
    #: Whether its button is shown beside this row. The service has the last word.
    fits: Callable[[Any], bool]
    form: type[forms.Form] = forms.Form
    #: Look first: a page that asks what the form asks.
    asks: bool = False
    #: Its service is told who does it: `by`, a username.
    signed: bool = False
    #: What to know of a row before doing it: shown where it is asked for.
    tells: Callable[[Any], Words] = lambda row: ""
    #: It is about a part of the row, and the row's page shows its button there.
    of_a_part: bool = False

    def allowed(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(self.permission))


class HasVerbs(HouseAdmin):
    """A model's pages with its verbs. None of them is carried out by a GET."""

    verbs: Sequence[Verb] = ()
    change_form_outer_before_template = "house/verbs.html"

    def get_urls(self) -> list[URLPattern]:
        options = self.model._meta
        do = path(
            "<path:object_id>/do/<slug:verb>/",
            self.admin_site.admin_view(self.do_view),
            name=f"{options.app_label}_{options.model_name}_do",
        )
        return [do, *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)
        return (*shown, "buttons") if self.allowed_verbs(request) else shown

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        for verb in self.allowed_verbs(request):
            actions[verb.name] = (partial(do_with_chosen, verb), verb.name, verb.label)
        return actions

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        row = context["original"]
        context["verbs"] = [
            (verb, self.address(verb, row))
            for verb in self.allowed_verbs(request)
            if row is not None and verb.fits(row)
        ]
        return super().render_change_form(request, context, *args, **options)

    def allowed_verbs(self, request: HttpRequest) -> list[Verb]:
        """What is offered for whole rows."""
        return [verb for verb in self.verbs if verb.allowed(request) and not verb.of_a_part]

    def address(self, verb: Verb, row: Model) -> str:
        options = self.model._meta
        return reverse(
            f"admin:{options.app_label}_{options.model_name}_do", args=(row.pk, verb.name)
        )

    def buttons(self, row: Model) -> SafeString:
        """The verbs that fit the row; which form they post is the list's own."""
        return format_html_join(
            " ",
            "{}",
            ((button(verb, self.address(verb, row)),) for verb in self.verbs if verb.fits(row)),
        )

    buttons.short_description = gettext_lazy("Do")  # type: ignore[attr-defined]

    def do_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        """A GET asks, a POST does it."""
        chosen = next((one for one in self.verbs if one.name == verb), None)
        if chosen is None:
            raise Http404
        if not (chosen.allowed(request) and self.has_view_permission(request)):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        return self.carry_out(request, chosen, [row]) or HttpResponseRedirect(self.back(request))

    def carry_out(
        self, request: HttpRequest, verb: Verb, rows: Sequence[Model]
    ) -> HttpResponse | None:
        """Do it with each row and say how it went; or ask first, if that has not happened."""
        asked = request.method == "POST" and (not verb.asks or "confirmed" in request.POST)
        form = verb.form(request.POST if asked else None)
        if not (asked and form.is_valid()):
            return self.ask(request, verb, rows, form)
        done = [row for row in rows if self.do(request, verb, row, form.cleaned_data)]
        if done:
            names = ", ".join(str(row) for row in done)
            messages.success(request, f"{verb.done}: {names}")
        return None

    def do(self, request: HttpRequest, verb: Verb, row: Model, asked: Mapping[str, Any]) -> bool:
        """Call the service and write down who did; False if it did nothing, which is then said."""
        said = ", ".join(str(value) for value in asked.values() if value not in (None, ""))
        signed = {"by": request.user.get_username()} if verb.signed else {}
        try:
            with transaction.atomic():
                if verb.do(row, **asked, **signed) is False:
                    messages.info(request, _("%(row)s: that was done already.") % {"row": row})
                    return False
                self.log_change(request, row, f"{verb.done}: {said}" if said else str(verb.done))
        except DomainError as error:
            messages.error(request, f"{row}: {refusal(row, error)}")
            return False
        return True

    def ask(
        self, request: HttpRequest, verb: Verb, rows: Sequence[Model], form: forms.Form
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": verb.label,
            "opts": self.model._meta,
            "verb": verb,
            "rows": [(row, verb.tells(row)) for row in rows],
            "form": form,
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": self.back(request),
        }
        return TemplateResponse(request, "house/ask.html", context)

    def back(self, request: HttpRequest) -> str:
        """Where the press came from, if that is one of our pages."""
        origin = request.POST.get("back") or request.headers.get("Referer", "")
        ours = url_has_allowed_host_and_scheme(origin, {request.get_host()}, request.is_secure())
        options = self.model._meta
        home = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
        return origin if ours and "/do/" not in origin else home


def do_with_chosen(
    verb: Verb, page: HasVerbs, request: HttpRequest, chosen: QuerySet[Any]
) -> HttpResponse | None:
    """The action of a list: the verb, for each row that was ticked."""
    return page.carry_out(request, verb, list(chosen))


def button(verb: Verb, address: str) -> SafeString:
    if verb.asks:
        return format_html('<a class="verb" href="{}">{}…</a>', address, verb.label)
    return format_html(
        '<button class="verb" type="submit" formaction="{}" formmethod="post">{}</button>',
        address,
        verb.label,
    )


def refusal(row: Any, error: DomainError) -> str:
    """The refusal as a sentence in the reader's language, if there are words for it."""
    facts = error.facts
    if isinstance(error, IllegalTransition) and "state" in facts:
        labels = dict(row._meta.get_field("state").flatchoices)
        state = labels.get(facts["state"], facts["state"])
        return _("That is not possible now; its state is: %(state)s.") % {"state": state}
    if isinstance(error, IllegalTransition) and "tray" in facts:
        return _("Tray %(tray)s is not ready to be served.") % facts
    return _(error.detail)
