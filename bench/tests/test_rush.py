"""A whole rush against a restaurant of one page, which loses answers and is away now and then."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import count
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from rich.console import Console

from bench.rush.api import Unanswered
from bench.rush.demo import Demo, Stopped
from bench.rush.record import Record
from bench.rush.report import complaints, figures_of, seconds_between
from bench.rush.rush import Options, rush

Json = dict[str, Any]
SOUP: Json = {"code": "soup", "kind": "dish", "zones": ["boil"]}
TEA: Json = {"code": "tea", "kind": "drink", "zones": ["drinks"]}
CRAB: Json = {"code": "crab", "kind": "dish", "zones": ["boil"], "portions_left": 1}
DEMO = Demo("http://rush.test", guest="guest", cook="cook", manager="manager")
PREP_SECONDS = 20
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Restaurant:
    """Enough of the API for a rush; each order is fired at once."""

    def __init__(self, *, sold_out: bool = False, slow: bool = False) -> None:
        self.sold_out, self.slow = sold_out, slow
        self.orders: dict[str, Json] = {}
        self.tickets: dict[str, Json] = {}
        self.answers: dict[str, httpx2.Response] = {}
        self.settings: Json = {"time_scale": 1.0, "pacing": True, "quote_limit_minutes": None}
        self.cooks = {"boil": 2, "drinks": 2}
        self.portions = {"crab": CRAB["portions_left"]}
        self.changes: list[Json] = []
        self.posts: Counter[str] = Counter()
        self.lose_next: str | None = None
        self.numbers = count(1)

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/api/v1/")
        who = request.headers["Authorization"].removeprefix("Bearer ")
        if request.method == "POST":
            return self.post(path, who, request)
        if path == "settings/":
            assert who == "manager"
            if request.method == "PATCH":
                self.changes.append(json.loads(request.content))
                self.settings |= self.changes[-1]
            return httpx2.Response(200, json=self.settings)
        if request.method == "PATCH":
            assert who == "manager"
            kind, code = path.strip("/").split("/")
            body = json.loads(request.content)
            if kind == "menu":
                self.portions[code] = body["portions_left"]
                return httpx2.Response(200, json={})
            self.cooks[code] = body["cooks"]
        return httpx2.Response(200, json=self.get(path, request.url.params))

    def get(self, path: str, query: httpx2.QueryParams) -> Any:
        match path.strip("/").split("/"):
            case ["menu"]:
                fresh: dict[str, Any] = {"available": True, "portions_left": None, "options": []}
                return [{**fresh, **item} for item in (SOUP, TEA, CRAB)]
            case ["zones"]:
                return [{"code": code, "cooks": cooks} for code, cooks in self.cooks.items()]
            case ["zones", zone]:
                return {"code": zone, "cooks": self.cooks[zone]}
            case ["zones", zone, "tickets"]:
                assert query["state"] == "fired"
                fired = [t for t in self.tickets.values() if t["state"] == "fired"]
                return page([ticket for ticket in fired if ticket["zone"] == zone], query)
            case ["orders"]:
                since = datetime.fromisoformat(query["placed_after"])
                found = [
                    order
                    for order in self.orders.values()
                    if datetime.fromisoformat(order["placed_at"]) > since
                ]
                return page(found[::-1], query)
            case ["orders", ref, "events"]:
                repaired = self.orders[ref]["number"] == 1
                names = ["order.placed", "tray.repaired" if repaired else "tray.ready"]
                return page([{"name": name} for name in names], query)
        raise AssertionError(path)

    def post(self, path: str, who: str, request: httpx2.Request) -> httpx2.Response:
        """As the product does: the same key, the same answer and one effect."""
        kind = path.strip("/").split("/")[-1]
        key = request.headers["Idempotency-Key"]
        self.posts[kind] += 1
        if self.posts[kind] == 3:
            return httpx2.Response(503, headers={"Retry-After": "0"})
        if key not in self.answers:
            assert who == ("guest" if kind == "orders" else "cook")
            body = json.loads(request.content)
            self.answers[key] = (
                self.place(body) if kind == "orders" else self.press(path.split("/")[1], kind)
            )
            if self.posts[kind] == 1:
                raise httpx2.ReadError("the answer is lost", request=request)
        stored = self.answers[key]
        return httpx2.Response(stored.status_code, content=stored.content)

    def place(self, body: Json) -> httpx2.Response:
        if self.sold_out and any(line["item"] == "crab" for line in body["lines"]):
            return httpx2.Response(409, json={"code": "sold_out"})
        ref, now = str(uuid4()), datetime.now(UTC)
        trays = sorted({line["tray"] for line in body["lines"]})
        self.orders[ref] = {
            "id": ref,
            "number": next(self.numbers),
            "state": "placed",
            "client_ref": body["client_ref"],
            "placed_at": now.isoformat(),
            "promised_at": (now + timedelta(seconds=30)).isoformat(),
            "ready_at": None,
            "trays": [
                {"number": tray, "lines": [n for n in body["lines"] if n["tray"] == tray]}
                for tray in trays
            ],
        }
        for line in body["lines"]:
            self.fire(ref, line)
        return httpx2.Response(201, json=self.orders[ref])

    def fire(self, order: str, line: Json) -> None:
        ticket = {
            "id": str(uuid4()),
            "order_ref": order,
            "tray": line["tray"],
            "zone": "drinks" if line["item"] == "tea" else "boil",
            "next_zone": None,
            "state": "fired",
            "fire_at": datetime.now(UTC).isoformat(),
            "fired_at": datetime.now(UTC).isoformat(),
            "prep_seconds": PREP_SECONDS,
            "done_at": None,
        }
        self.tickets[ticket["id"]] = ticket

    def press(self, ref: str, verb: str) -> httpx2.Response:
        ticket = self.tickets[ref]
        order = self.orders[ticket["order_ref"]]
        source, to = {"start": ("fired", "cooking"), "done": ("cooking", "done")}[verb]
        if ticket["state"] != source or (self.slow and verb == "done" and order["number"] == 1):
            return httpx2.Response(409, json={"code": "illegal_transition"})
        now = datetime.now(UTC).isoformat()
        ticket["state"] = to
        ticket["started_at" if verb == "start" else "done_at"] = now
        if verb == "done":
            order["state"] = "preparing"
            parts = [t for t in self.tickets.values() if t["order_ref"] == order["id"]]
            if all(part["state"] == "done" for part in parts):
                order.update(state="ready", ready_at=now)
        return httpx2.Response(200, json=ticket)


def page(entries: list[Json], query: httpx2.QueryParams) -> Json:
    """Two a page, so that nothing works that does not follow `next`."""
    begin = int(query.get("cursor", 0))
    more = str(query.set("cursor", begin + 2)) if begin + 2 < len(entries) else None
    return {
        "next": more and f"http://elsewhere.test/api/v1/?{more}",
        "previous": None,
        "results": entries[begin : begin + 2],
    }


def run(restaurant: Restaurant, **more: Any) -> tuple[Record, str]:
    """The record of a fast rush, and what it wrote."""
    options = {"orders": 8, "cooks": 2, "speed": 500.0, "rate": 600.0, "seed": 3, "timeout": 10.0}
    written = StringIO()
    record = asyncio.run(
        rush(
            DEMO,
            Options(**{**options, **more}),
            Console(file=written),
            httpx2.MockTransport(restaurant.answer),
        )
    )
    return record, written.getvalue()


def test_every_order_becomes_ready_though_answers_are_lost() -> None:
    restaurant = Restaurant()
    record, written = run(restaurant)
    figures = figures_of(record, 500)
    assert complaints(figures) == []
    assert (figures.placed, figures.ready, len(restaurant.orders)) == (8, 8, 8)
    assert figures.posts_repeated == 2  # one lost answer, one 503
    assert figures.refused_presses == {}
    assert figures.tickets_done == len(restaurant.tickets) == record.expected_tickets()
    assert figures.repairs == 1
    assert figures.on_time_share == 1
    assert figures.tray_spread_seconds.p50 is not None
    assert "8/8 ready" in written


def test_a_dish_cooks_for_its_time_divided_by_the_speed() -> None:
    restaurant = Restaurant()
    run(restaurant, orders=2)
    for ticket in restaurant.tickets.values():
        cooked = seconds_between(ticket["started_at"], ticket["done_at"])
        assert cooked >= PREP_SECONDS / 500


def test_the_clock_is_put_back() -> None:
    restaurant = Restaurant()
    run(restaurant, orders=1)
    assert restaurant.changes == [{"time_scale": 500.0}, {"time_scale": 1.0}]


def test_what_is_set_for_the_rush_is_put_back() -> None:
    restaurant = Restaurant()
    before = dict(restaurant.settings)
    run(restaurant, orders=1, pace=False, quote_limit=3)
    wanted = {"time_scale": 500.0, "pacing": False, "quote_limit_minutes": 3}
    assert restaurant.changes == [wanted, before]
    assert restaurant.settings == before


def test_the_next_run_finds_as_many_portions() -> None:
    restaurant = Restaurant()
    restaurant.portions.clear()
    run(restaurant, orders=1)
    assert restaurant.portions == {"crab": 1}


def test_the_kitchen_is_told_how_many_cooks_there_are_until_they_leave() -> None:
    seen = []

    class Watched(Restaurant):
        def place(self, body: Json) -> httpx2.Response:
            seen.append(dict(self.cooks))
            return super().place(body)

    restaurant = Watched()
    restaurant.cooks["boil"] = 5
    run(restaurant, orders=1)
    assert seen == [{"boil": 2, "drinks": 2}]
    assert restaurant.cooks == {"boil": 5, "drinks": 2}


def test_what_is_fired_first_is_cooked_first() -> None:
    """As on the zone's screen, also if it came there later."""

    class Reversed(Restaurant):
        def fire(self, order: str, line: Json) -> None:
            super().fire(order, line)
            hour = timedelta(hours=len(self.tickets))
            self.tickets[next(reversed(self.tickets))]["fire_at"] = (NOON - hour).isoformat()

    restaurant = Reversed()
    run(restaurant, orders=6, cooks=1, rate=60_000.0, speed=100.0)
    boiled = [t for t in restaurant.tickets.values() if t["zone"] == "boil"]
    begun = [t["fire_at"] for t in sorted(boiled, key=lambda t: t["started_at"])]
    # The first ones are cooked before the others hang there.
    assert begun[3:] == sorted(begun[3:])


