"""Mails as a real mail server gets them: taken, refused for a time, refused for good, away."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from conftest import failing
from notifications import services
from notifications.models import Mail
from notifications.postman import AFTER_A_FAULT, LOOK_AGAIN, Postman
from notifications.schedule import MAIL_WAITS
from notifications.tests.conftest import number
from notifications.tests.mail_server import Mailbox, mail_server
from notifications.tests.test_kills import database_url
from orders import services as orders
from orders.models import Order
from restaurant.run.ports import choose_free
from tests.conftest import eventually

Place = Callable[..., Order]
ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "somchai@guests.example"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server at work, to which ours hands its mails."""
    with mail_server() as at_work:
        use(settings, at_work.port)
        yield at_work


def use(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5


@pytest.fixture
def mail(place: Place) -> Callable[..., Mail]:
    """`mail()`: one that is due, about a cancelled order."""

    def write(**more: Any) -> Mail:
        orders.cancel_order(place("water", email=ADDRESS, **more), "no time")
        number()
        services.follow(0)
        return Mail.objects.latest("id")

    return write


def now_due() -> None:
    Mail.objects.filter(state="waiting").update(next_try_at=timezone.now())


def test_the_mail_server_gets_a_mail_that_says_what_it_is(
    mail: Callable[..., Mail], mailbox: Mailbox, settings: Any
) -> None:
    written = mail(language="th")
    assert services.send_next() is True
    [letter] = mailbox.taken
    assert letter.recipients == [ADDRESS]
    assert letter.sender == "tamsang@localhost"
    assert letter.message["From"] == settings.DEFAULT_FROM_EMAIL
    assert letter.message["To"] == ADDRESS
    # A long one begins on a line of its own.
    assert letter.message["Subject"].strip() == written.subject
    assert letter.message["Message-ID"] == f"<{written.event}@tamsang>"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.text.replace("\r\n", "\n") == written.body
    written.refresh_from_db()
    assert (written.state, written.tries, written.last_error) == ("delivered", 1, "")
    assert services.send_next() is None
    assert mailbox.calls == 1


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_what_is_refused_for_a_time_is_sent_later(
    mail: Callable[..., Mail], mailbox: Mailbox, verb: str
) -> None:
    written = mail()
    mailbox.answers = {verb: "451 greylisted, come back"}
    before = timezone.now()
    assert services.send_next() is False
    written.refresh_from_db()
    assert (written.state, written.tries) == ("waiting", 1)
    assert "451 greylisted" in written.last_error
    assert written.next_try_at is not None
    assert written.next_try_at > before + 0.8 * MAIL_WAITS[0]
    assert services.send_next() is None
    now_due()
    mailbox.answers = {}
    assert services.send_next() is True
    written.refresh_from_db()
    assert (written.state, written.tries, written.last_error) == ("delivered", 2, "")
    assert len(mailbox.taken) == 1


def test_an_address_that_does_not_exist_is_given_up_at_once_and_holds_up_nobody(
    mail: Callable[..., Mail], mailbox: Mailbox
) -> None:
    written = mail()
    mailbox.answers = {"RCPT": "550 no such mailbox"}
    assert services.send_next() is True
    written.refresh_from_db()
    assert (written.state, written.tries) == ("dead", 1)
    assert written.last_error == "550 no such mailbox"
    mailbox.answers = {}
    services.mail_again(written)
    assert services.send_next() is True
    written.refresh_from_db()
    assert (written.state, written.tries) == ("delivered", 1)


def test_a_mail_server_that_refuses_the_house_is_asked_again(
    mail: Callable[..., Mail], mailbox: Mailbox
) -> None:
    """It is our address that is wrong, and somebody may mend it."""
    written = mail()
    mailbox.answers = {"MAIL": "553 sender not allowed"}
    assert services.send_next() is False
    written.refresh_from_db()
    assert written.state == "waiting"


def test_a_mail_server_that_is_away_is_asked_again_until_nobody_wants_to_know(
    mail: Callable[..., Mail], settings: Any
) -> None:
    port = choose_free()
    use(settings, port)
    written = mail()
    tries = 0
    while written.state == "waiting":
        assert services.send_next() is False
        tries += 1
        written.refresh_from_db()
        assert "refused" in written.last_error.lower()
        now_due()
    assert (written.state, tries, written.tries) == ("dead", 9, 9)
    assert sum(MAIL_WAITS, timedelta()) < timedelta(hours=4)
    with mail_server(port) as mailbox:
        services.mail_again(written)
        assert services.send_next() is True
        assert len(mailbox.taken) == 1


def test_a_mail_server_that_says_nothing_is_left_and_asked_again(
    mail: Callable[..., Mail], settings: Any
) -> None:
    written = mail()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        use(settings, deaf.getsockname()[1])
        settings.EMAIL_TIMEOUT = 0.2
        assert services.send_next() is False
    written.refresh_from_db()
    assert (written.state, written.tries) == ("waiting", 1)
    assert "timed out" in written.last_error


def test_who_dies_after_the_mail_was_taken_repeats_it_with_the_same_id(
    mail: Callable[..., Mail], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail()
    with monkeypatch.context() as killed:
        killed.setattr("notifications.moves.deliver", failing(SystemExit()))  # type: ignore[arg-type]
        with pytest.raises(SystemExit):
            services.send_next()
    # Its claim has not run out yet.
    assert services.send_next() is None
    now_due()
    assert services.send_next() is True
    first, second = mailbox.taken
    assert first.message["Message-ID"] == second.message["Message-ID"]


def test_of_two_that_want_a_mail_one_gets_it(
    mail: Callable[..., Mail], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = mail()
    claims = [services.mailing.claim() for _ in range(2)]
    assert [claimed and claimed.pk for claimed in claims] == [written.pk, None]


def test_the_postman_rests_after_a_fault_and_outlives_a_database_that_is_away(
    mail: Callable[..., Mail], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In the test's own transaction its connection must stay.
    for name in ("close_old_connections", "connection.close"):
        monkeypatch.setattr(f"notifications.postman.{name}", lambda: None)
    postman = Postman()
    assert postman.look() == LOOK_AGAIN
    mail()
    mailbox.answers = {"MAIL": "421 too busy"}
    assert postman.look() == AFTER_A_FAULT
    with monkeypatch.context() as away:
        away.setattr("notifications.services.send_next", failing(OperationalError("no route")))
        assert postman.look() == LOOK_AGAIN


@pytest.mark.usefixtures("only_session")
def test_the_process_sends_what_waited_while_the_mail_server_was_away(
    place: Place, mail: Callable[..., Mail]
) -> None:
    port = choose_free()
    env = {**os.environ, "DATABASE_URL": database_url(), "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
    for _ in range(3):
        mail()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "webhooks"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL
    )
    try:
        eventually(lambda: Mail.objects.filter(tries=1).exists())
        with mail_server(port) as mailbox:
            now_due()
            eventually(lambda: Mail.objects.filter(state="delivered").count() == 3)
            assert len(mailbox.taken) == 3
    finally:
        process.terminate()
        assert process.wait(30) == 0
    assert len({letter.message["Message-ID"] for letter in mailbox.taken}) == 3
