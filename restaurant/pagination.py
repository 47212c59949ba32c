"""Cursor pages: stable while rows are added, and cheap however many there are."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from restaurant.api import InvalidQuery


class CursorPages(CursorPagination):
    """`{"next": url or null, "previous": url or null, "results": […]}`, 50 a page."""

    page_size = 50

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, ValidationError, ValueError, OverflowError) as error:
            raise InvalidQuery({"cursor": ["This cursor is not from this list."]}) from error

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data}
        )