def test_sold_out_is_counted_and_no_failure() -> None:
    record, _ = run(Restaurant(sold_out=True), orders=30, seed=1)
    figures = figures_of(record, 500)
    assert set(figures.refused) == {"sold_out"}
    assert figures.placed + figures.refused["sold_out"] == 30
    assert complaints(figures) == []


def test_an_order_that_stays_behind_is_named_when_the_time_is_up() -> None:
    record, _ = run(Restaurant(slow=True), timeout=1.5)
    figures = figures_of(record, 500)
    assert figures.not_ready == [{"number": 1, "state": "placed"}]
    assert figures.ready == 7
    assert set(figures.refused_presses) == {"illegal_transition"}
    assert complaints(figures) == ["Not ready: #1 (placed)"]


def test_two_runs_never_share_a_client_ref() -> None:
    restaurant = Restaurant()
    run(restaurant, orders=3)
    run(restaurant, orders=3)
    assert len({order["client_ref"] for order in restaurant.orders.values()}) == 6


def test_the_clock_is_put_back_when_somebody_interrupts() -> None:
    restaurant = Restaurant()

    async def interrupted() -> None:
        options = Options(50, 2, 500.0, rate=1.0, seed=1, timeout=10)
        transport = httpx2.MockTransport(restaurant.answer)
        console = Console(file=StringIO())
        running = asyncio.create_task(rush(DEMO, options, console, transport))
        while not restaurant.orders:
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()

    asyncio.run(interrupted())
    assert restaurant.changes == [{"time_scale": 500.0}, {"time_scale": 1.0}]


