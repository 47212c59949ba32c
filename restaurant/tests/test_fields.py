"""JSON's types are taken as they are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field

from restaurant.fields import (
    MomentField,
    StrictBooleanField,
    StrictCharField,
    StrictFloatField,
    StrictIntegerField,
    StrictListField,
    StrictRegexField,
    StrictSerializer,
)

TEXT = StrictCharField(max_length=5)
REF = StrictRegexField(r"\A[a-z ]+\Z")
NUMBER = StrictIntegerField(min_value=1, max_value=9)
FLAG = StrictBooleanField()
FACTOR = StrictFloatField(min_value=0.5)
LIST = StrictListField(child=NUMBER, min_length=1, max_length=2)
MOMENT = MomentField()


class Pair(StrictSerializer):
    left = NUMBER
    right = StrictIntegerField(required=False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (TEXT, " a b "),
        (TEXT, "ข้าว"),
        (REF, " a "),
        (NUMBER, 9),
        (FLAG, False),
        (FACTOR, 1),
        (FACTOR, 0.5),
        (LIST, [1, 2]),
    ],
)
def test_what_fits_is_kept_as_it_is(field: "Field[Any, Any, Any, Any]", value: Any) -> None:
    kept = field.run_validation(value)
    assert kept == value


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (TEXT, 1, "invalid"),
        (TEXT, True, "invalid"),
        (TEXT, None, "null"),
        (TEXT, ["a"], "invalid"),
        (TEXT, "abcdef", "max_length"),
        (TEXT, "", "blank"),
        (TEXT, "\0", "null_characters_not_allowed"),
        (REF, 1, "invalid"),
        (REF, 1.5, "invalid"),
        (REF, "A", "invalid"),
        (REF, "a\n", "invalid"),
        (NUMBER, "1", "invalid"),
        (NUMBER, True, "invalid"),
        (NUMBER, 1.0, "invalid"),
        (NUMBER, 0, "min_value"),
        (NUMBER, 10**30, "max_value"),
        (FLAG, 1, "invalid"),
        (FLAG, "true", "invalid"),
        (FLAG, [], "invalid"),
        (FLAG, {}, "invalid"),
        (FACTOR, "1", "invalid"),
        (FACTOR, True, "invalid"),
        (FACTOR, float("inf"), "invalid"),
        (FACTOR, 10**400, "overflow"),
        (LIST, "12", "not_a_list"),
        (LIST, {"0": 1}, "not_a_list"),
        (LIST, [], "min_length"),
        (LIST, [1, 2, 3], "max_length"),
        (LIST, ["not", "looked", "at"], "max_length"),
        (MOMENT, "0001-01-01T00:00:00", "overflow"),
        (MOMENT, "9999-12-31T23:59:59-12:00", "overflow"),
        (MOMENT, "soon", "invalid"),
        (MOMENT, 5, "invalid"),
    ],
)
def test_what_does_not_fit_is_refused(
    field: "Field[Any, Any, Any, Any]", value: Any, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        field.run_validation(value)
    assert refused.value.get_codes() == [code]


def test_a_moment_has_its_zone() -> None:
    assert MOMENT.run_validation("2026-11-21T12:00:00+07:00") == datetime(
        2026, 11, 21, 5, tzinfo=UTC
    )


def test_what_is_not_known_is_refused_alone() -> None:
    pair = Pair(data={"left": "x", "a/b": 1, "~": 2})
    assert not pair.is_valid()
    assert list(pair.errors) == ["a~1b", "~0"]
    assert {error.code for error in pair.errors.values()} == {"unknown_field"}
    assert Pair(data={"left": 1}).is_valid()
