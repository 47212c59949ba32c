"""Chits on paper: over a real socket, to a printer that may be off, stuck, torn or empty."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from threading import Thread
from time import sleep

import pytest
from django.db import connection
from django.utils import timezone

from conftest import cook
from kitchen import services
from kitchen.management.commands.printers import Command, print_next
from kitchen.models import Chit, MenuItem, Ticket, Zone
from kitchen.printing import conversation
from kitchen.services import chits
from orders import services as orders
from orders.models import Order
from restaurant.events.models import EventRecord
from restaurant.events.waking import EVENT_WRITTEN, Waking
from restaurant.run import ports
from tests.at_once import at_once
from tests.conftest import eventually
from tests.fake_printer import (
    COVER_OPEN,
    GETS_STUCK,
    NO_PAPER,
    RUNS_OUT,
    SILENT,
    WELL,
    FakePrinter,
    pictures_of,
    switched_on,
)

Opened = Callable[..., Order]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def grill(menu: dict[str, MenuItem]) -> Iterator[FakePrinter]:
    """The printer of the zone `grill`."""
    with switched_on() as printer:
        Zone.objects.filter(pk="grill").update(printer=printer.url)
        yield printer


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PATIENCE", 0.2)
    monkeypatch.setattr(conversation, "CONVERSATION", 0.5)


def print_due(after: timedelta = timedelta(0)) -> list[bool]:
    """One look, this long from now, and one chit at each printer that has its turn."""
    return [print_next(printer, lambda: timezone.now() + after) for printer in look(after)]


def standing_at(now: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: now


def look(after: timedelta = timedelta(0)) -> list[str]:
    return chits.look(timezone.now() + after)


def printed(item: str = "gai-yang") -> str:
    return Ticket.objects.get(item=item).printed


def test_a_fired_ticket_is_printed_at_its_zone(grill: FakePrinter, opened: Opened) -> None:
    order = opened("gai-yang", "water", quantity=2, note="no chili")
    assert print_due() == [True]
    (words,) = grill.words()
    assert words.split("\n")[0] == f"#{order.number} · takeaway"
    assert "2 x Gai Yang" in words
    assert "no chili" in words
    assert "REPRINT" not in words
    assert (printed("gai-yang"), printed("water")) == ("printed", "")
    assert print_due() == []


def test_what_was_chosen_about_a_dish_is_printed(grill: FakePrinter, opened: Opened) -> None:
    opened("gai-yang")
    garlic = {"code": "garlic", "name": "Garlic", "name_th": "Garlic"}
    Ticket.objects.update(options=[garlic, {**garlic, "name_th": "กระเทียม"}])
    assert print_due() == [True]
    assert "+ Garlic" in grill.words()[0].split("\n")
    assert len(pictures_of(grill.chits[0])) == 1


def test_a_held_ticket_is_printed_when_it_is_fired(grill: FakePrinter, opened: Opened) -> None:
    Zone.objects.filter(pk="fry").update(printer=grill.url)
    opened("tom-yum")
    assert print_due() == []
    cook(Ticket.objects.get(zone="boil"))
    assert print_due() == [True]
    assert "from boil" in grill.words()[0]


def test_thai_is_printed_as_a_picture(grill: FakePrinter, opened: Opened) -> None:
    MenuItem.objects.filter(pk="gai-yang").update(name_th="ไก่ย่าง")
    opened("gai-yang")
    assert print_due() == [True]
    (picture,) = pictures_of(grill.chits[0])
    assert picture.image.width <= 576
    share = picture.image.histogram()[0] / (picture.image.width * picture.image.height)
    assert 0.01 < share < 0.5


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (NO_PAPER, "It is out of paper."),
        (COVER_OPEN, "It is offline: is its cover open?"),
        (SILENT, "It does not answer."),
    ],
)
def test_a_printer_that_is_not_ready_is_sent_nothing(
    grill: FakePrinter,
    opened: Opened,
    impatient: None,
    answers: dict[bytes, bytes],
    why: str,
) -> None:
    grill.answers = answers
    opened("gai-yang")
    assert print_due() == [False]
    chit = Chit.objects.get()
    assert (chit.error, chit.tries, chit.maybe_repeat) == (why, 1, False)
    assert (grill.chits, grill.scraps, printed()) == ([], [], "waiting")
    grill.answers = WELL
    assert print_due() == []
    assert print_due(after=chits.FIRST_WAIT) == [True]
    assert (len(grill.chits), printed()) == (1, "printed")
    assert "MAYBE" not in grill.words()[0]


def test_a_printer_that_is_off_gets_its_chits_when_it_is_back(
    opened: Opened, impatient: None, menu: dict[str, MenuItem]
) -> None:
    port = ports.choose_free()
    Zone.objects.filter(pk="grill").update(printer=f"tcp://127.0.0.1:{port}")
    first, second = opened("gai-yang"), opened("lobster")
    assert print_due() == [False]
    assert Chit.objects.get(tries=1).error == "Connection refused"
    with switched_on(port) as printer:
        assert print_due(after=chits.FIRST_WAIT) == [True]
        assert print_due(after=chits.FIRST_WAIT) == [True]
        labels = [words.split(" ")[0] for words in printer.words()]
    assert labels == [f"#{first.number}", f"#{second.number}"]


@pytest.mark.parametrize(
    ("tears_after", "answers"), [(2, WELL), (None, GETS_STUCK), (None, RUNS_OUT)]
)
def test_what_broke_off_is_printed_again_and_says_so(
    grill: FakePrinter,
    opened: Opened,
    impatient: None,
    tears_after: int | None,
    answers: dict[bytes, bytes],
) -> None:
    grill.answers, grill.tears_after = answers, tears_after
    opened("gai-yang")
    assert print_due() == [False]
    before = len(grill.chits)
    assert (printed(), Chit.objects.get().maybe_repeat) == ("waiting", True)
    grill.answers, grill.tears_after = WELL, None
    assert print_due(after=chits.FIRST_WAIT) == [True]
    assert len(grill.chits) == before + 1
    assert "MAYBE A REPEAT" in grill.words()[-1]
    assert printed() == "printed"


def test_a_process_that_dies_while_it_prints_leaves_the_chit_to_another(
    grill: FakePrinter, opened: Opened
) -> None:
    opened("gai-yang")
    (printer,) = look()
    assert chits.claim_next(printer, timezone.now())
    assert print_due() == []
    assert print_due(after=chits.LEASE) == [True]
    assert "MAYBE A REPEAT" in grill.words()[0]


def test_the_waits_grow_to_a_minute(opened: Opened, menu: dict[str, MenuItem]) -> None:
    Zone.objects.filter(pk="grill").update(printer=f"tcp://127.0.0.1:{ports.choose_free()}")
    opened("gai-yang")
    now, waits = timezone.now(), []
    for _ in range(8):
        (printer,) = chits.look(now)
        assert not print_next(printer, standing_at(now))
        next_try_at = Chit.objects.get().next_try_at
        waits.append((next_try_at - now).total_seconds())
        now = next_try_at
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]


def test_two_processes_print_a_chit_once(grill: FakePrinter, opened: Opened) -> None:
    opened("gai-yang")
    look()
    assert sorted(at_once([partial(print_next, grill.url)] * 4)) == [False, False, False, True]
    assert len(grill.chits) == 1


def test_control_without_the_claim_they_print_it_twice(
    grill: FakePrinter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_and_then_take(chit: Chit, now: object) -> bool:
        sleep(0.5)
        return True

    monkeypatch.setattr(chits, "claim", look_and_then_take)
    opened("gai-yang")
    look()
    at_once([partial(print_next, grill.url)] * 4)
    assert len(grill.chits) > 1


def test_two_processes_make_one_chit_of_a_ticket(grill: FakePrinter, opened: Opened) -> None:
    opened("gai-yang")
    # Who is behind sees a chit that is made a moment later.
    assert {str(found) for found in at_once([look] * 4)} <= {str([grill.url]), "[]"}
    assert Chit.objects.count() == 1


@pytest.fixture
def process(only_session: None) -> Iterator[Command]:
    """The process that prints, beside the test."""
    command = Command()

    def run() -> None:
        waking = Waking(EVENT_WRITTEN)
        while not command.stopping.is_set():
            command.go_on(waking)
        connection.close()

    thread = Thread(target=run)
    thread.start()
    yield command
    command.stopping.set()
    thread.join()
    for printing in command.threads.values():
        printing.join()


def test_a_hanging_printer_delays_nothing_but_its_own_chits(
    grill: FakePrinter, opened: Opened, process: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "PATIENCE", 5.0)
    grill.answers = SILENT
    with switched_on() as drinks:
        Zone.objects.filter(pk="drinks").update(printer=drinks.url)
        opened("gai-yang", "water")
        assert eventually(grill.asked.is_set)
        assert eventually(lambda: len(drinks.chits) == 1)
        cook(Ticket.objects.get(item="gai-yang"))
        opened("thai-tea")
        assert eventually(lambda: printed("thai-tea") == "printed")
        assert process.threads[grill.url].is_alive()
    assert (len(drinks.chits), grill.chits) == (2, [])


def test_what_is_cancelled_says_so_on_paper(grill: FakePrinter, opened: Opened) -> None:
    order = opened("gai-yang")
    assert print_due() == [True]
    orders.cancel_order(order, "the guest left")
    assert print_due() == [True]
    assert grill.words()[1].split("\n")[0] == "CANCELLED"
    assert print_due() == []


def test_what_is_cancelled_before_it_was_printed_is_not(grill: FakePrinter, opened: Opened) -> None:
    order = opened("gai-yang")
    look()
    orders.cancel_order(order, "the guest left")
    assert print_due() == []
    assert (grill.chits, printed()) == ([], "")
    assert Chit.objects.get().dropped_at is not None


def test_a_cook_who_must_stop_is_told_on_paper_too(grill: FakePrinter, opened: Opened) -> None:
    order = opened("gai-yang")
    assert print_due() == [True]
    services.start(Ticket.objects.get().pk)
    orders.cancel_order(order, "the guest left")
    assert print_due() == [True]
    services.stop(Ticket.objects.get().pk)
    assert print_due() == []
    assert grill.words()[1].split("\n")[0] == "CANCELLED"


def test_nothing_is_told_of_chits_that_are_printed(grill: FakePrinter, opened: Opened) -> None:
    opened("gai-yang")
    print_due()
    look(after=timedelta(hours=2))
    assert not EventRecord.objects.filter(name__startswith="chit").exists()
