"""How the manager's lists are cut into pages and views, however many rows there are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    # unfold's has Django's parameters and no types.
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList


class LookAhead(Paginator):
    """Looks one row past the page that is asked for, and never counts the table."""

    template_name = "house/pages.html"

    def __init__(self, request: HttpRequest, queryset: QuerySet[Any], per_page: int) -> None:
        super().__init__(queryset, per_page)
        asked = request.GET.get(PAGE_VAR, "")
        # A longer number is no page, and more than a database can skip.
        page = int(asked) if asked.isdecimal() and len(asked) < 9 else 1
        self.before = (max(page, 1) - 1) * per_page

    @cached_property
    def count(self) -> int:
        """The rows up to the end of this page, and one more if there is a next page."""
        rows: Any = self.object_list
        page_and_one = rows[self.before : self.before + self.per_page + 1]
        return self.before + int(page_and_one.count())

    @property
    def has_more(self) -> bool:
        return self.count > self.before + self.per_page


class PagedList(ChangeList):
    """Says how many rows there are only where it knows."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class Shown(admin.SimpleListFilter):
    """One of a list's views, of which always one is shown: the first unless another is asked for.

    A subclass gives `lookups`, and `queryset` for the chosen `value()`.
    """

    title = _("Shown")
    parameter_name = "shown"
    template = "house/shown.html"

    def value(self) -> str:
        known = [str(value) for value, _label in self.lookup_choices]
        asked = super().value()
        return asked if asked in known else known[0]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for value, label in self.lookup_choices:
            yield {
                "selected": value == self.value(),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }
