"""What receivers are told, and what becomes of it: with real receivers, as processes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from notifications import services
from notifications.models import Delivery, Endpoint
from notifications.tests.conftest import Receiver, number, sender_at_work
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from tests.conftest import eventually

Place = Callable[..., Order]
Told = Callable[..., tuple[Endpoint, Receiver]]

pytestmark = pytest.mark.usefixtures("sender")


def one_try(endpoint: Endpoint) -> Delivery:
    """The receiver's first delivery, once it was tried."""
    number()
    tried = Delivery.objects.filter(endpoint=endpoint, tries__gt=0).select_related("endpoint")
    found: Delivery = eventually(lambda: tried.order_by("id").first())
    return found


def test_a_receiver_is_told_what_it_has_chosen(place: Place, told: Told) -> None:
    _, receiver = told("order.placed", "order.cancelled")
    order = place("tom-yum")
    orders.cancel_order(order, "no time")
    number()
    eventually(lambda: Delivery.objects.filter(state="delivered").count() == 2)
    first, second = receiver.calls()
    assert (first["verified"], second["verified"]) == (True, True)
    event = EventRecord.objects.get(name="order.placed")
    assert first["id"] == str(event.uuid)
    assert first["told"] == {
        "type": "order.placed",
        "timestamp": event.happened_at.isoformat().replace("+00:00", "Z"),
        "data": {"order": str(order.ref), "version": 1, "sequence": 1},
    }
    assert second["told"]["type"] == "order.cancelled"
    assert second["told"]["data"] == {"order": str(order.ref), "version": 2, "sequence": 2}


def test_a_fault_is_tried_again_after_a_while(place: Place, told: Told) -> None:
    endpoint, receiver = told("order.placed", answer="faulty")
    place("water")
    delivery = one_try(endpoint)
    assert (delivery.state, delivery.tries, delivery.last_status) == ("waiting", 1, 500)
    assert delivery.next_try_at is not None
    assert delivery.last_tried_at is not None
    wait = delivery.next_try_at - delivery.last_tried_at
    assert timedelta(seconds=4.4) < wait < timedelta(seconds=5.6)
    assert delivery.endpoint.failures == 1
    assert len(receiver.calls()) == 1


def test_each_try_has_the_same_id_and_after_the_tenth_it_is_a_dead_letter(
    place: Place, told: Told, settings: Any
) -> None:
    settings.WEBHOOK_SPEED = 1_000_000
    endpoint, receiver = told("order.placed", answer="faulty")
    place("water")
    number()
    eventually(lambda: Delivery.objects.filter(state="dead").exists())
    calls = receiver.calls()
    assert len(calls) == 10
    assert len({call["id"] for call in calls}) == 1
    assert all(call["verified"] for call in calls)
    delivery = Delivery.objects.get()
    assert (delivery.tries, delivery.last_status, delivery.next_try_at) == (10, 500, None)
    services.change_endpoint(endpoint, url=receiver.url("good"))
    assert services.redeliver_dead(endpoint) == 1
    eventually(lambda: Delivery.objects.filter(state="delivered", tries=1).exists())
    assert receiver.calls()[-1]["id"] == calls[0]["id"]
    assert receiver.calls()[-1]["told"] == calls[0]["told"]


def test_who_asks_for_time_gets_it(place: Place, told: Told) -> None:
    endpoint, receiver = told("order.placed", answer="busy")
    place("water")
    delivery = one_try(endpoint)
    now = timezone.now()
    assert delivery.last_status == 429
    assert delivery.next_try_at is not None
    assert delivery.next_try_at > now + timedelta(minutes=50)
    assert delivery.endpoint.paused_until is not None
    assert delivery.endpoint.paused_until > now + timedelta(minutes=50)
    place("water")
    number()
    eventually(lambda: Delivery.objects.filter(tries=0).exists())
    assert len(receiver.calls()) == 1


def test_who_is_gone_is_not_told_any_more(place: Place, told: Told) -> None:
    endpoint, receiver = told("order.placed", answer="gone")
    place("water")
    delivery = one_try(endpoint)
    assert (delivery.state, delivery.last_status) == ("dead", 410)
    assert delivery.endpoint.enabled is False
    assert "410" in delivery.endpoint.disabled_because
    place("water")
    number()
    services.follow(0)
    assert Delivery.objects.count() == 1
    assert len(receiver.calls()) == 1


def test_a_redirect_is_not_followed(place: Place, told: Told) -> None:
    endpoint, receiver = told("order.placed", answer="redirect")
    place("water")
    delivery = one_try(endpoint)
    assert (delivery.state, delivery.last_status) == ("waiting", 307)
    assert [call["path"] for call in receiver.calls()] == ["/redirect"]


def test_an_answer_that_breaks_off_is_none(place: Place, told: Told) -> None:
    endpoint, _ = told("order.placed", answer="break_off")
    place("water")
    delivery = one_try(endpoint)
    assert (delivery.state, delivery.last_status) == ("waiting", None)
    assert "broke off" in delivery.last_error


def test_of_a_huge_answer_the_beginning_is_read(place: Place, told: Told) -> None:
    endpoint, receiver = told("order.placed", answer="huge")
    place("water")
    delivery = one_try(endpoint)
    assert (delivery.state, delivery.last_status) == ("delivered", 200)
    sent = receiver.folder / "sent"
    # What it could send is what fits into the buffers of the two systems.
    eventually(sent.exists)
    assert int(sent.read_text()) < 10_000_000


