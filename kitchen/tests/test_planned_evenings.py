"""Evenings that are played through: against what is known of lines, and with the real rules."""

import random
from collections.abc import Sequence
from statistics import mean
from typing import Any

import pytest

from kitchen.pacing import Paced, Step
from kitchen.planning.evening import Evening, Outcome, PlannedTicket, together
from kitchen.planning.guests import Guest, Order, draw, evenings_of
from kitchen.planning.house import House, Ways
from kitchen.planning.stall import COUNTER, play_stall

TEN_MINUTES = 600


def order(*trays: Sequence[Sequence[tuple[str, float]]]) -> Order:
    """Trays of tracks of steps."""
    return Order(
        tuple(tuple(tuple(Step(*step) for step in track) for track in tray) for tray in trays)
    )


DISH = order([[("wok", TEN_MINUTES)]])
SOUP_AND_TEA = order([[("boil", 240), ("fry", 60)], [("drinks", 60)]])
TWO_TRAYS = order([[("boil", 100)]], [[("drinks", 50)]])


def house(holds: bool = False, ways: Ways | None = None, scale: float = 1.0, **cooks: int) -> House:
    return House(cooks, holds, scale, ways or Ways())


def at_once(*orders: Order) -> list[Guest]:
    return [Guest(0.0, each) for each in orders]


@pytest.mark.parametrize(
    ("kitchen", "guests", "waits"),
    [
        pytest.param(house(wok=1), at_once(DISH), [600], id="one dish"),
        pytest.param(house(wok=1), at_once(DISH, DISH), [600, 1200], id="one after the other"),
        pytest.param(house(wok=2), at_once(DISH, DISH), [600, 600], id="a cook for each"),
        pytest.param(
            house(boil=1, fry=1, drinks=1), at_once(SOUP_AND_TEA), [300], id="the longest track"
        ),
        pytest.param(house(boil=1, drinks=1), at_once(TWO_TRAYS), [100], id="the last tray"),
        pytest.param(
            house(wok=1, ways=Ways(opened=5, seen=3, pressed=2, turned=9, plated=1)),
            at_once(DISH, DISH),
            [611, 1222],
            id="news and hands take time",
        ),
        pytest.param(
            house(holds=True, boil=1, fry=1, drinks=1),
            at_once(SOUP_AND_TEA),
            [300],
            id="what is held back is there in time",
        ),
    ],
)
def test_an_evening_by_hand(kitchen: House, guests: list[Guest], waits: list[float]) -> None:
    assert Evening(kitchen, guests).play().waits == waits


@pytest.mark.parametrize(("load", "cooks"), [(0.5, 1), (0.7, 1), (0.8, 1)])
def test_one_cook_and_one_dish_are_the_line_of_the_books(load: float, cooks: int) -> None:
    """M/D/1: who comes at random waits load × time ÷ (2 × (1 − load)) for their turn."""
    seconds = 100.0
    dish = order([[("wok", seconds)]])
    rng = random.Random(7)
    guests = draw([dish], 3600 / seconds * load, 200, rng)
    waits = Evening(house(wok=cooks), guests).play().waits
    turn = load * seconds / (2 * (1 - load))
    assert mean(waits) - seconds == pytest.approx(turn, rel=0.1)


def fired(evening: Evening) -> dict[str, float]:
    """Play it; by zone when something was fired there."""
    moments: dict[str, float] = {}
    fire = evening.fire

    def fire_and_note(ticket: PlannedTicket) -> None:
        moments[ticket.zone_id] = evening.env.now
        fire(ticket)

    evening.fire = fire_and_note  # type: ignore[method-assign]
    evening.play()
    return moments


def test_what_is_quick_is_fired_when_the_rules_say_so() -> None:
    """The tea at the soup's end, less its own minute and the two that are spared."""
    evening = Evening(house(holds=True, boil=1, fry=1, drinks=1), at_once(SOUP_AND_TEA))
    assert fired(evening) == {"boil": 0, "fry": 240, "drinks": pytest.approx(120, abs=1)}


def test_the_rules_are_the_kitchens_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def all_at_once(live: Any, own: Any, held: Sequence[Any], cooks: Any) -> Paced:
        return Paced(0.0, [0.0 for _ in held])

    monkeypatch.setattr("kitchen.services.plans.pace", all_at_once)
    evening = Evening(house(holds=True, boil=1, fry=1, drinks=1), at_once(SOUP_AND_TEA))
    assert fired(evening) == {"boil": 0, "fry": 240, "drinks": 0}


def test_the_same_seed_plays_the_same_evening() -> None:
    played = [
        Evening(house(holds=True, boil=1, fry=1, drinks=1), guests).play()
        for guests in evenings_of([SOUP_AND_TEA, TWO_TRAYS], 10, 2, seed=3, count=1) * 2
    ]
    assert played[0] == played[1]
    assert evenings_of([DISH], 10, 2, seed=3, count=1) != evenings_of(
        [DISH], 10, 2, seed=4, count=1
    )


def test_one_more_cook_never_makes_it_worse() -> None:
    guests = draw([DISH], 20, 4, random.Random(5))
    waits = [Evening(house(wok=cooks), guests).play() for cooks in (3, 4, 5, 6)]
    for share in (0.5, 0.95):
        found = [outcome.wait(share) for outcome in waits]
        assert found == sorted(found, reverse=True)
        assert found[0] > found[-1]


def test_of_two_evenings_all_guests_count() -> None:
    one = Outcome([1, 2], {"wok": 10}, {"wok": 1}, 20)
    other = Outcome([9], {"wok": 5}, {"wok": 0}, 10)
    both = together([one, other])
    assert (both.wait(0.5), both.wait(0.95)) == (2, 9)
    assert both.utilisation({"wok": 1}) == {"wok": 0.5}
    assert both.utilisation({"wok": 2}) == {"wok": 0.25}


@pytest.mark.parametrize("people", [1, 2, 4])
def test_a_stall_makes_six_dishes_of_ten_minutes_an_hour_for_each_cook(people: int) -> None:
    outcome = play_stall(at_once(*[DISH] * 24), people)
    assert len(outcome.waits) / outcome.seconds * 3600 == 6 * people
    assert outcome.utilisation({COUNTER: people}) == {COUNTER: 1}


def test_at_a_stall_nothing_is_done_side_by_side() -> None:
    outcome = play_stall(at_once(SOUP_AND_TEA, SOUP_AND_TEA), 1)
    assert outcome.waits == [360, 720]
