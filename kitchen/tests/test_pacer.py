"""The pacer: what is quick waits, so that all of a tray comes to the pass together."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import cook, open_trays, told
from kitchen import services
from kitchen.models import KitchenSettings, MenuItem, RecipeStep, Ticket, Tray, Zone
from kitchen.pacing import SPARE
from kitchen.services import pacer
from kitchen.services.plans import Plan
from kitchen.tasks import call_out
from orders.models import Order
from orders.services import cancel_order

pytestmark = pytest.mark.django_db

Place = Callable[..., Order]


@pytest.fixture(autouse=True)
def paced(menu: dict[str, MenuItem]) -> None:
    """Parts are held back; one cook in each zone."""
    KitchenSettings.objects.update(pacing=True)
    Zone.objects.update(cooks=1)


def of(item: str, position: int = 1) -> Ticket:
    return Ticket.objects.select_related("tray").get(item=item, position=position)


def takes(item: str, zone: str, seconds: int) -> None:
    """The step of this item's recipe."""
    RecipeStep.objects.filter(item=item, zone=zone).update(prep_seconds=seconds)


def states() -> dict[str, str]:
    return {f"{t.item} {t.zone_id}": t.state for t in Ticket.objects.all()}


def held_for(item: str) -> float:
    """Seconds from now until it is to be fired."""
    return (of(item).fire_at - timezone.now()).total_seconds()


def pass_time(seconds: float) -> None:
    """All that has happened, and all that is planned, is so much longer ago."""
    by = timedelta(seconds=seconds)
    for ticket in Ticket.objects.all():
        for name in ("fire_at", "fired_at", "started_at", "done_at", "finished_at"):
            if (moment := getattr(ticket, name)) is not None:
                setattr(ticket, name, moment - by)
        ticket.save()
    for tray in Tray.objects.all():
        tray.opened_at -= by
        for name in ("promised_at", "expected_at"):
            setattr(tray, name, getattr(tray, name) - by)
        tray.save()


def test_the_longest_track_is_fired_when_the_order_is_opened_and_the_others_wait(
    place: Place,
) -> None:
    open_trays(place("gai-yang", "tom-yum", "thai-tea", ("water", 2)))
    assert states() == {
        "gai-yang grill": "fired",
        "tom-yum boil": "fired",
        "tom-yum fry": "held",
        "thai-tea drinks": "held",
        "water drinks": "fired",
    }
    assert held_for("thai-tea") == pytest.approx(240 - SPARE, abs=2)
    assert {event["item"] for event in told("ticket.fired")} == {"gai-yang", "tom-yum", "water"}
    tray = Tray.objects.get(number=1)
    assert tray.expected_at is not None
    assert (tray.expected_at - timezone.now()).total_seconds() == pytest.approx(300, abs=2)


def test_nothing_is_held_back_when_pacing_is_off(place: Place) -> None:
    KitchenSettings.objects.update(pacing=False)
    open_trays(place("gai-yang", "thai-tea"))
    assert set(states().values()) == {"fired"}


def test_what_is_held_is_fired_when_its_time_has_come_and_not_before(place: Place) -> None:
    open_trays(place("gai-yang", "thai-tea"))
    services.start(of("gai-yang").pk)
    pass_time(240 - SPARE - 10)
    services.pace()
    assert of("thai-tea").state == "held"
    pass_time(10)
    services.pace()
    tea = of("thai-tea")
    assert tea.state == "fired"
    assert tea.fired_at is not None
    assert [event["item"] for event in told("ticket.fired")] == ["gai-yang", "thai-tea"]
    services.pace()
    assert len(told("ticket.fired")) == 2


def test_a_grill_that_is_ten_times_slower_holds_back_the_wok_of_the_same_tray(
    place: Place,
) -> None:
    takes("crab", "fry", 100)
    open_trays(place("gai-yang"))
    open_trays(place(("gai-yang", 1), ("crab", 1)))
    before = held_for("crab")
    slow = Ticket.objects.filter(item="gai-yang").order_by("fire_at")[0]
    services.start(slow.pk)
    for _ in range(5):
        pass_time(300)
        services.pace()
        assert of("crab").state == "held"
        assert held_for("crab") >= before - 301
    # The grill has come to the second one at last.
    services.finish(slow.pk)
    services.start(Ticket.objects.get(item="gai-yang", state="fired").pk)
    services.pace()
    assert held_for("crab") == pytest.approx(300 - 100 - SPARE, abs=2)
    pass_time(300 - 100 - SPARE)
    services.pace()
    assert of("crab").state == "fired"


