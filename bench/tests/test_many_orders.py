"""The benchmark of few and many orders: its figures, its copies, and one whole small run."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench.many_orders.__main__ import main
from bench.many_orders.clerk import environment
from bench.many_orders.databases import two_databases
from bench.many_orders.multiply import APART, multiply
from bench.many_orders.report import Answered, complaints, table_of
from kitchen.models import Ticket, Tray
from orders.models import Order, OrderLine
from restaurant.events.models import EventRecord


def answered(few: float, many: float, *, promised: bool = True) -> Answered:
    return Answered("order list", promised, [few, few, 90.0], [many] * 3, statements=5)


def test_what_takes_more_than_1_3_times_as_long_is_complained_about_if_it_was_promised() -> None:
    assert complaints([answered(10, 13)]) == []
    assert complaints([answered(10, 13.1)]) == ["order list: 1.31 times as long"]
    assert complaints([answered(10, 99, promised=False)]) == []


def test_the_table_shows_both_times_their_ratio_and_the_statements() -> None:
    console = Console(file=StringIO(), width=80)
    console.print(table_of([answered(10, 20)], 1_000, 100_000))
    said = console.file.getvalue()  # type: ignore[attr-defined]
    (row,) = (line for line in said.splitlines() if "order list" in line)
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells == ["order list *", "10.00", "20.00", "2.00!", "5"]


def test_the_files_are_gone_at_the_end() -> None:
    with two_databases("sqlite") as urls:
        files = [Path(url.removeprefix("sqlite:///")) for url in urls.values()]
        for file in files:
            file.touch()
    assert not any(file.parent.exists() for file in files)


def test_a_house_speaks_to_no_redis_and_to_no_database_of_ours() -> None:
    ours = {"DATABASE_URL": "postgres://ours", "REDIS_URL": "redis://ours", "DEBUG": "1"}
    theirs = environment({**ours, "PATH": "/bin"}, "sqlite:////theirs")
    assert theirs["PATH"] == "/bin"
    assert (theirs["DATABASE_URL"], theirs["REDIS_URL"]) == ("sqlite:////theirs", "memory://")
    assert theirs["DEBUG"] == ""


@pytest.mark.django_db(transaction=True)
def test_copies_belong_together_as_what_they_were_copied_from(
    opened: Callable[..., Order],
) -> None:
    order = opened("tom-yum", ("water", 2))
    EventRecord.objects.filter(name="order.placed").update(position=7)
    multiply(3)
    assert Order.objects.count() == Order.objects.values("client_ref").distinct().count() == 4
    placed = [f"{order.placed_at - APART * back:%d %H:%M:%S}" for back in range(4)]
    copies = Order.objects.order_by("-placed_at").values_list("placed_at", flat=True)
    assert [f"{at:%d %H:%M:%S}" for at in copies] == placed
    for copy in Order.objects.all():
        trays = Tray.objects.of_order(copy.ref)
        assert trays.count() == 2
        assert Ticket.objects.filter(tray__in=trays).count() == 3
        assert OrderLine.objects.filter(order=copy).count() == 2
        assert EventRecord.objects.about(copy.ref).filter(name="order.placed").count() == 1
    positions = EventRecord.objects.filter(name="order.placed").values_list("position", flat=True)
    assert sorted(filter(None, positions)) == [7, 14, 21, 28]


@pytest.mark.once
def test_a_small_run_asks_both_houses(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--few", "5", "--many", "10", "--open", "6", "--rounds", "1"]
    assert main([*sizes, "--only", "^(menu|zones)$"]) == 0
    said = capsys.readouterr().out
    assert "few: 11 orders in" in said
    assert "many: 16 orders in" in said
    assert said.count("│ menu") == said.count("│ zones") == 1
