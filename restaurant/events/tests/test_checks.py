"""`manage.py check` finds what is wrong with the subscriptions, and says what to type."""

from dataclasses import dataclass

import pytest
from django.core.checks import CheckMessage, run_checks

from restaurant.events import checks
from restaurant.events.contract import DECLARED, Event
from restaurant.subscriptions import SUBSCRIPTIONS, Style, Subscription


def found(monkeypatch: pytest.MonkeyPatch, event: str, to: str) -> list[CheckMessage]:
    subscriptions = {event: [Subscription(to, Style.NOTIFICATION)]}
    monkeypatch.setattr(checks, "SUBSCRIPTIONS", subscriptions)
    return run_checks(tags=["events"])


def test_the_house_has_nothing_to_mend() -> None:
    assert SUBSCRIPTIONS
    assert run_checks(tags=["events"]) == []


def test_an_event_that_nobody_declares_is_e001(monkeypatch: pytest.MonkeyPatch) -> None:
    (error,) = found(monkeypatch, "dish.dropped", "kitchen.tasks.open_order")
    assert error.id == "events.E001"
    assert error.msg == "Nobody says dish.dropped, which kitchen.tasks.open_order wants to hear."
    assert 'class …(Event, name="dish.dropped")' in str(error.hint)


def test_a_hearer_that_needs_more_than_is_told_is_e002(monkeypatch: pytest.MonkeyPatch) -> None:
    (error,) = found(monkeypatch, "tray.ready", "kitchen.tasks.open_order")
    assert error.id == "events.E002"
    assert error.msg == (
        "kitchen.tasks.open_order cannot hear tray.ready: missing a required argument: 'label'"
    )
    assert error.hint == "tray.ready tells: order_ref, tray_ref, tray, canvas."


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("kitchen.tasks.no_such_task", "no_such_task"),
        ("no_such_app.tasks.hear", "no_such_app"),
        ("kitchen.tasks.plate", "hears"),
        ("kitchen.tasks.call_out", "run"),
        ("kitchen.tasks.UUID", "run"),
    ],
)
def test_what_is_no_hearer_is_e003(monkeypatch: pytest.MonkeyPatch, to: str, why: str) -> None:
    (error,) = found(monkeypatch, "tray.ready", to)
    assert error.id == "events.E003"
    assert error.msg.startswith(f"{to} is not a hearer: ")
    assert why in error.msg
    assert "@app.task and @hears" in str(error.hint)


def test_a_hearer_may_ignore_what_it_does_not_need(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, "order.placed", "orders.tasks.mark_preparing") == []


def test_every_wrong_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [Subscription("a.b", Style.NOTIFICATION), Subscription("c.d", Style.NOTIFICATION)]
    monkeypatch.setattr(checks, "SUBSCRIPTIONS", {"x.said": wrong, "tray.ready": wrong})
    assert [error.id for error in run_checks(tags=["events"])] == [
        *("events.E001", "events.E001", "events.E003", "events.E003")
    ]


def test_an_event_is_declared_by_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("restaurant.events.contract.DECLARED", dict(DECLARED))

    @dataclass(frozen=True, kw_only=True)
    class DishEvent(Event):
        dish: str

    @dataclass(frozen=True, kw_only=True)
    class DishDropped(DishEvent, name="dish.dropped"):
        height: int

    assert "dish.dropped" not in DECLARED
    assert DishDropped.name == "dish.dropped"
    assert DishDropped.told() == ["order_ref", "dish", "height"]
    assert not hasattr(DishEvent, "name")
