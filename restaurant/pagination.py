"""Cursor pages: stable while rows are added, and cheap however many there are."""

from typing import Any

from django.core import signing
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from restaurant.api import InvalidQuery


class CursorPages(CursorPagination):
    """`{"next": url or null, "previous": url or null, "results": […]}`, 50 a page.

    A cursor is signed for its list: one that is made up, or another list's, is refused.
    """

    page_size = 50

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        self.path = request.path
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Cursor | None:
        known = request.query_params.get(self.cursor_query_param)
        if known is None:
            return None
        try:
            return Cursor(*signing.loads(known, salt=self.path))
        except signing.BadSignature as error:
            raise InvalidQuery({"cursor": ["This cursor is not from this list."]}) from error

    def encode_cursor(self, cursor: Cursor) -> str:
        signed = signing.dumps(tuple(cursor), salt=self.path)
        return replace_query_param(str(self.base_url), self.cursor_query_param, signed)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self.get_next_link(), "previous": self.get_previous_link(), "results": data}
        )
