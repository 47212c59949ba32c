"""The zones' load, their tickets, and the trays at the pass."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, cook
from kitchen import services
from kitchen.lifecycle import FINISHED
from kitchen.models import KitchenSettings, Ticket, Tray, Zone
from kitchen.views import ByFireTime
from orders import services as orders
from orders.models import Order

Opened = Callable[..., Order]

TICKET_KEYS = {
    *("id", "order_ref", "order_label", "tray", "line", "item", "name", "quantity", "options"),
    *("note", "allergies", "zone", "track", "position", "previous_zone", "next_zone", "state"),
    *("prep_seconds", "fire_at", "fired_at", "started_at", "done_at", "attempts", "recalls"),
    *("cancel_requested", "rushed", "refire", "wasted", "change", "changed_at", "over_limit_at"),
    "course",
    "printed",
}

pytestmark = pytest.mark.usefixtures("menu")


@pytest.fixture
def manager(client_of: Callable[..., APIClient]) -> APIClient:
    return client_of("manager")


def zone(client: APIClient, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        zone for zone in client.get("/api/v1/zones/").json() if zone["code"] == code
    )
    return found


def states(client: APIClient, address: str) -> list[str]:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.content
    assert answer.json().keys() == {"next", "previous", "results"}
    return [row["state"] for row in answer.json()["results"]]


def test_zones_are_a_plain_list_with_their_load(manager: APIClient, opened: Opened) -> None:
    opened("tom-yum", "pad-krapow", "crab")
    services.start(Ticket.objects.get(zone="fry", item="crab").pk)
    Ticket.objects.get(zone="fry", item="pad-krapow")
    assert [found["code"] for found in manager.get("/api/v1/zones/").json()] == [
        *("fry", "grill", "boil", "sides", "rice", "drinks")
    ]
    assert zone(manager, "fry") == {
        "code": "fry",
        "name": "Fry",
        "name_th": "fry",
        "is_open": True,
        "cooks": 2,
        "queued_seconds": (60 + 120 + 200) / 2,
        "held": 1,
        "fired": 1,
        "cooking": 1,
        "late": 0,
        "printer": None,
        "shop": None,
    }
    assert zone(manager, "grill")["queued_seconds"] == 0


def test_what_is_done_or_void_is_no_load(manager: APIClient, opened: Opened) -> None:
    order = opened("gai-yang")
    bring_to_pass(order)
    orders.cancel_order(opened("gai-yang"), "gone")
    assert zone(manager, "grill")["queued_seconds"] == 0


def test_work_past_its_promise_is_late(manager: APIClient, opened: Opened) -> None:
    opened("gai-yang", "water")
    cook(Ticket.objects.get(zone="drinks"))
    Tray.objects.update(promised_at=timezone.now() - timedelta(seconds=1))
    assert (zone(manager, "grill")["late"], zone(manager, "drinks")["late"]) == (1, 0)


def test_the_demos_clock_shortens_the_queue(manager: APIClient, opened: Opened) -> None:
    opened("gai-yang")
    KitchenSettings.objects.update(time_scale=100)
    assert zone(manager, "grill")["queued_seconds"] == 1.5


def test_a_manager_closes_a_zone_and_sets_its_cooks(manager: APIClient) -> None:
    answer = manager.patch("/api/v1/zones/fry/", {"is_open": False, "cooks": 5}, format="json")
    assert answer.status_code == 200
    assert (answer.json()["is_open"], answer.json()["cooks"]) == (False, 5)
    assert answer.json() == zone(manager, "fry")
    assert zone(manager, "grill")["is_open"] is True


@pytest.mark.parametrize(
    ("body", "code", "faults"),
    [
        ({"cooks": 0}, "invalid_body", [("/cooks", "min_value")]),
        ({"cooks": 1001}, "invalid_body", [("/cooks", "max_value")]),
        ({"cooks": "2"}, "invalid_body", [("/cooks", "invalid")]),
        ({"cooks": None}, "invalid_body", [("/cooks", "null")]),
        ({"is_open": "yes"}, "invalid_body", [("/is_open", "invalid")]),
        ({"is_open": 0}, "invalid_body", [("/is_open", "invalid")]),
        ({"is_open": None}, "invalid_body", [("/is_open", "null")]),
        ({"printer": "10.0.0.5:9100"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": "http://10.0.0.5:9100"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": "tcp://10.0.0.5:0"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": "tcp://10.0.0.5:65536"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": "tcp://10.0.0.5/a"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": "tcp://a@10.0.0.5"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": "tcp://10.0.0.5\n"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": "tcp://"}, "invalid_body", [("/printer", "invalid")]),
        ({"printer": ""}, "invalid_body", [("/printer", "blank")]),
        ({"printer": 9100}, "invalid_body", [("/printer", "invalid")]),
        ({"code": "x"}, "unknown_field", [("/code", "unknown_field")]),
        ([], "invalid_body", [("", "invalid")]),
    ],
)
def test_a_wrong_change_is_pointed_at_and_not_made(
    manager: APIClient, body: Any, code: str, faults: list[tuple[str, str]]
) -> None:
    before = list(Zone.objects.values())
    problem = assert_problem(manager.patch("/api/v1/zones/fry/", body, format="json"), 400, code)
    assert [(e["pointer"], e["code"]) for e in problem["errors"]] == faults
    assert list(Zone.objects.values()) == before


@pytest.mark.parametrize(
    "printer", ["tcp://10.0.0.5:9100", "tcp://grill-printer.local", "tcp://[fd00::5]:65535", None]
)
def test_a_manager_gives_a_zone_its_printer(manager: APIClient, printer: str | None) -> None:
    answer = manager.patch("/api/v1/zones/fry/", {"printer": printer}, format="json")
    assert answer.status_code == 200
    assert answer.json()["printer"] == printer == zone(manager, "fry")["printer"]
    assert zone(manager, "grill")["printer"] is None


def test_a_zone_that_is_not_there_is_not_found(manager: APIClient) -> None:
    assert_problem(manager.patch("/api/v1/zones/pizza/", {}, format="json"), 404, "not_found")
    assert_problem(manager.get("/api/v1/zones/pizza/tickets/"), 404, "not_found")


def test_a_zone_sees_its_work_by_fire_time_and_what_it_did_lately(
    manager: APIClient, opened: Opened
) -> None:
    opened("water", "water", "water", "water", "water", "water", "gai-yang")
    now = timezone.now()
    for minutes, state in enumerate(["cooking", "fired", "held", "done", "void", "quarantined"]):
        ticket = Ticket.objects.filter(zone="drinks", started_at=None).first()
        assert ticket is not None
        Ticket.objects.filter(pk=ticket.pk).update(
            state=state,
            started_at=now,
            fire_at=now - timedelta(minutes=minutes),
            done_at=now if state == "done" else None,
            finished_at=now if state in FINISHED else None,
        )
    assert states(manager, "zones/drinks/tickets/") == ["done", "held", "fired", "cooking"]
    row = manager.get("/api/v1/zones/drinks/tickets/").json()["results"][0]
    assert row.keys() == TICKET_KEYS
    for state in ("held", "fired", "cooking", "done", "void", "quarantined"):
        assert states(manager, f"zones/drinks/tickets/?state={state}") == [state]
    Ticket.objects.filter(state="done").update(done_at=now - timedelta(minutes=11))
    assert states(manager, "zones/drinks/tickets/") == ["held", "fired", "cooking"]
    assert states(manager, "zones/drinks/tickets/?state=done") == ["done"]


def test_a_long_list_of_tickets_comes_in_pages(
    manager: APIClient, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ByFireTime, "page_size", 2)
    opened("water", "thai-tea", ("water", 2))
    url, seen = "/api/v1/zones/drinks/tickets/", []
    while url:
        page = manager.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    by_fire_time = Ticket.objects.order_by("fire_at", "id")
    assert seen == [str(ticket.pk) for ticket in by_fire_time]
    assert len(seen) == 3


def test_the_pass_shows_trays_with_their_tickets(manager: APIClient, opened: Opened) -> None:
    order = opened("tom-yum", "water", ("thai-tea", 2))
    bring_to_pass(order, tray=2)
    assert states(manager, "trays/") == ["waiting", "ready"]
    assert states(manager, "trays/?state=ready") == ["ready"]
    assert states(manager, "trays/?state=served") == []
    (shown,) = manager.get("/api/v1/trays/?state=ready").json()["results"]
    tray = Tray.objects.get(number=2)
    (ticket,) = shown.pop("tickets")
    assert (ticket.keys(), ticket["item"]) == (TICKET_KEYS, "thai-tea")
    assert tray.promised_at is not None
    assert tray.expected_at is not None
    assert tray.ready_at is not None
    assert shown == {
        "id": str(tray.pk),
        "order_ref": str(order.ref),
        "order_label": f"#{order.number} · takeaway",
        "number": 2,
        "state": "ready",
        "promised_at": tray.promised_at.isoformat().replace("+00:00", "Z"),
        "expected_at": tray.expected_at.isoformat().replace("+00:00", "Z"),
        "ready_at": tray.ready_at.isoformat().replace("+00:00", "Z"),
        "served_at": None,
        "over_limit_at": None,
    }
    waiting = manager.get("/api/v1/trays/?state=waiting").json()["results"][0]
    assert [(row["track"], row["position"]) for row in waiting["tickets"]] == [
        (1, 1),
        (1, 2),
        (2, 1),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "zones/?open=1",
        "zones/fry/tickets/?state=eaten",
        "zones/fry/tickets/?zone=fry",
        "trays/?state=held",
        "trays/?number=1",
        "trays/?cursor=x",
    ],
)
def test_a_filter_that_is_not_understood_is_refused(manager: APIClient, address: str) -> None:
    assert_problem(manager.get(f"/api/v1/{address}"), 400, "invalid_query")