def test_what_finishes_early_brings_the_rest_forward(place: Place) -> None:
    open_trays(place("gai-yang", "thai-tea"))
    cook(of("gai-yang"))
    services.pace()
    assert of("thai-tea").state == "fired"


def test_a_recall_puts_off_what_is_still_held(place: Place) -> None:
    takes("tom-yum", "fry", 160)
    (tray,) = open_trays(place("tom-yum", "water"))
    boil = cook(of("tom-yum"))
    services.pace()
    assert held_for("water") == pytest.approx(160 - 10 - SPARE, abs=2)
    services.recall(boil.pk)
    services.drive(tray.pk, call_out)
    services.pace()
    assert (of("water").state, of("tom-yum", 2).state) == ("held", "held")
    assert held_for("water") == pytest.approx(400 - 10 - SPARE, abs=2)


def test_a_tray_that_is_driven_fires_only_what_is_due(place: Place) -> None:
    (tray,) = open_trays(place("gai-yang", "thai-tea"))
    services.drive(tray.pk, call_out)
    assert of("thai-tea").state == "held"
    Ticket.objects.filter(item="thai-tea").update(fire_at=timezone.now())
    services.drive(tray.pk, call_out)
    assert of("thai-tea").state == "fired"


def test_nothing_of_a_cancelled_order_is_fired(place: Place) -> None:
    order = place("gai-yang", "thai-tea")
    open_trays(order)
    cancel_order(order, "gone")
    pass_time(3600)
    services.pace()
    assert set(states().values()) == {"void"}


def test_a_step_whose_track_stands_in_quarantine_is_not_fired(place: Place) -> None:
    open_trays(place("tom-yum"))
    Ticket.objects.filter(position=1).update(state="quarantined")
    pass_time(3600)
    services.pace()
    assert states() == {"tom-yum boil": "quarantined", "tom-yum fry": "held"}


def test_switched_off_everything_held_is_fired_at_the_next_look(place: Place) -> None:
    open_trays(place("tom-yum", "thai-tea"))
    KitchenSettings.objects.update(pacing=False)
    services.pace()
    assert states() == {"tom-yum boil": "fired", "tom-yum fry": "held", "thai-tea drinks": "fired"}


def test_two_pacers_at_once_fire_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    open_trays(place("gai-yang", "thai-tea"))
    cook(of("gai-yang"))
    carry_out, pressed = pacer.carry_out, []

    def meanwhile(found: Plan) -> None:
        """Another pacer has come to the same plan, and a cook to the tea."""
        carry_out(found)
        pressed.append(services.start(of("thai-tea").pk).state)
        carry_out(found)

    monkeypatch.setattr(pacer, "carry_out", meanwhile)
    services.pace()
    assert pressed == ["cooking"]
    assert of("thai-tea").state == "cooking"
    assert [event["item"] for event in told("ticket.fired")] == ["gai-yang", "thai-tea"]


def test_a_tray_is_expected_later_when_its_kitchen_is(place: Place) -> None:
    (tray,) = open_trays(place("gai-yang"))
    services.pace()
    assert told("tray.paced") == []
    pass_time(100)
    services.pace()
    tray.refresh_from_db()
    assert tray.expected_at is not None
    assert (tray.expected_at - timezone.now()).total_seconds() == pytest.approx(300, abs=2)
    (news,) = told("tray.paced")
    assert news["tray"] == 1
    assert tray.version == 2
    services.pace()
    assert len(told("tray.paced")) == 1


@pytest.mark.parametrize(("orders", "queries"), [(0, 1), (1, 4), (12, 4)])
def test_a_look_at_which_nothing_moves_costs_few_queries(
    place: Place, django_assert_num_queries: Callable[[int], object], orders: int, queries: int
) -> None:
    Zone.objects.update(cooks=50)
    for _ in range(orders):
        open_trays(place("gai-yang", "thai-tea"))
    with django_assert_num_queries(queries):  # type: ignore[attr-defined]
        services.pace()


def test_a_look_that_fires_for_many_trays_costs_no_more_than_for_one(
    place: Place, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    Zone.objects.update(cooks=50)
    for _ in range(8):
        open_trays(place("gai-yang", "thai-tea"))
    for ticket in Ticket.objects.filter(item="gai-yang"):
        cook(ticket)
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        services.pace()
    assert Ticket.objects.filter(item="thai-tea", state="fired").count() == 8


def test_a_look_from_before_a_hurry_does_not_move_it_back(opened: Place) -> None:
    order = opened("tom-yum", ("water", 1))
    water = of("water")
    assert water.state == "held"
    later = timezone.now() + timedelta(minutes=9)
    water.fire_at = later
    services.rush(order.ref, [1])
    pacer.carry_out(Plan(moved=[water]))
    assert of("water").fire_at < later
