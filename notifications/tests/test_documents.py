"""The receiver of docs/webhooks.md verifies what is sent, and refuses what others have made."""

import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from notifications import services
from notifications.models import Delivery, Endpoint
from notifications.signing import PREFIX, as_shown, secret_of, signature
from notifications.tests.conftest import number
from orders.models import Order
from restaurant.run.ports import choose_free
from tests.conftest import eventually

PAGE = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"
BODY = json.dumps({"type": "order.ready", "data": {"order": "of ours"}}).encode()


@contextmanager
def reading(secret: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """The program of the document, with this secret: its address, and what it prints."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    port, said = choose_free(), folder / "said"
    env = {**os.environ, "WEBHOOK_SECRET": secret, "HOOK_PORT": str(port)}
    with (
        said.open("w") as screen,
        subprocess.Popen(
            [sys.executable, "-c", program], env=env, stdout=screen, stderr=subprocess.DEVNULL
        ) as process,
    ):
        try:
            eventually(lambda: answers(port))
            yield f"http://127.0.0.1:{port}/", said
        finally:
            process.kill()


def answers(port: int) -> bool:
    try:
        return bool(httpx2.get(f"http://127.0.0.1:{port}/").status_code)
    except httpx2.TransportError:
        return False


def call(url: str, secret: str, *, age: float = 0, body: bytes = BODY) -> int:
    """The status that a signed call is answered with."""
    message, now = str(uuid4()), int(timezone.now().timestamp() - age)
    key = b64decode(secret.removeprefix(PREFIX))
    headers = {
        "webhook-id": message,
        "webhook-timestamp": str(now),
        "webhook-signature": signature(key, message, now, BODY),
    }
    return httpx2.post(url, content=body, headers=headers).status_code


@pytest.mark.usefixtures("sender", "loopback")
def test_the_receiver_of_the_document_understands_what_is_sent(
    place: Callable[..., Order], guest: User, tmp_path: Path
) -> None:
    endpoint = services.add_endpoint(guest, "http://127.0.0.1:9/", ["order.placed"])
    with reading(services.current_secret(endpoint), tmp_path) as (url, said):
        services.change_endpoint(endpoint, url=url)
        order = place("water")
        number()
        eventually(lambda: Delivery.objects.filter(state="delivered").exists())
        assert said.read_text() == f"order.placed {order.ref}\n"
        services.redeliver(Delivery.objects.get())
        eventually(lambda: Delivery.objects.filter(state="delivered").exists())
        # It has seen this id.
        assert said.read_text() == f"order.placed {order.ref}\n"


def test_what_somebody_else_has_made_is_refused(tmp_path: Path) -> None:
    mine, other = (as_shown(secret_of(uuid4(), "salt")) for _ in range(2))
    with reading(mine, tmp_path) as (url, said):
        assert call(url, mine) == 204
        assert call(url, other) == 401
        assert call(url, mine, body=BODY.replace(b"ours", b"mine")) == 401
        assert call(url, mine, age=400) == 401
        assert call(url, mine, age=-400) == 401
        unsigned = httpx2.post(url, content=BODY)
        assert unsigned.status_code == 401
        assert said.read_text() == "order.ready of ours\n"


def test_an_endpoints_secret_is_its_own(db: None, guest: User) -> None:
    made = [services.add_endpoint(guest, "https://8.8.8.8/", ["order.ready"]) for _ in range(2)]
    secrets = {services.current_secret(endpoint) for endpoint in made}
    assert len(secrets) == 2
    assert services.current_secret(Endpoint.objects.get(pk=made[0].pk)) in secrets
