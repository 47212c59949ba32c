"""The kitchen's settings: every member of staff may read them, a manager change them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from conftest import assert_problem
from kitchen.models import KitchenSettings

URL = "/api/v1/settings/"


@pytest.fixture
def manager(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("manager")


def change(client: APIClient, body: Any) -> Any:
    return client.patch(URL, body, format="json")


def test_time_runs_as_on_the_wall_unless_set(manager: APIClient) -> None:
    assert manager.get(URL).json()["time_scale"] == 1.0
    assert not KitchenSettings.objects.exists()


@override_settings(DEMO=True)
@pytest.mark.parametrize("scale", [0.1, 2, 1000])
def test_the_demos_clock_runs_as_fast_as_it_is_set(manager: APIClient, scale: float) -> None:
    answer = change(manager, {"time_scale": scale})
    assert answer.status_code == 200
    assert answer.json() == manager.get(URL).json()
    assert answer.json()["time_scale"] == scale
    assert KitchenSettings.objects.get().time_scale == scale


@pytest.mark.parametrize("name", ["pacing", "auto_fire_courses"])
def test_a_manager_turns_it_on_and_off(manager: APIClient, name: str) -> None:
    found = manager.get(URL).json()
    assert (found["pacing"], found["auto_fire_courses"]) == (True, False)
    for value in (False, True):
        assert change(manager, {name: value}).json() == {**found, name: value}
        assert getattr(KitchenSettings.current(), name) is value
    assert_problem(change(manager, {name: 1}), 400, "invalid_body")


@override_settings(DEMO=False)
def test_elsewhere_the_clock_is_left_alone(manager: APIClient) -> None:
    assert_problem(change(manager, {"time_scale": 2}), 403, "forbidden")
    assert KitchenSettings.current().time_scale == 1.0


@override_settings(DEMO=True)
@pytest.mark.parametrize(
    ("body", "code", "faults"),
    [
        ({"time_scale": 0}, "invalid_body", [("/time_scale", "min_value")]),
        ({"time_scale": -1}, "invalid_body", [("/time_scale", "min_value")]),
        ({"time_scale": 1001}, "invalid_body", [("/time_scale", "max_value")]),
        ({"time_scale": "2"}, "invalid_body", [("/time_scale", "invalid")]),
        ({"time_scale": True}, "invalid_body", [("/time_scale", "invalid")]),
        ({"time_scale": None}, "invalid_body", [("/time_scale", "null")]),
        ({"time_scale": 10**400}, "invalid_body", [("/time_scale", "overflow")]),
        *(
            ({"quote_limit_minutes": wrong}, "invalid_body", [("/quote_limit_minutes", fault)])
            for wrong, fault in [
                (0, "min_value"),
                (-1, "min_value"),
                (1441, "max_value"),
                ("5", "invalid"),
                (5.0, "invalid"),
                (True, "invalid"),
                ([], "invalid"),
            ]
        ),
        *(
            ({"pass_limit_seconds": wrong}, "invalid_body", [("/pass_limit_seconds", fault)])
            for wrong, fault in [
                (0, "min_value"),
                (86_401, "max_value"),
                ("5", "invalid"),
                (None, "null"),
                (True, "invalid"),
            ]
        ),
        ({"chit_limit_minutes": 0}, "invalid_body", [("/chit_limit_minutes", "min_value")]),
        ({"chit_limit_minutes": None}, "invalid_body", [("/chit_limit_minutes", "null")]),
        ({"scale": 2}, "unknown_field", [("/scale", "unknown_field")]),
        ([], "invalid_body", [("", "invalid")]),
    ],
)
def test_a_wrong_change_is_pointed_at_and_not_made(
    manager: APIClient, body: Any, code: str, faults: list[tuple[str, str]]
) -> None:
    problem = assert_problem(change(manager, body), 400, code)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == faults
    assert KitchenSettings.current().time_scale == 1.0


def test_the_pass_may_take_as_long_as_is_set(manager: APIClient) -> None:
    assert manager.get(URL).json()["pass_limit_seconds"] == 300
    assert change(manager, {"pass_limit_seconds": 90}).json()["pass_limit_seconds"] == 90
    assert KitchenSettings.current().pass_limit_seconds == 90
