"""The guests ask as careful guests do: else what they do twice would be their own fault."""

import asyncio
import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.chaos import callers, guests, history, staff
from tests.chaos.callers import Answer, Caller
from tests.chaos.crowd import Crowd, Load

NEVER = dict.fromkeys(
    ["double", "hang_up", "again", "cancel", "change", "pay", "recall", "refire"], 0.0
)
ITEM: dict[str, Any] = {"code": "soup", "options": [], "portions_left": None}
ORDER = {"id": "o", "trays": [{"lines": [{"id": "l", "note": ""}]}]}


class House:
    """Answers one request after the other, as it is told, and keeps what it was asked."""

    def __init__(self, *answers: httpx2.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def told(self, header: str) -> list[str]:
        return [request.headers.get(header, "") for request in self.asked]


def says(status: int, body: Any = None, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, json=body or {}, headers=headers)


Act = Callable[..., list[history.Call]]


@pytest.fixture
def act(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Act:
    """`act(house, what, **load)`: let `what(crowd, caller)` happen; what was written down."""
    monkeypatch.setattr(callers, "SHUT_OUT", 0.0)
    monkeypatch.setattr(guests, "PAUSE", 0.0)
    monkeypatch.setattr(callers, "PAUSE", 0.0)

    def run(house: Any, what: Any, **load: float) -> list[history.Call]:
        path = tmp_path / "history.jsonl"
        writer = history.Writer(path)

        async def happen() -> None:
            shares: Any = {**NEVER, **load}
            crowd = Crowd("http://house", {}, [ITEM], Load(**shares), writer, random.Random(1))
            transport = httpx2.MockTransport(house)
            async with httpx2.AsyncClient(base_url="http://house/", transport=transport) as client:
                await what(crowd, Caller("guest-1", "token", client, writer))

        asyncio.run(happen())
        writer.close()
        return history.read(path).calls

    return run


async def change(crowd: Crowd, guest: Caller) -> None:
    await guests.change(crowd, guest, Answer(201, ORDER, etag='"1"'))


def test_who_changes_an_order_says_which_one_was_seen(act: Act) -> None:
    house = House(says(412, {"code": "version_mismatch"}), says(200, ORDER, ETag='"2"'), says(200))
    calls = act(house, change)
    assert [call.verb for call in calls] == ["change", "look", "change"]
    assert house.told("If-Match") == ['"1"', "", '"2"']


def test_who_got_no_answer_looks_whether_the_change_was_made(act: Act) -> None:
    house = House(httpx2.ReadError("gone"))

    def answer(request: httpx2.Request) -> httpx2.Response:
        if house.asked:
            note = json.loads(house.asked[0].content)["add"][0]["note"]
            return says(200, {"id": "o", "trays": [{"lines": [{"id": "m", "note": note}]}]})
        return House.__call__(house, request)

    calls = act(answer, change)
    assert [(call.verb, call.outcome) for call in calls] == [("change", "unknown"), ("look", "ok")]


async def pay(crowd: Crowd, cashier: Caller) -> None:
    await guests.pay(crowd, cashier, "o", part=Decimal("0.5"))


def test_a_payment_is_sent_again_under_its_key_until_it_is_answered(act: Act) -> None:
    house = House(says(200, {"due": "45.01"}), httpx2.ReadError("gone"), says(503), says(200))
    calls = act(house, pay)
    assert [call.outcome for call in calls] == ["ok", "unknown", "fail", "ok"]
    assert len({*house.told("Idempotency-Key")[1:]}) == 1
    bodies = [json.loads(request.content) for request in house.asked[1:]]
    assert bodies == [bodies[0]] * 3
    assert bodies[0]["amount"] == "22.50"
    assert {call.facts["intent"] for call in calls[1:]} == {bodies[0]["reference"]}


def test_nothing_is_paid_when_nothing_is_due(act: Act) -> None:
    assert len(act(House(says(200, {"due": "0.00"})), pay)) == 1


async def refire(crowd: Crowd, waiter: Caller) -> None:
    tickets = [{"line": "eaten", "wasted": True}, {"line": "cold", "wasted": False}]
    await staff.refire(crowd, waiter, {"order_ref": "o", "tickets": tickets})


def test_two_hands_and_a_repetition_are_one_refire(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Crowd, "pause", lambda *_: asyncio.sleep(0))
    house = House(says(200), says(200), says(200))
    calls = act(house, refire, double=1.0, again=1.0)
    assert len({*house.told("Idempotency-Key")}) == 1
    assert {call.facts["line"] for call in calls} == {"cold"}
    assert [call.outcome for call in calls] == ["ok"] * 3
