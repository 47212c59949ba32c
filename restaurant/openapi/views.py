"""Where the schema is served, and the page that shows it."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.response import Response

from restaurant.accounts.permissions import ANYONE
from restaurant.operations import Api


class Schema(Api, SpectacularAPIView):
    """This API as OpenAPI 3.1."""

    allowed = {"GET": ANYONE}
    renderer_classes = [JSONRenderer]


class Docs(Api, SpectacularSwaggerSplitView):
    """The schema to read and to try, with nothing from elsewhere."""

    allowed = {"GET": ANYONE}
    renderer_classes = [TemplateHTMLRenderer]

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal is a problem here, too, and no page."""
        response = super().handle_exception(exc)
        self.request.accepted_renderer = JSONRenderer()
        self.request.accepted_media_type = JSONRenderer.media_type
        return response