def test_nobody_waits_for_a_receiver_that_hangs(
    place: Place, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("restaurant.outbound.client.TOTAL_SECONDS", 1.0)
    hanging, receiver = told("order.placed", answer="hang")
    place("water")
    delivery = one_try(hanging)
    assert (delivery.state, delivery.last_status) == ("waiting", None)
    assert delivery.last_error == "It did not answer in time."
    assert len(receiver.calls()) == 1


def test_good_receivers_beside_bad_ones_are_told_everything(place: Place, told: Told) -> None:
    """While one hangs and others fail, all else arrives: in the order in which it happened."""
    bad = [told("order.placed", answer=answer)[0] for answer in ("hang", "hang", "faulty")]
    good = [told("order.placed")[1] for _ in range(3)]
    placed = [str(place("water").ref) for _ in range(8)]
    number()
    eventually(lambda: all(len(receiver.calls()) == 8 for receiver in good))
    for receiver in good:
        assert [call["told"]["data"]["order"] for call in receiver.calls()] == placed
    arrived = Delivery.objects.filter(endpoint__in=bad, state="delivered")
    assert not arrived.exists()
    # The two that hang still have their first call under way.
    assert not Delivery.objects.filter(endpoint__in=bad[:2], tries__gt=0).exists()


def test_a_receiver_that_fails_on_end_is_left_alone(place: Place, told: Told) -> None:
    endpoint, receiver = told("order.placed", answer="faulty")
    for _ in range(8):
        place("water")
    number()
    eventually(lambda: Endpoint.objects.get(pk=endpoint.pk).paused_until)
    endpoint.refresh_from_db()
    assert endpoint.failures == 5
    assert endpoint.paused_until is not None
    assert endpoint.paused_until > timezone.now() + timedelta(seconds=20)
    assert len(receiver.calls()) == 5
    # Once its pause is over it is tried again, and a success ends all of it.
    services.change_endpoint(endpoint, url=receiver.url("good"))
    Endpoint.objects.filter(pk=endpoint.pk).update(paused_until=timezone.now())
    eventually(lambda: Delivery.objects.filter(state="delivered").count() >= 3)
    healed = Endpoint.objects.get(pk=endpoint.pk)
    assert (healed.failures, healed.paused_until) == (0, None)


def test_after_a_rotation_both_secrets_sign(
    place: Place, told: Told, receiver: Callable[..., Receiver]
) -> None:
    endpoint, old = told("order.placed")
    new = receiver(services.rotate_secret(endpoint))
    place("water")
    number()
    eventually(old.calls)
    services.change_endpoint(endpoint, url=new.url())
    place("water")
    number()
    eventually(new.calls)
    assert old.calls()[0]["verified"] is True
    assert new.calls()[0]["verified"] is True


def test_the_old_secret_ends(place: Place, told: Told) -> None:
    endpoint, old = told("order.placed")
    services.rotate_secret(endpoint)
    Endpoint.objects.filter(pk=endpoint.pk).update(old_salt_until=timezone.now())
    place("water")
    number()
    eventually(old.calls)
    assert old.calls()[0]["verified"] is False


def test_each_account_hears_of_its_own_orders_and_a_manager_of_all(
    place: Place, told: Told, make_user: Callable[..., User]
) -> None:
    _, own = told("order.placed")
    stranger, other = told("order.placed", principal=make_user("app"))
    _, house = told("order.placed", principal=make_user("manager"))
    order = place("water")
    number()
    eventually(lambda: Delivery.objects.filter(state="delivered").count() == 2)
    for receiver in (own, house):
        assert receiver.calls()[0]["told"]["data"]["order"] == str(order.ref)
    assert other.calls() == []
    assert not stranger.deliveries.exists()


def test_an_order_may_say_where_it_is_told_to(
    place: Place, told: Told, receiver: Callable[..., Receiver]
) -> None:
    endpoint, server = told("order.changed")
    order = place("water", callback_url=server.url("order/17/good"))
    orders.cancel_order(order, "no time")
    number()
    eventually(lambda: Delivery.objects.filter(state="delivered").exists())
    [call] = server.calls()
    assert (call["path"], call["verified"]) == ("/order/17/good", True)
    assert call["told"]["type"] == "order.cancelled"
    assert Delivery.objects.get().endpoint == endpoint


def test_a_callback_needs_no_webhook_made_before(
    place: Place, receiver: Callable[..., Receiver], guest: User
) -> None:
    server = receiver("whsec_bm90IHRoaXMgb25l")
    order = place("water", callback_url=server.url())
    orders.cancel_order(order, "no time")
    number()
    eventually(server.calls)
    made = Endpoint.objects.get()
    assert (made.principal, made.events) == (guest, [])
    assert made.url == f"http://127.0.0.1:{server.port}/"


def test_what_was_under_way_when_the_sender_stopped_is_sent_by_the_next(
    place: Place, told: Told, sender: Any
) -> None:
    endpoint, receiver = told("order.placed", answer="hang")
    place("water")
    number()
    eventually(receiver.calls)
    services.change_endpoint(endpoint, url=receiver.url("good"))
    with sender_at_work():
        sender.stop()
        eventually(lambda: Delivery.objects.filter(state="delivered").exists())
    first, second = receiver.calls()
    assert first["id"] == second["id"]