def test_a_token_that_is_not_known_stops_the_rush() -> None:
    async def refuse(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(401, json={"code": "not_authenticated"})

    transport = httpx2.MockTransport(refuse)
    options = Options(1, 1, 60.0, rate=None, seed=1, timeout=1)
    with pytest.raises(Stopped, match="does not know this token: was the demo started anew"):
        asyncio.run(rush(DEMO, options, Console(file=StringIO()), transport))


def test_a_product_that_is_away_is_told_at_once() -> None:
    async def away(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    transport = httpx2.MockTransport(away)
    options = Options(1, 1, 60.0, rate=None, seed=1, timeout=1)
    with pytest.raises(Unanswered, match="does not answer"):
        asyncio.run(rush(DEMO, options, Console(file=StringIO()), transport))


def test_a_refused_setting_is_told_in_the_products_words() -> None:
    restaurant = Restaurant()

    async def refuse(request: httpx2.Request) -> httpx2.Response:
        if request.method == "PATCH" and json.loads(request.content)["time_scale"] > 1000:
            errors = [{"pointer": "/time_scale", "detail": "At most 1000."}]
            return httpx2.Response(400, json={"code": "invalid_body", "errors": errors})
        return await restaurant.answer(request)

    transport = httpx2.MockTransport(refuse)
    options = Options(1, 1, 5000.0, rate=None, seed=1, timeout=1)
    with pytest.raises(Stopped, match=r"400 invalid_body: At most 1000\."):
        asyncio.run(rush(DEMO, options, Console(file=StringIO()), transport))
    assert restaurant.orders == {}
    assert restaurant.settings["time_scale"] == 1
