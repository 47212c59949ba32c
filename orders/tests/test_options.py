"""Dishes made to order: what may be chosen, what it costs, and what the kitchen makes of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from conftest import assert_problem, bring_to_pass, new_key, open_trays, order_body
from kitchen.models import MenuItem, Option, OptionGroup, Ticket, Zone
from orders.models import Order, OrderLine
from orders.tests.conftest import faults
from restaurant.events.models import EventRecord
from restaurant.idempotency.models import StoredAnswer

URL = "/api/v1/orders/"
Post = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("choices")


@pytest.fixture
def post(menu: dict[str, MenuItem], client_of: Callable[..., APIClient], guest: User) -> Post:
    """`post("pad-krapow", ["pork"])`: an order of a glass of water, and of this with these."""
    app = client_of(guest)

    def make(item: str, options: Any, quantity: int = 1) -> Any:
        body = order_body("water", item)
        body["lines"][1].update(options=options, quantity=quantity)
        return app.post(URL, body, format="json", headers=new_key())

    return make


def placed(answer: Any) -> tuple[Order, dict[str, Any]]:
    """The order and its second line."""
    assert answer.status_code == 201, answer.content
    order = answer.json()
    return Order.objects.get(ref=order["id"]), order["trays"][0]["lines"][1]


def assert_nothing_is_left() -> None:
    for rows in (Order, OrderLine, EventRecord):
        assert not rows.objects.exists()


@pytest.mark.parametrize(
    ("item", "options", "code", "pointer"),
    [
        ("pad-krapow", ["beef"], "unknown_option", "/lines/1/options/0"),
        ("pad-krapow", ["pork", ""], "invalid_body", "/lines/1/options/1"),
        ("pad-krapow", ["pork", "Pork"], "unknown_option", "/lines/1/options/1"),
        # There is such an option, of other items.
        ("pad-krapow", ["fried-egg", "garlic"], "unknown_option", "/lines/1/options/1"),
        ("water", ["pork"], "unknown_option", "/lines/1/options/0"),
        ("pad-krapow", ["fried-egg", "fried-egg"], "duplicate_option", "/lines/1/options/1"),
        ("pad-krapow", ["pork", "pork"], "duplicate_option", "/lines/1/options/1"),
        ("pad-krapow", ["pork", "fried-egg", "tofu"], "too_many_options", "/lines/1/options/2"),
        ("lobster", [], "option_required", "/lines/1/options"),
    ],
)
def test_a_choice_that_the_menu_does_not_leave_is_pointed_at(
    post: Post, item: str, options: list[str], code: str, pointer: str
) -> None:
    problem = assert_problem(post(item, options), 400, code)
    assert [at for at, _ in faults(problem)] == [pointer]
    assert_nothing_is_left()
    assert not StoredAnswer.objects.exists()


def test_a_line_that_names_no_options_at_all_lacks_a_required_one(
    client_of: Callable[..., APIClient], guest: User
) -> None:
    body = order_body("lobster")
    answer = client_of(guest).post(URL, body, format="json", headers=new_key())
    assert faults(assert_problem(answer, 400, "option_required")) == [
        ("/lines/0/options", "option_required")
    ]
    assert_nothing_is_left()


def test_a_group_that_is_not_required_may_be_left(post: Post) -> None:
    _, line = placed(post("pad-krapow", []))
    assert (line["options"], line["unit_price"]) == ([], "60.00")


def test_an_option_that_is_sold_out_is_named_and_nothing_is_taken(post: Post) -> None:
    MenuItem.objects.filter(pk="pad-krapow").update(portions_left=3)
    Option.objects.filter(code="prawns").update(available=False)
    problem = assert_problem(post("pad-krapow", ["prawns", "fried-egg"]), 409, "sold_out")
    assert (problem["item"], problem["option"], problem["left"]) == ("pad-krapow", "prawns", 0)
    assert problem["detail"] == "Pad Krapow: Prawns is sold out."
    assert_nothing_is_left()
    assert MenuItem.objects.get(pk="pad-krapow").portions_left == 3
    placed(post("pad-krapow", ["pork", "fried-egg"]))
    assert MenuItem.objects.get(pk="pad-krapow").portions_left == 2


def test_what_is_wrong_is_told_before_what_is_sold_out(post: Post) -> None:
    Option.objects.update(available=False)
    assert_problem(post("pad-krapow", ["prawns", "beef"]), 400, "unknown_option")


def test_an_option_that_needs_a_closed_zone_is_refused_and_the_dish_without_it_taken(
    post: Post,
) -> None:
    Zone.objects.filter(pk="fry").update(is_open=False)
    problem = assert_problem(post("gai-yang", ["fried-egg"]), 409, "zone_closed")
    assert (problem["item"], problem["zone"]) == ("gai-yang", "fry")
    assert problem["detail"] == "Fried egg needs Fry, which is closed."
    assert_nothing_is_left()
    placed(post("gai-yang", ["sticky-rice"]))


@pytest.mark.parametrize(
    ("options", "unit_price", "total"),
    [
        (["pork"], "60.00", "130.00"),
        (["tofu"], "55.00", "120.00"),
        (["prawns", "fried-egg"], "90.00", "190.00"),
        (["tofu", "sticky-rice", "fried-egg"], "80.00", "170.00"),
    ],
)
def test_the_price_is_that_of_the_item_with_its_options(
    post: Post, options: list[str], unit_price: str, total: str
) -> None:
    _, line = placed(answer := post("pad-krapow", options, quantity=2))
    assert (line["options"], line["unit_price"]) == (options, unit_price)
    # Two of them, and a glass of water.
    assert answer.json()["total"] == total


def test_no_line_costs_less_than_nothing(post: Post) -> None:
    Option.objects.filter(code="tofu").update(price=Decimal("-60.01"))
    order, line = placed(answer := post("pad-krapow", ["tofu"]))
    assert (line["unit_price"], answer.json()["total"]) == ("0.00", "10.00")
    order.refresh_from_db()
    assert order.total == 10


def test_the_dearest_order_of_all_can_be_written_down(
    client_of: Callable[..., APIClient], guest: User
) -> None:
    most = Decimal("999999.99")
    extras = OptionGroup.objects.get(pk="extras")
    MenuItem.objects.filter(pk="pad-krapow").update(price=most)
    Option.objects.bulk_create(
        Option(group=extras, code=f"gold-{n}", name="Gold", name_th="ทอง", price=most)
        for n in range(20)
    )
    body = order_body(*["pad-krapow"] * 100)
    for line in body["lines"]:
        line.update(quantity=99, options=[f"gold-{n}" for n in range(20)])
    answer = client_of(guest).post(URL, body, format="json", headers=new_key())
    assert answer.json()["total"] == str(21 * most * 99 * 100)
    assert Order.objects.get().total == 21 * most * 99 * 100


def test_a_line_keeps_what_was_chosen_whatever_the_menu_says_later(
    post: Post, client_of: Callable[..., APIClient]
) -> None:
    order, line = placed(post("pad-krapow", ["prawns", "fried-egg"]))
    Option.objects.update(name="Champagne", price=999)
    read = client_of("waiter").get(f"{URL}{order.ref}/").json()["trays"][0]["lines"][1]
    assert read == line
    assert order.lines.get(item="pad-krapow").options == [
        {"code": "prawns", "name": "Prawns", "name_th": "prawns"},
        {"code": "fried-egg", "name": "Fried egg", "name_th": "fried-egg"},
    ]


def test_the_kitchen_is_told_the_options_of_each_line(post: Post) -> None:
    placed(post("pad-krapow", ["tofu", "fried-egg"]))
    told = EventRecord.objects.get(name="order.placed").data["lines"]
    assert [line["options"] for line in told] == [[], ["tofu", "fried-egg"]]


def test_an_option_with_steps_is_one_more_track_that_the_tray_waits_for(post: Post) -> None:
    order, line = placed(post("pad-krapow", ["pork", "fried-egg"], quantity=2))
    (tray,) = open_trays(order)
    tickets = list(Ticket.objects.filter(line_ref=line["id"]).order_by("track"))
    egg = tickets[2]
    assert [(t.zone_id, t.name, t.prep_seconds) for t in tickets] == [
        ("fry", "Pad Krapow", 120),
        ("rice", "Pad Krapow", 30),
        ("fry", "Fried egg (Pad Krapow)", 45),
    ]
    assert egg.name_th == "fried-egg (pad-krapow)"
    assert {t.state for t in tickets} == {"fired"}
    assert {(t.item, t.quantity) for t in tickets} == {("pad-krapow", 2)}
    chosen = [
        {"code": "pork", "name": "Pork", "name_th": "pork"},
        {"code": "fried-egg", "name": "Fried egg", "name_th": "fried-egg"},
    ]
    assert [t.options for t in tickets] == [chosen, chosen, []]
    bring_to_pass(order)
    tray.refresh_from_db()
    assert tray.state == "ready"
    egg.refresh_from_db()
    assert egg.state == "done"


def test_a_tray_is_not_ready_while_an_egg_is_in_the_pan(post: Post) -> None:
    order, _ = placed(post("pad-krapow", ["fried-egg"]))
    (tray,) = open_trays(order)
    eggs = Ticket.objects.filter(name__startswith="Fried egg")
    others = Ticket.objects.exclude(pk__in=eggs)
    others.update(state="done", finished_at=tray.opened_at, finished_version=1)
    assert not Ticket.objects.all_finished(tray.pk)
    eggs.update(state="done", finished_at=tray.opened_at, finished_version=1)
    assert Ticket.objects.all_finished(tray.pk)


def test_the_promise_counts_the_steps_of_the_options(post: Post) -> None:
    MenuItem.objects.get(pk="pad-krapow").steps.update(prep_seconds=10)
    waits = []
    for chosen in ([], ["fried-egg"]):
        order, _ = placed(post("pad-krapow", chosen))
        waits.append((order.promised_at - order.placed_at).total_seconds())
    assert waits[0] < 45 <= round(waits[1])


def test_an_order_from_before_there_were_options_is_opened(post: Post) -> None:
    order, _ = placed(post("pad-krapow", []))
    told = EventRecord.objects.get(name="order.placed")
    for line in told.data["lines"]:
        del line["options"]
    told.save()
    (tray,) = open_trays(order)
    assert {ticket.zone_id for ticket in tray.tickets.all()} == {"drinks", "fry", "rice"}


def test_an_option_that_is_taken_off_the_menu_after_it_was_ordered_is_cooked(post: Post) -> None:
    order, _ = placed(post("pad-krapow", ["fried-egg"]))
    Option.objects.update(available=False)
    OptionGroup.objects.get(pk="extras").items.clear()
    open_trays(order)
    assert Ticket.objects.filter(name="Fried egg (Pad Krapow)", state="fired").count() == 1


def test_a_cancelled_line_with_options_gives_its_portion_back(
    post: Post, client_of: Callable[..., APIClient]
) -> None:
    MenuItem.objects.filter(pk="pad-krapow").update(portions_left=1)
    order, _ = placed(post("pad-krapow", ["fried-egg"]))
    open_trays(order)
    cancel = client_of("waiter").post(f"{URL}{order.ref}/cancel/", {"reason": "x"}, format="json")
    assert cancel.status_code == 200
    assert MenuItem.objects.get(pk="pad-krapow").portions_left == 1
    assert set(Ticket.objects.values_list("state", flat=True)) == {"void"}


def add(client: APIClient, order: Order, *options: str) -> Any:
    """One more pad krapow on tray 1, with these."""
    more = {"item": "pad-krapow", "quantity": 1, "tray": 1, "options": [*options]}
    return client.patch(
        f"{URL}{order.ref}/", {"add": [more]}, format="json", headers={"If-Match": "*"}
    )


def test_what_is_added_later_is_made_to_order_as_well(
    post: Post, client_of: Callable[..., APIClient]
) -> None:
    order, _ = placed(post("water", []))
    open_trays(order)
    waiter = client_of("waiter")
    refused = assert_problem(add(waiter, order, "tofu", "pork"), 400, "too_many_options")
    assert faults(refused) == [("/add/0/options/1", "too_many_options")]
    answer = add(waiter, order, "prawns", "fried-egg")
    assert answer.status_code == 200, answer.content
    assert answer.json()["total"] == "110.00"
    line = answer.json()["trays"][0]["lines"][-1]
    assert (line["options"], line["unit_price"]) == (["prawns", "fried-egg"], "90.00")
    assert set(Ticket.objects.filter(line_ref=line["id"]).values_list("name", "zone")) == {
        ("Pad Krapow", "fry"),
        ("Pad Krapow", "rice"),
        ("Fried egg (Pad Krapow)", "fry"),
    }


def test_a_refired_dish_is_made_with_its_options_again(
    post: Post, client_of: Callable[..., APIClient]
) -> None:
    order, line = placed(post("pad-krapow", ["tofu", "fried-egg"]))
    open_trays(order)
    bring_to_pass(order)
    waiter, url = client_of("waiter"), f"{URL}{order.ref}/refire/"
    body = {"line": line["id"], "reason": "too salty"}
    Option.objects.filter(code="tofu").update(available=False)
    refused = assert_problem(waiter.post(url, body, format="json"), 409, "sold_out")
    assert refused["option"] == "tofu"
    Option.objects.update(available=True)
    assert waiter.post(url, body, format="json").status_code == 200
    first, again = (Ticket.objects.filter(refire=n).order_by("track") for n in (0, 1))
    assert [t.name for t in again] == [t.name for t in first if t.item == "pad-krapow"]
    assert [[o["code"] for o in t.options] for t in again] == [
        ["tofu", "fried-egg"],
        ["tofu", "fried-egg"],
        [],
    ]
