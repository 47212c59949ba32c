"""What a refusal looks like over HTTP (RFC 9457), and how strictly a body is read."""

import sys
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from drf_standardized_errors.formatter import flatten_errors
from rest_framework import exceptions, status
from rest_framework.response import Response

from restaurant.errors import (
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    Unavailable,
    VersionMismatch,
    VersionRequired,
)
from restaurant.parsers import TooLarge

PROBLEM = "application/problem+json"

#: The HTTP meaning of each kind of refusal; the nearest class counts.
STATUS_OF_KIND: dict[type[DomainError], int] = {
    Refused: status.HTTP_409_CONFLICT,
    Invalid: status.HTTP_400_BAD_REQUEST,
    Forbidden: status.HTTP_403_FORBIDDEN,
    NotFound: status.HTTP_404_NOT_FOUND,
    Unavailable: status.HTTP_503_SERVICE_UNAVAILABLE,
    VersionRequired: status.HTTP_428_PRECONDITION_REQUIRED,
    VersionMismatch: status.HTTP_412_PRECONDITION_FAILED,
    DomainError: status.HTTP_422_UNPROCESSABLE_ENTITY,
}
#: Stable codes for what DRF itself refuses.
CODE_OF_STATUS = {
    400: "invalid_body",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    412: "version_mismatch",
    413: "too_large",
    415: "bad_media_type",
    428: "version_required",
    429: "rate_limited",
    500: "internal",
    503: "database_unavailable",
}
TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Request timeout",
    409: "Conflict",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Unprocessable",
    428: "Precondition required",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
#: Where asking the same again can help.
RETRYABLE = {408, 429, 503}
#: Seconds after which to ask again while the database is away.
ASK_AGAIN = 2


class InvalidQuery(exceptions.ValidationError):
    """A filter, a cursor or a number in the address can't be understood."""

    problem_code = "invalid_query"


def problem(
    request: HttpRequest,
    status_code: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    retryable: bool | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """The body of a refusal; `facts` stand beside the members of RFC 9457."""
    body: dict[str, Any] = {
        "type": f"urn:tamsang:problem:{code}",
        "title": TITLES[status_code],
        "status": status_code,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": getattr(request, "request_id", ""),
        "retryable": status_code in RETRYABLE if retryable is None else retryable,
        **facts,
    }
    if errors is not None:
        body["errors"] = errors
    return body


def problem_response(
    request: HttpRequest, status_code: int, code: str, detail: str, **facts: Any
) -> JsonResponse:
    """A refusal from outside of DRF's views."""
    response = JsonResponse(
        problem(request, status_code, code, detail, **facts),
        status=status_code,
        content_type=PROBLEM,
    )
    if "retry_after" in facts:
        response["Retry-After"] = str(facts["retry_after"])
    return response


def refuse(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: a refusal becomes a problem with its code; None for a bug."""
    request: HttpRequest = context["request"]._request
    headers: dict[str, str] = {}
    if isinstance(error, OperationalError | InterfaceError):
        body = database_away(request)
    elif isinstance(error, DomainError):
        return refusal_response(error, request)
    elif isinstance(
        error,
        exceptions.APIException
        | Http404
        | PermissionDenied
        | RequestDataTooBig
        | TooManyFieldsSent,
    ):
        known = as_api_exception(error)
        body = api_refusal(request, known)
        if auth_header := getattr(known, "auth_header", None):
            headers["WWW-Authenticate"] = auth_header
    else:
        return None
    return as_response(body, headers)


def refusal_response(error: DomainError, request: HttpRequest) -> Response:
    """The answer to what the business refuses; no fault of ours, whatever its status."""
    request.is_refused = True  # type: ignore[attr-defined]  # read by the log
    return as_response(refusal(request, error), {})


def as_response(body: dict[str, Any], headers: dict[str, str]) -> Response:
    if "retry_after" in body:
        headers["Retry-After"] = str(body["retry_after"])
    return Response(body, status=body["status"], headers=headers, content_type=PROBLEM)


def database_away(request: HttpRequest) -> dict[str, Any]:
    return problem(
        request,
        status.HTTP_503_SERVICE_UNAVAILABLE,
        "database_unavailable",
        "The database is away or busy. Nothing was changed; ask again.",
        retry_after=ASK_AGAIN,
    )


def status_of(kind: type[DomainError]) -> int:
    """The HTTP status of this refusal."""
    return next(STATUS_OF_KIND[cls] for cls in kind.__mro__ if cls in STATUS_OF_KIND)


def refusal(request: HttpRequest, error: DomainError) -> dict[str, Any]:
    """What the business refuses; an `Invalid` says where in the body."""
    errors = None
    if isinstance(error, Invalid) and error.pointer:
        errors = [{"pointer": error.pointer, "code": error.code, "detail": error.detail}]
    return problem(
        request,
        status_of(type(error)),
        error.code,
        error.detail,
        errors=errors,
        retryable=error.retryable,
        **error.facts,
    )


def as_api_exception(error: Exception) -> exceptions.APIException:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, TooManyFieldsSent):
        return InvalidQuery("There are too many names in the address.")
    return exceptions.PermissionDenied()


def api_refusal(request: HttpRequest, error: exceptions.APIException) -> dict[str, Any]:
    """What DRF refuses. A validation error lists each place in the body as a JSON pointer."""
    code = getattr(error, "problem_code", None) or CODE_OF_STATUS[error.status_code]
    facts: dict[str, Any] = {}
    if (wait := getattr(error, "wait", None)) is not None:
        facts["retry_after"] = max(1, round(wait))
    if not isinstance(error, exceptions.ValidationError):
        return problem(request, error.status_code, code, str(error.detail), **facts)
    errors = [
        {"pointer": pointer(found.attr), "code": found.code, "detail": found.detail}
        for found in flatten_errors(error.detail)
    ]
    if errors and all(found["code"] == "unknown_field" for found in errors):
        code = "unknown_field"
    first = errors[0] if errors else {"pointer": "", "detail": "The request is not valid."}
    return problem(
        request,
        error.status_code,
        code,
        f"{first['pointer'] or 'The request'}: {first['detail']}",
        errors=errors,
        **facts,
    )


def pointer(attr: str | None) -> str:
    """The place in the body (RFC 6901) of DRF's `lines/0/quantity`; "" is the whole body."""
    path = (attr or "").removesuffix("non_field_errors").strip("/")
    return f"/{path}" if path else ""


def error_page(request: HttpRequest, status_code: int, detail: str, **facts: Any) -> HttpResponse:
    """What fails outside of DRF's views: a problem under /api/, else a plain page."""
    if request.path.startswith("/api/"):
        code = "bad_request" if status_code == 400 else CODE_OF_STATUS[status_code]
        return problem_response(request, status_code, code, detail, **facts)
    return HttpResponse(
        f"{TITLES[status_code]}: {detail}\n", status=status_code, content_type="text/plain"
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler400."""
    return error_page(request, 400, "This request can't be understood.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler403."""
    return error_page(request, 403, "This is not allowed to you.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The project's handler404."""
    return error_page(request, 404, "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """The project's handler500; a database that is away is not a fault of ours."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = error_page(
            request, 503, "The database is away or busy; ask again.", retry_after=ASK_AGAIN
        )
        response["Retry-After"] = str(ASK_AGAIN)
        return response
    return error_page(
        request, 500, "Something went wrong here. It is in our log, with the request_id."
    )
