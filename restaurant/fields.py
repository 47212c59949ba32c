"""Serializer fields that take JSON's types as they are: no number for a string, no "1" for 1."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request

from restaurant.api import InvalidQuery


class StrictCharField(serializers.CharField):
    """A JSON string, kept as it is."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("trim_whitespace", False)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictRegexField(serializers.RegexField):
    """A JSON string of this form, kept as it is."""

    def __init__(self, regex: str, **kwargs: Any) -> None:
        super().__init__(regex, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictDecimalField(StrictRegexField):
    """A number as a JSON string of this form: a float would round."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return Decimal(super().run_validation(data))


class StrictEmailField(serializers.EmailField):
    """A JSON string with the address of a mailbox, in printable ASCII, kept as it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not (data.isascii() and data.isprintable()):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictUUIDField(serializers.UUIDField):
    """A JSON string with a UUID in it, as we write it."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or len(data) != 36:
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """A JSON number without a fraction; `true` is not 1."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """`true` or `false`."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictFloatField(serializers.FloatField):
    """A JSON number."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictListField(serializers.ListField):
    """A JSON list. Its length is looked at first: 256 kB hold 85,000 items to find fault with."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            raise serializers.ValidationError(
                f"Ensure this field has no more than {self.max_length} elements.", "max_length"
            )
        return super().to_internal_value(data)


class MomentField(serializers.DateTimeField):
    """A time, also one so near to the ends of the calendar that no other zone has it."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            return super().to_internal_value(value)
        except OverflowError:
            self.fail("overflow")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses what it does not know."""

    #: Rules between fields, in words of JSON Schema.
    also: ClassVar[dict[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            raise serializers.ValidationError(
                {
                    # As a part of a JSON pointer (RFC 6901).
                    name.replace("~", "~0").replace("/", "~1"): serializers.ErrorDetail(
                        "There is no such field.", code="unknown_field"
                    )
                    for name in sorted(unknown)
                }
            )
        return super().to_internal_value(data)


class QuerySerializer(serializers.Serializer[Any]):
    """The names in an address; one that it does not know is refused."""

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """The understood filters of this request; raises InvalidQuery."""
        query = cls(data=request.query_params.dict())
        names: set[str] = set(query.fields)
        unknown = set(request.query_params) - names
        if unknown:
            known = ", ".join(sorted(names - {"cursor"}))
            raise InvalidQuery({name: [f"Known here: {known or 'none'}."] for name in unknown})
        if not query.is_valid():
            raise InvalidQuery(query.errors)
        return {name: value for name, value in query.validated_data.items() if name != "cursor"}


class PageQuery(QuerySerializer):
    """The filters of a list that comes in pages."""

    cursor = serializers.CharField(
        required=False, help_text="From `next` or `previous` of another page of this list."
    )
