"""Tables for people who calculate with them: text/csv, beside the JSON that programs read."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

#: With one of these a spreadsheet begins a formula (owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Table:
    """Columns, and rows with a value for each."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


class CsvRenderer(BaseRenderer):
    """RFC 4180. A refusal stays what it is: a problem, in JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if not isinstance(data, Table):
            return JSONRenderer().render(data, accepted_media_type, renderer_context)
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(data.columns)
        writer.writerows([harmless(value) for value in row] for row in data.rows)
        return text.getvalue().encode()


def harmless(value: Any) -> Any:
    """A text as it is, even if it looks like a formula; numbers are numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class FormatFirst(DefaultContentNegotiation):
    """`?format=csv` for who can't set headers; otherwise what is accepted."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.query_params.get("format")
        for renderer in renderers:
            if renderer.format == asked:
                return renderer, renderer.media_type
        chosen: tuple[BaseRenderer, str]
        chosen = super().select_renderer(request, renderers, format_suffix)
        return chosen


def as_file(table: Table, name: str) -> Response:
    """The answer that a browser saves under this name."""
    return Response(table, headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})
