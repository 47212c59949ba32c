"""Django as a WSGI app: the API, the admin and the pages."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request whose address is UTF-8, whatever its body says of itself.

    Django decodes the query in the charset of the Content-Type, and does so before anything catches
    errors: `charset=bz2_codec` beside a query, or a broken parameter, would go unanswered.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            parsed = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:
            meta["CONTENT_TYPE"] = ""
            parsed = "", {}
        self.content_type, self.content_params = parsed


class Handler(WSGIHandler):
    request_class = Request


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "restaurant.settings")
django.setup(set_prefix=False)
application = Handler()
