"""A restaurant of one page, which loses answers and is away now and then."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import count
from typing import Any
from uuid import uuid4

import httpx2
from rich.console import Console

from bench.rush.demo import Demo
from bench.rush.options import Options
from bench.rush.record import Record
from bench.rush.rush import rush

Json = dict[str, Any]
SOUP: Json = {"code": "soup", "kind": "dish", "zones": ["boil"]}
TEA: Json = {"code": "tea", "kind": "drink", "zones": ["drinks"]}
CRAB: Json = {"code": "crab", "kind": "dish", "zones": ["boil"], "portions_left": 1}
DEMO = Demo("http://rush.test", "guest", "cook", "waiter", "manager")
PREP_SECONDS = 20
#: Who may POST what; whatever else is pressed by a cook.
WHO = {"orders": "guest", "serve": "waiter", "pay": "waiter", "close": "waiter"}


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
        #: Number and verb of what waiters did.
        self.seen_off: list[tuple[int, str]] = []

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
        return self.look(path, query)

    def look(self, path: str, query: httpx2.QueryParams) -> Any:
        match path.strip("/").split("/"):
            case ["orders"]:
                since = datetime.fromisoformat(query["placed_after"])
                found = [
                    order
                    for order in self.orders.values()
                    if datetime.fromisoformat(order["placed_at"]) > since
                ]
                return page(found[::-1], query)
            case ["orders", ref]:
                return self.orders[ref]
            case ["orders", _, "bill"]:
                return {"due": "60.00"}
            case ["trays"]:
                assert query["state"] == "waiting"
                return page(self.trays(), query)
            case ["orders", ref, "events"]:
                repaired = self.orders[ref]["number"] == 1
                names = ["order.placed", "tray.repaired" if repaired else "tray.ready"]
                return page([{"name": name} for name in names], query)
        raise AssertionError(path)

    def trays(self) -> list[Json]:
        parts: dict[tuple[str, int], list[Json]] = {}
        for ticket in self.tickets.values():
            parts.setdefault((ticket["order_ref"], ticket["tray"]), []).append(ticket)
        return [
            {"order_ref": ref, "number": number, "tickets": tickets}
            for (ref, number), tickets in parts.items()
            if any(ticket["state"] != "done" for ticket in tickets)
        ]

    def post(self, path: str, who: str, request: httpx2.Request) -> httpx2.Response:
        """As the product does: the same key, the same answer and one effect."""
        kind = path.strip("/").split("/")[-1]
        key = request.headers["Idempotency-Key"]
        self.posts[kind] += 1
        if self.posts[kind] == 3:
            return httpx2.Response(503, headers={"Retry-After": "0"})
        if key not in self.answers:
            assert who == WHO.get(kind, "cook")
            body = json.loads(request.content)
            self.answers[key] = (
                self.place(body) if kind == "orders" else self.do(path.split("/")[1], kind)
            )
            if self.posts[kind] == 1:
                raise httpx2.ReadError("the answer is lost", request=request)
        stored = self.answers[key]
        return httpx2.Response(stored.status_code, content=stored.content)

    def do(self, ref: str, verb: str) -> httpx2.Response:
        if verb not in WHO:
            return self.press(ref, verb)
        self.seen_off.append((self.orders[ref]["number"], verb))
        return httpx2.Response(200, json={})

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
            "track": len(self.tickets),
            "position": 1,
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
