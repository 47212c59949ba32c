"""The manager's pages of webhooks: looked at, disabled, and told again."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from notifications import services
from notifications.models import Delivery, Endpoint


@pytest.fixture
def endpoint(guest: User) -> Endpoint:
    return services.add_endpoint(guest, "https://shop.example/hook", ["order.ready"])


@pytest.fixture
def dead(endpoint: Endpoint) -> Delivery:
    return Delivery.objects.create(
        endpoint=endpoint,
        event=uuid4(),
        name="order.ready",
        order_ref=uuid4(),
        sequence=1,
        state="dead",
        tries=10,
        last_error="<b>No connection.</b>",
        finished_at=timezone.now(),
    )


@pytest.fixture
def manager(client: Client, make_user: Callable[..., User]) -> Client:
    """Staff, with what the role brings and nothing else."""
    user = make_user("manager")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(user)
    return client


def do(client: Client, page: str, verb: str) -> None:
    answer = client.post(f"/admin/notifications/{page}/do/{verb}/", {"confirmed": "1"})
    assert answer.status_code == 302


def test_dead_letters_are_counted_and_sent_again(manager: Client, dead: Delivery) -> None:
    listed = manager.get("/admin/notifications/delivery/?shown=dead").content.decode()
    assert str(dead.order_ref)[:8] in listed
    assert "Send again" in listed
    assert "<b>No connection" not in listed
    do(manager, f"delivery/{dead.pk}", "redeliver")
    dead.refresh_from_db()
    assert (dead.state, dead.tries) == ("waiting", 0)
    assert LogEntry.objects.filter(object_id=str(dead.pk)).exists()
    do(manager, f"delivery/{dead.pk}", "redeliver")
    refused = manager.get("/admin/notifications/delivery/").content.decode()
    assert "It is waiting to be sent already." in refused


def test_all_dead_letters_of_a_webhook_are_sent_again(manager: Client, dead: Delivery) -> None:
    do(manager, f"endpoint/{dead.endpoint_id}", "redeliver")
    assert Delivery.objects.get().state == "waiting"


def test_a_webhook_is_disabled_enabled_and_tried_now(manager: Client, endpoint: Endpoint) -> None:
    do(manager, f"endpoint/{endpoint.pk}", "disable")
    assert Endpoint.objects.get().enabled is False
    do(manager, f"endpoint/{endpoint.pk}", "enable")
    assert Endpoint.objects.get().enabled is True
    Endpoint.objects.update(paused_until=timezone.now(), failures=7)
    do(manager, f"endpoint/{endpoint.pk}", "try_now")
    tried = Endpoint.objects.get()
    assert (tried.paused_until, tried.failures) == (None, 0)


def test_no_page_shows_a_secret(manager: Client, endpoint: Endpoint) -> None:
    page = manager.get(f"/admin/notifications/endpoint/{endpoint.pk}/change/").content.decode()
    assert endpoint.url in page
    assert endpoint.salt not in page
    assert services.current_secret(endpoint).removeprefix("whsec_") not in page


def test_nothing_is_edited_by_hand(manager: Client, dead: Delivery) -> None:
    for page in (f"delivery/{dead.pk}", f"endpoint/{dead.endpoint_id}"):
        answer = manager.post(f"/admin/notifications/{page}/change/", {"url": "http://evil/"})
        assert answer.status_code == 403
        assert manager.post(f"/admin/notifications/{page}/delete/").status_code == 403
    assert Endpoint.objects.get().url == "https://shop.example/hook"


def test_who_has_no_role_sees_nothing(client: Client, dead: Delivery) -> None:
    user = User.objects.create_user("visitor", is_staff=True)
    client.force_login(user)
    assert client.get("/admin/notifications/delivery/").status_code == 403
    answer = client.post(f"/admin/notifications/delivery/{dead.pk}/do/redeliver/", {})
    assert answer.status_code == 403
    dead.refresh_from_db()
    assert dead.state == "dead"
