"""The OpenAPI schema, made from what the views say of themselves; `operations` says how."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_type_hints

from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from restaurant.accounts.permissions import ANYONE
from restaurant.api import PROBLEM, TITLES, status_of
from restaurant.errors import DomainError, Invalid, VersionRequired
from restaurant.fields import StrictCharField, StrictSerializer
from restaurant.idempotency.views import (
    KEY_PATTERN,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
)
from restaurant.openapi.parts import (
    ALWAYS,
    CSV,
    JSON,
    NO_NUL,
    POSITION,
    PROBLEM_SCHEMA,
    STREAM,
    TABLE,
    TEXT,
    WITH_BODY,
    answer_of,
    header,
    headers,
)
from restaurant.operations import Operation, operation_of
from restaurant.shapes import EVENT_STREAM, JsonSchema, Page, object_of, schema_of


class ContractSchema(AutoSchema):
    """One operation of the schema."""

    view: Any

    @property
    def said(self) -> Operation:
        said: Operation = getattr(self.view, self.method.lower()).operation
        return said

    @property
    def idempotency_key_required(self) -> bool | None:
        """None where no key is looked at."""
        method = getattr(self.view, self.method.lower())
        return getattr(method, "idempotency_key_required", None)

    def is_excluded(self) -> bool:
        """A method that has not said itself is told to `spectacular --fail-on-warn`."""
        missing = operation_of(self.view, self.method) is None
        if missing:
            warn(f"{self.method} {self.path} needs an @operation that says what it answers.")
        return missing

    def get_operation_id(self) -> str:
        parts = ["one" if part.startswith("{") else part for part in self.path.split("/")[3:]]
        return "_".join(part for part in (self.method.lower(), *parts) if part)

    def get_auth(self) -> list[dict[str, Any]]:
        """A token, or none where anyone may."""
        auth = super().get_auth()
        return [{}, *auth] if self.view.allowed[self.method] == ANYONE else auth

    def get_override_parameters(self) -> list[Any]:
        """What may stand in the address and in the headers."""
        parameters: list[Any] = [self.said.query] if self.said.query().fields else []
        if self.said.conditional:
            parameters.append(header("If-None-Match", TEXT, "An ETag that you know."))
        if self.said.live:
            about = "The last `id` that you have seen; a browser that comes back sends it."
            parameters.append(header("Last-Event-ID", POSITION, about))
        if VersionRequired in self.said.refuses:
            parameters.append(
                header("If-Match", TEXT, "The ETag of what you have seen.", required=True)
            )
        if self.idempotency_key_required is not None:
            about = "New for each intention: the same again gets the same answer."
            key = {**TEXT, "pattern": f'^({KEY_PATTERN}|"{KEY_PATTERN}")$'}
            parameters.append(
                header("Idempotency-Key", key, about, required=self.idempotency_key_required)
            )
        return parameters

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Lists say so themselves."""
        return False

    def get_request_serializer(self) -> Any:
        return self.said.body

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> JsonSchema:
        schema: JsonSchema = super()._map_basic_serializer(  # type: ignore[no-untyped-call]
            serializer, direction
        )
        kind = serializer if isinstance(serializer, type) else type(serializer)
        if issubclass(kind, StrictSerializer):
            schema = {**schema, "additionalProperties": False, **kind.also}
        return schema

    def _insert_field_validators(self, field: Any, schema: JsonSchema) -> None:
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        if isinstance(field, StrictCharField):
            schema["pattern"] = NO_NUL

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, JsonSchema]:
        said = self.said
        replayed = ["Idempotency-Replayed"] * (self.idempotency_key_required is not None)
        answers = {said.status: self.answer_itself(said, replayed)}
        if said.conditional:
            answers[304] = {"description": "Nothing has changed.", "headers": headers("ETag")}
        for status, codes in self.problems(said).items():
            answers[status] = self.problem(status, codes, said.refuses, replayed)
        return {str(status): answers[status] for status in sorted(answers)}

    def answer_itself(self, said: Operation, replayed: list[str]) -> JsonSchema:
        if said.answer is None:
            return {"description": "Done.", "headers": headers(*said.headers, *replayed)}
        if not said.live:
            answer = answer_of(self.answer(said), JSON, *said.headers, *replayed)
            if said.csv:
                answer["content"][CSV] = {"schema": TABLE}
            return answer
        stream = answer_of(STREAM, EVENT_STREAM)
        # OpenAPI 3.1 has no word for the shape of a stream's items.
        stream["content"][EVENT_STREAM]["x-data"] = self.refer(said.answer)
        return stream

    def answer(self, said: Operation) -> JsonSchema:
        item = schema_of(said.answer, self.refer)
        if not said.in_pages:
            return item
        page = object_of(Page, self.refer)
        page["properties"]["results"] = {"type": "array", "items": item}
        page["required"].append("results")
        return self.component(f"PageOf{name_of(said.answer)}", page)

    def refer(self, shape: Any) -> JsonSchema:
        """A reference to this typed dict among the components."""
        return self.component(name_of(shape), object_of(shape, self.refer))

    def component(self, name: str, schema: JsonSchema) -> JsonSchema:
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name
        )
        self.registry.register_on_missing(component)
        reference: JsonSchema = component.ref
        return reference

    def problems(self, said: Operation) -> dict[int, list[str]]:
        """The codes of each status that this operation may be refused with."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        for status, code in (*ALWAYS, *self.more_problems(said)):
            if code not in found[status]:
                found[status].append(code)
        return found

    def more_problems(self, said: Operation) -> Iterator[tuple[int, str]]:
        if self.view.allowed[self.method] != ANYONE:
            yield 403, "forbidden"
        if "{" in self.path:
            yield 404, "not_found"
        if self.method != "GET":
            yield from WITH_BODY
        refusals: list[type[DomainError]] = list(said.refuses)
        if self.idempotency_key_required is not None:
            refusals += [IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress]
        if self.idempotency_key_required:
            refusals.append(IdempotencyKeyMissing)
        for refusal in refusals:
            yield status_of(refusal), code_of(refusal)

    def problem(
        self,
        status: int,
        codes: list[str],
        refuses: tuple[type[DomainError], ...],
        replayed: list[str],
    ) -> JsonSchema:
        """A problem with one of these codes, and the facts that go with them."""
        known = self.component("Problem", PROBLEM_SCHEMA)
        properties: JsonSchema = {"status": {"const": status}, "code": {"enum": codes}}
        told: list[str] = []
        for refusal in refuses:
            if code_of(refusal) in codes:
                told.append(f"`{code_of(refusal)}`: {(refusal.__doc__ or '').splitlines()[0]}")
                for name, hint in facts_of(refusal).items():
                    properties[name] = schema_of(hint, self.refer)
        more = {401: ["WWW-Authenticate"], 409: replayed, 429: ["Retry-After"]}.get(status, [])
        if status in (409, 503):
            more = [*more, "Retry-After"]
        answer = answer_of({"allOf": [known, {"properties": properties}]}, PROBLEM, *more)
        return {**answer, "description": " ".join([f"{TITLES[status]}.", *told])}


def name_of(shape: Any) -> str:
    return str(shape.__name__).removesuffix("Json")


def code_of(refusal: type[DomainError]) -> str:
    made = refusal(pointer="") if issubclass(refusal, Invalid) else refusal()
    return made.code


def facts_of(refusal: type[DomainError]) -> dict[str, Any]:
    """What it tells beside its sentence: the annotations that are its own."""
    mechanism = {*get_type_hints(DomainError), *get_type_hints(Invalid)}
    hints = get_type_hints(refusal, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in mechanism}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "restaurant.accounts.authentication.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> JsonSchema:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "`manage.py make_token` makes one.",
        }
