"""A random walk: whatever people do, and however messages come, the house agrees with a model."""

from contextlib import ExitStack, nullcontext
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from rest_framework.test import APIClient

from kitchen.lifecycle import TICKET_MOVES, Move
from kitchen.models import MenuItem, Ticket, Tray
from kitchen.tasks import plate
from orders.models import Order
from restaurant.celery import app
from restaurant.events.models import EventRecord
from restaurant.subscriptions import SUBSCRIPTIONS
from tests.chaos import model

#: Of the small menu; the last one is there once.
ITEMS = ("tom-yum", "gai-yang", "pad-krapow", "thai-tea", "crab")
#: What the rows call what the model calls waiting.
WAITING = {"held": "waiting", "fired": "waiting"}
some = st.integers(min_value=0, max_value=10_000)


class House(RuleBasedStateMachine):
    """People act over HTTP. A message is delivered when a rule says so: late, twice, or never."""

    clients: dict[str, APIClient]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(transaction.atomic())
        self.orders: dict[UUID, model.Order] = {}
        self.crabs = MenuItem.objects.get(pk="crab").portions_left or 0

    def teardown(self) -> None:
        """Everything is delivered and cooked: then every order comes to its end."""
        try:
            self.heal()
            self.agree()
            for order in self.orders.values():
                assert order.state in ("ready", "served", "cancelled")
        finally:
            transaction.set_rollback(True)
            self.stack.close()

    def heal(self) -> None:
        for _ in range(20):
            for event in self.events():
                self.deliver_event(event)
            for tray in Tray.objects.filter(state="waiting"):
                self.plate(tray, tray.canvas)
            ticket = self.at_work()
            while ticket is not None:
                verb = "start" if ticket.state == "fired" else "done"
                self.press("stop" if ticket.cancel_requested else verb, ticket)
                ticket = self.at_work()

    def at_work(self) -> Ticket | None:
        return Ticket.objects.filter(state__in=["fired", "cooking"]).first()

    # What people do

    @rule(
        lines=st.lists(st.tuples(st.sampled_from(ITEMS), st.integers(1, 2)), min_size=1, max_size=3)
    )
    def place(self, lines: list[tuple[str, int]]) -> None:
        body = {
            "channel": "takeaway",
            "client_ref": uuid4().hex,
            "lines": [{"item": item, "quantity": 1, "tray": tray} for item, tray in lines],
        }
        key = {"Idempotency-Key": uuid4().hex}
        crabs = sum(item == "crab" for item, _ in lines)
        for _ in range(2):  # the same again changes nothing
            answer = self.clients["app"].post("/api/v1/orders/", body, "json", headers=key)
            assert answer.status_code == (201 if crabs <= self.crabs else 409), answer.content
        if answer.status_code == 201:
            self.crabs -= crabs
            trays = {number: model.Tray() for _, number in lines}
            self.orders[UUID(answer.json()["id"])] = model.Order(trays)

    @precondition(lambda self: self.orders)
    @rule(verb=st.sampled_from(["start", "start", "done", "done", "recall", "stop"]), which=some)
    def press_any(self, verb: str, which: int) -> None:
        tickets = sorted(
            Ticket.objects.select_related("tray"),
            key=lambda t: (self.place_of(t.tray), t.track, t.position),
        )
        if tickets:
            self.press(verb, tickets[which % len(tickets)])

    def press(self, verb: str, ticket: Ticket) -> None:
        order = self.orders[ticket.tray.order_ref]
        act = {"done": order.finish, "recall": order.recall, "stop": order.stop}
        if verb == "start":
            expected = order.start(str(ticket.pk), is_fired=ticket.state == "fired")
        else:
            expected = act[verb](str(ticket.pk))
        answer = self.clients["cook"].post(f"/api/v1/tickets/{ticket.pk}/{verb}/", {}, "json")
        assert answer.status_code == (200 if expected == "done" else 409), answer.content

    @precondition(lambda self: self.orders)
    @rule(which=some, tray=st.integers(1, 2))
    def serve(self, which: int, tray: int) -> None:
        ref, order = self.one(which)
        if tray not in order.trays:
            return
        expected = order.serve(tray)
        path = f"/api/v1/orders/{ref}/serve/"
        answer = self.clients["waiter"].post(path, {"tray": tray}, "json")
        assert answer.status_code == (200 if expected == "done" else 409), answer.content

    @precondition(lambda self: self.orders)
    @rule(which=some)
    def cancel(self, which: int) -> None:
        ref, order = self.one(which)
        was_open = order.state in ("placed", "preparing")
        begun = {
            ticket.line_ref
            for ticket in Ticket.objects.filter(tray__order_ref=ref, started_at__isnull=False)
        }
        expected = order.cancel()
        path = f"/api/v1/orders/{ref}/cancel/"
        answer = self.clients["app"].post(path, {"reason": "left"}, "json")
        assert answer.status_code == (200 if expected == "done" else 409), answer.content
        if was_open:
            lines = Order.objects.get(ref=ref).lines.filter(item="crab").exclude(pk__in=begun)
            self.crabs += sum(line.quantity for line in lines)

    # How messages come

    @precondition(lambda self: self.orders)
    @rule(which=some)
    def deliver(self, which: int) -> None:
        """Any event to its hearers, also one that they have heard already."""
        events = self.events()
        self.deliver_event(events[which % len(events)])

    @precondition(lambda self: self.orders)
    @rule(which=some, behind=st.integers(0, 2))
    def plate_any(self, which: int, behind: int) -> None:
        """The pass is called for any tray, also for a canvas of before."""
        trays = sorted(Tray.objects.all(), key=self.place_of)
        if trays:
            tray = trays[which % len(trays)]
            self.plate(tray, tray.canvas - behind)

    def events(self) -> list[EventRecord]:
        return list(EventRecord.objects.filter(name__in=SUBSCRIPTIONS).order_by("id"))

    def deliver_event(self, event: EventRecord) -> None:
        for subscription in SUBSCRIPTIONS[event.name]:
            heard = event.heard.filter(subscriber=subscription.to).exists()
            hearer: Any = app.tasks[subscription.to]
            hearer(event_id=event.id, **event.data)
            if not heard:
                self.heard(event)

    def heard(self, event: EventRecord) -> None:
        order = self.orders[event.subject]
        match event.name:
            case "order.placed":
                self.opened(event.subject)
            case "trays.started":
                order.hear_started()
            case "trays.ready" | "tray.voided" | "tray.reopened":
                order.follow()
            case "ticket.recalled":
                tray = Tray.objects.get(pk=event.data["tray_ref"])
                order.plate(tray.number)  # nothing may be left to drive

    def opened(self, ref: UUID) -> None:
        """The kitchen has made what was not cancelled before."""
        for number, tray in self.orders[ref].trays.items():
            made = Ticket.objects.filter(tray__order_ref=ref, tray__number=number)
            assert bool(made) == (tray.state != "void")
            tray.tickets = {str(t.pk): model.Ticket(t.track, t.position) for t in made}

    def plate(self, tray: Tray, canvas: int) -> None:
        plate(tray=str(tray.pk), canvas=canvas)
        if canvas == tray.canvas:
            self.orders[tray.order_ref].plate(tray.number)

    # What must always be true

    @invariant()
    def agree(self) -> None:
        for ref, order in self.orders.items():
            assert Order.objects.get(ref=ref).state == order.state
            trays = {tray.number: tray for tray in Tray.objects.of_order(ref)}
            for number, tray in trays.items():
                assert tray.state == order.trays[number].state
            tickets = Ticket.objects.filter(tray__order_ref=ref)
            assert {str(t.pk): WAITING.get(t.state, t.state) for t in tickets} == {
                pk: ticket.state
                for tray in order.trays.values()
                for pk, ticket in tray.tickets.items()
            }
        assert MenuItem.objects.get(pk="crab").portions_left == self.crabs

    def place_of(self, tray: Tray) -> tuple[int, int]:
        """The same in every walk of the same steps, as neither times nor ids are."""
        return list(self.orders).index(tray.order_ref), tray.number

    def one(self, which: int) -> tuple[UUID, model.Order]:
        return list(self.orders.items())[which % len(self.orders)]


