"""What each method of a view takes and answers: said once, for the view, schema and tests."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from restaurant.accounts.roles import Role
from restaurant.errors import DomainError
from restaurant.fields import QuerySerializer, StrictSerializer

Method = TypeVar("Method", bound=Callable[..., HttpResponseBase])


class NoBody(StrictSerializer):
    """Nothing, or an object without any field."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A method of a view, to its callers."""

    #: The shape of the answer: a typed dict (see `shapes`), or a list of one; None: no body.
    answer: Any
    #: The answer is a page of these.
    in_pages: bool = False
    status: int = 200
    query: type[QuerySerializer] = QuerySerializer
    body: type[StrictSerializer] = NoBody
    #: What the business may refuse, beside what any operation may.
    refuses: tuple[type[DomainError], ...] = ()
    #: Headers of the answer that mean something here.
    headers: tuple[str, ...] = ()
    #: `If-None-Match` may be answered 304.
    conditional: bool = False
    #: The answer is a stream of these (text/event-stream).
    live: bool = False
    #: Its rows may be had as text/csv, too.
    csv: bool = False


def operation(answer: Any, **more: Any) -> Callable[[Method], Method]:
    """Say of a view's method what it takes and answers; see `Operation`."""
    said = Operation(answer=answer, **more)

    def say(method: Method) -> Method:
        setattr(method, "operation", said)
        return method

    return say


def operation_of(view: Any, method: str | None) -> Operation | None:
    """What this view has said of this HTTP method."""
    name = "get" if method == "HEAD" else str(method).lower()
    found: Operation | None = getattr(getattr(view, name, None), "operation", None)
    return found


class Api(APIView):
    """A view of the API: `allowed` says who may, `operation` what is taken and answered."""

    allowed: ClassVar[Mapping[str, Set[Role]]] = {}
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    #: The filters of this request, understood.
    filters: dict[str, Any]

    @property
    def allowed_methods(self) -> list[str]:
        return [*self.allowed, *(["HEAD"] if "GET" in self.allowed else [])]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        said = operation_of(self, request.method)
        if said is not None:
            nothing_to_read = said.query is QuerySerializer and not request.query_params
            self.filters = {} if nothing_to_read else said.query.of(request)

    def body(self, request: Request) -> dict[str, Any]:
        """The body that the operation asks for; raises ValidationError."""
        said: Operation = getattr(self, str(request.method).lower()).operation
        read = said.body(data=request.data)
        read.is_valid(raise_exception=True)
        values: dict[str, Any] = read.validated_data
        return values
