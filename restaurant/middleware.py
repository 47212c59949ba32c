"""Who is believed about a request, its id in the answer and in the log, and its language."""

import logging
from collections.abc import Callable
from ipaddress import ip_address
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

#: What is there in every language. All else, the API first of all, speaks one: programs read it.
TRANSLATED = ("/admin/", "/kitchen/", "/pass/", "/login/", "/track/", "/receipt/", "/trace/")


#: What a proxy says of the caller: from where, and whether over TLS.
SAID_BY_PROXY = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")


class BelieveProxyMiddleware:
    """Whoever reaches the web process past the proxy says nothing of himself that counts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_proxy(request.META.get("REMOTE_ADDR", "")):
            for header in SAID_BY_PROXY:
                request.META.pop(header, None)
        return self.get_response(request)


def is_proxy(address: str) -> bool:
    """A socket in the file system has no address: whoever may open it is on this host."""
    if not settings.BEHIND_PROXY:
        return False
    caller = ip_address(address or "127.0.0.1")
    caller = getattr(caller, "ipv4_mapped", None) or caller
    return any(caller in network for network in settings.PROXY_NETWORKS)


class NameRequest(logging.Filter):
    """Lets a line of the log end with the id of the request that it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        request_id = getattr(getattr(record, "request", None), "request_id", "")
        record.of_request = f" [request {request_id}]" if request_id else ""
        return True


class RequestIdMiddleware:
    """Sets `request.request_id` and the header X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response


class PrivateAnswersMiddleware:
    """What the API answers is for its caller alone: nobody on the way keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class PermanentRedirect(HttpResponsePermanentRedirect):
    """308: a POST that forgot the slash at the end stays a POST."""

    def __init__(self, redirect_to: str) -> None:
        super().__init__(redirect_to, preserve_request=True)


class KeepMethodMiddleware(CommonMiddleware):
    """Django's, but what it redirects keeps its method and its body."""

    response_redirect_class = PermanentRedirect


class LanguageOfPagesMiddleware(LocaleMiddleware):
    """Django's, for the pages that are translated, and for them alone.

    Elsewhere the house's language is put back: the request before may have been a Thai page in the
    same thread.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(TRANSLATED):
            super().process_request(request)
        else:
            translation.activate(settings.LANGUAGE_CODE)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path_info.startswith(TRANSLATED):
            return super().process_response(request, response)
        return response