@pytest.fixture
def house(menu: dict[str, MenuItem], client_of: Any) -> type[House]:
    app.loader.import_default_modules()
    MenuItem.objects.filter(pk="crab").update(portions_left=3)
    clients = {role: client_of(role) for role in ("app", "cook", "waiter")}
    return type("House", (House,), {"clients": clients})


def walk(house: type[House], examples: int) -> None:
    """Several walks of some steps each."""
    run_state_machine_as_test(
        house,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            report_multiple_bugs=False,
            # To make a failure smaller takes minutes; its steps are printed as they are.
            phases=(Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(600)
def test_the_house_agrees_with_the_model(house: type[House]) -> None:
    walk(house, examples=8)


@pytest.mark.parametrize("is_sound", [True, False])
def test_the_model_sees_a_house_that_lets_cooks_finish_what_they_never_began(
    house: type[House], monkeypatch: pytest.MonkeyPatch, is_sound: bool
) -> None:
    if not is_sound:
        monkeypatch.setitem(TICKET_MOVES, "done", Move(("fired", "cooking"), "done"))
    steps = house()
    with steps.stack:
        steps.place(lines=[("water", 1)])
        for event in steps.events():
            steps.deliver_event(event)
        with nullcontext() if is_sound else pytest.raises(AssertionError):
            steps.press("done", Ticket.objects.select_related("tray").get(state="fired"))
