"""Where the schema is served, and the page that shows it."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from restaurant.accounts.permissions import ANYONE
from restaurant.operations import Api


@cache
def whole_schema() -> dict[str, Any]:
    """The schema of all operations; it is the same as long as the process lives."""
    generator: Any = SchemaGenerator
    made: dict[str, Any] = generator().get_schema(request=None, public=True)
    return made


class Schema(Api):
    """This API as OpenAPI 3.1."""

    allowed = {"GET": ANYONE}
    schema = None

    def get(self, request: Request) -> Response:
        return Response(whole_schema())


class Docs(Api, SpectacularSwaggerSplitView):
    """The schema to read and to try, with nothing from elsewhere."""

    allowed = {"GET": ANYONE}
    schema = None
    renderer_classes = [TemplateHTMLRenderer]

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal is a problem here, too, and no page."""
        response = super().handle_exception(exc)
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return response
