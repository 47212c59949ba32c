"""The checker finds what it is there to find: each fault in a history made by hand."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from tests.chaos.checker import judge, why_invalid
from tests.chaos.evidence import Evidence
from tests.chaos.history import Call, History
from tests.chaos.rows import Event, Line, Order, Payment, Rows, Ticket, Tray

ORDER, TRAY, LINE = "order-1", "tray-1", "line-1"
BOIL, FRY = "ticket-boil", "ticket-fry"


@dataclass
class Story:
    """One order of one soup, boiled and then fried, from the guest to the table."""

    told: list[tuple[str, str]] = field(
        default_factory=lambda: [
            ("order.placed", ""),
            ("ticket.fired", BOIL),
            ("ticket.started", BOIL),
            ("order.preparing", ""),
            ("ticket.done", BOIL),
            ("ticket.fired", FRY),
            ("ticket.started", FRY),
            ("ticket.done", FRY),
            ("tray.ready", ""),
            ("trays.ready", ""),
            ("order.ready", ""),
            ("tray.served", ""),
            ("order.served", ""),
        ]
    )
    calls: list[Call] = field(
        default_factory=lambda: [
            call("place", intent="wants soup", key="k", order=ORDER),
            call("start", ticket=BOIL),
            call("done", ticket=BOIL),
            call("start", ticket=FRY),
            call("done", ticket=FRY),
            call("serve", order=ORDER),
        ]
    )
    order: Order = field(
        default_factory=lambda: Order(ORDER, 1, "served", "wants soup", "", Decimal(60))
    )
    lines: list[Line] = field(default_factory=lambda: [Line(LINE, 1, "soup", 1, price=Decimal(60))])
    payments: list[Payment] = field(default_factory=list)
    refunds: dict[int, Decimal] = field(default_factory=dict)
    more_orders: list[Order] = field(default_factory=list)
    tray: Tray = field(default_factory=lambda: Tray(TRAY, ORDER, "served", 1.0))
    tickets: list[Ticket] = field(
        default_factory=lambda: [
            Ticket(BOIL, TRAY, LINE, "done", 1, 1, begun=True, parked=False),
            Ticket(FRY, TRAY, LINE, "done", 1, 2, begun=True, parked=False),
        ]
    )
    portions: int = 9
    deaf: set[str] = field(default_factory=set)
    unsent: set[str] = field(default_factory=set)
    unsettled: set[str] = field(default_factory=set)
    queued: dict[str, int] = field(default_factory=dict)
    busy: list[tuple[float, float]] = field(default_factory=list)
    crowded: list[tuple[float, float]] = field(default_factory=list)
    harmless: bool = True
    seconds_between: float = 1.0

    def evidence(self) -> Evidence:
        events = [
            Event(
                number,
                name,
                ORDER,
                {
                    "ticket_ref": ticket,
                    "tray_ref": TRAY,
                    "canvas": 1 + self.told[:number].count(("tray.reopened", "")),
                    "line": LINE,
                    "why": ticket,
                    "reason": ticket,
                    "lines": [{"line": LINE}],
                },
                self.seconds_between * number,
                name not in self.unsent,
                name not in self.unsettled,
            )
            for number, (name, ticket) in enumerate(self.told, start=1)
        ]
        heard = {
            (event.id, f"hearer-{number}")
            for event in events
            for number in range(2)
            if event.name in ("order.placed", "trays.ready")
        }
        heard -= {(event.id, "hearer-1") for event in events if event.name in self.deaf}
        # Another order's, so that the checker knows who hears what.
        example = Event(99, "trays.ready", "order-of-before", {}, 0.0, sent=True, settled=True)
        heard |= {(99, "hearer-0"), (99, "hearer-1")}
        return Evidence(
            History(self.calls, stock={"soup": 10}, busy=self.busy, crowded=self.crowded),
            Rows(
                orders=[self.order, *self.more_orders],
                lines=self.lines,
                payments=self.payments,
                refunds=self.refunds,
                trays=[self.tray],
                tickets=self.tickets,
                events=[*events, example],
                heard=heard,
                portions={"soup": self.portions},
                steps={"soup": 2},
            ),
            self.queued,
            harmless=self.harmless,
        )

    def broken(self) -> set[str]:
        return {violation.promise for violation in judge(self.evidence())}

    def tell(self, name: str, ticket: str = "", *, after: str = "") -> None:
        """Once more; at the end, or after the last event of that name."""
        names = [told for told, _ in self.told]
        place = len(names) - names[::-1].index(after) if after else len(names)
        self.told.insert(place, (name, ticket))

    def forget(self, name: str, ticket: str = "") -> None:
        self.told.remove((name, ticket))


def call(verb: str, seconds: float = 0.1, outcome: str = "ok", **facts: str) -> Call:
    answer: dict[str, object] = {"status": 201 if verb == "place" else 200}
    if verb == "place":
        answer["order"] = facts.pop("order")
    return Call(1, "somebody", verb, 1.0, dict(facts), outcome, seconds, answer)


LOST = "no accepted order is lost"
TWICE = "one order for each key"
CHANGED = "each change is made once"
MONEY = "the money adds up"
COOKED = "nothing is cooked twice"
PORTIONS = "the portions add up"
MOVES = "only legal moves"
READY = "ready exactly when all is done, told once"
ANSWERED = "every request is answered within 5 s"
HEARD = "all is heard, nothing is left"
REPAIRED = "nothing is mended that is not broken"


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_story_that_went_well_breaks_no_promise(story: Story) -> None:
    assert judge(story.evidence()) == []


# Lost


def test_an_order_that_was_answered_and_is_not_there(story: Story) -> None:
    story.calls.append(call("place", intent="wants tea", key="k2", order="order-2"))
    assert story.broken() == {LOST}


@pytest.mark.parametrize("state", ["placed", "preparing"])
def test_an_order_that_stays_on_its_way(story: Story, state: str) -> None:
    story.order = replace(story.order, state=state)
    assert LOST in story.broken()


def test_an_order_that_is_cancelled_without_a_reason(story: Story) -> None:
    story.order = replace(story.order, state="cancelled")
    assert LOST in story.broken()


def test_an_order_that_came_ready_without_a_part_of_it(story: Story) -> None:
    story.tickets.pop()
    for name in ("ticket.fired", "ticket.started", "ticket.done"):
        story.forget(name, FRY)
    story.calls = [done for done in story.calls if done.facts.get("ticket") != FRY]
    assert story.broken() == {LOST}


def test_a_press_that_was_acknowledged_and_has_not_happened(story: Story) -> None:
    story.calls.append(call("done", ticket="ticket-of-somebody"))
    assert story.broken() == {LOST}


def test_a_cancellation_that_was_acknowledged_and_has_not_happened(story: Story) -> None:
    story.calls.append(call("cancel", order=ORDER))
    assert story.broken() == {LOST}


def test_a_press_whose_answer_is_unknown_may_have_happened_or_not(story: Story) -> None:
    story.calls.append(call("done", outcome="unknown", ticket="ticket-of-somebody"))
    assert story.broken() == set()


# Twice


def test_two_orders_of_a_guest_who_asked_once(story: Story) -> None:
    story.more_orders = [replace(story.order, ref="order-2", number=2, state="ready")]
    assert TWICE in story.broken()


def test_one_key_that_was_answered_with_two_orders(story: Story) -> None:
    story.calls.append(call("place", intent="wants soup", key="k", order="order-2"))
    assert TWICE in story.broken()


def test_one_key_that_was_answered_twice_with_the_same_order(story: Story) -> None:
    story.calls.append(call("place", intent="wants soup", key="k", order=ORDER))
    assert story.broken() == set()


# Changed


def test_a_line_that_was_added_once_is_there_twice(story: Story) -> None:
    more = Line("line-2", 1, "tea", 1, note="adds tea", cancelled=True)
    story.lines += [more, replace(more, id="line-3")]
    assert story.broken() == {CHANGED}


def test_a_line_that_was_added_and_is_not_there(story: Story) -> None:
    story.calls.append(call("change", intent="adds tea"))
    assert story.broken() == {LOST}


def test_a_line_that_was_cancelled_and_is_there(story: Story) -> None:
    story.calls.append(call("change", line=LINE))
    assert story.broken() == {LOST}


def test_a_line_that_was_cancelled_needs_no_cooking(story: Story) -> None:
    story.lines.append(Line("line-2", 1, "soup", 3, price=Decimal(60), cancelled=True))
    story.calls.append(call("change", line="line-2"))
    assert story.broken() == set()


# Cooked


def test_a_ticket_that_two_cooks_have_begun(story: Story) -> None:
    story.tell("ticket.started", BOIL, after="ticket.fired")
    assert COOKED in story.broken()


def test_a_ticket_that_is_done_twice_without_a_recall(story: Story) -> None:
    story.tell("ticket.done", FRY, after="ticket.done")
    assert COOKED in story.broken()


def test_a_ticket_that_was_recalled_is_done_again(story: Story) -> None:
    story.tell("ticket.recalled", FRY, after="ticket.done")
    story.tell("ticket.done", FRY, after="ticket.recalled")
    assert story.broken() == set()


def test_more_tickets_than_the_recipe_has_steps(story: Story) -> None:
    story.tickets.append(replace(story.tickets[1], id="ticket-fry-again"))
    story.told += [(name, "ticket-fry-again") for name in ("ticket.fired", "ticket.started")]
    story.told.append(("ticket.done", "ticket-fry-again"))
    assert COOKED in story.broken()


def refired(story: Story, intent: str, portions: int = 1) -> None:
    """The whole soup is cooked once more, after the guest has got it."""
    of_before, again = story.tickets[-2:], story.tickets[-1].refire + 1
    fresh = [replace(ticket, id=f"{ticket.id} again", refire=again) for ticket in of_before]
    story.told += [("tray.reopened", ""), ("line.refired", intent), ("order.reopened", "")]
    for ticket in fresh:
        names = ("ticket.fired", "ticket.started", "ticket.done")
        story.told += [(name, ticket.id) for name in names]
    story.told += [(name, "") for name in ("tray.ready", "trays.ready", "order.ready")]
    story.told += [("tray.served", ""), ("order.served", "")]
    story.tickets = [*(replace(ticket, wasted=True) for ticket in story.tickets), *fresh]
    story.portions -= portions


def test_a_line_that_was_refired_is_cooked_once_more(story: Story) -> None:
    refired(story, "sent back")
    story.calls.append(call("refire", intent="sent back"))
    assert story.broken() == set()


def test_a_line_that_was_refired_twice_as_the_waiter_asked_once(story: Story) -> None:
    refired(story, "sent back")
    refired(story, "sent back")
    assert story.broken() == {COOKED}


def test_a_line_that_is_cooked_again_though_nobody_asked(story: Story) -> None:
    refired(story, "sent back")
    story.forget("line.refired", "sent back")
    assert COOKED in story.broken()


def test_a_refire_that_was_acknowledged_and_has_not_happened(story: Story) -> None:
    story.calls.append(call("refire", intent="sent back"))
    assert story.broken() == {LOST}


def test_a_line_that_was_refired_and_not_cooked_to_its_end(story: Story) -> None:
    refired(story, "sent back")
    story.tickets[-1] = replace(story.tickets[-1], state="fired")
    assert LOST in story.broken()


def test_a_tray_that_is_told_ready_before_what_was_refired_is_done(story: Story) -> None:
    refired(story, "sent back")
    last = len(story.told) - 1 - story.told[::-1].index(("tray.ready", ""))
    story.told.insert(story.told.index(("order.reopened", "")), story.told.pop(last))
    assert READY in story.broken()


# Money


def test_a_bill_that_was_paid_just_so(story: Story) -> None:
    story.payments = [Payment(1, Decimal(20), "pays a part"), Payment(1, Decimal(40), "")]
    story.calls.append(call("pay", intent="pays a part"))
    assert story.broken() == set()


def test_more_was_paid_than_the_bill_and_nobody_owes_it(story: Story) -> None:
    story.payments = [Payment(1, Decimal(61), "")]
    assert story.broken() == {MONEY}
    story.refunds = {1: Decimal(1)}
    assert story.broken() == set()


def test_more_is_given_back_than_was_paid(story: Story) -> None:
    story.refunds = {1: Decimal(1)}
    assert story.broken() == {MONEY}


def test_one_payment_that_counts_twice(story: Story) -> None:
    story.payments = [Payment(1, Decimal(20), "pays a part")] * 2
    assert story.broken() == {MONEY}


def test_a_payment_that_was_acknowledged_and_is_not_there(story: Story) -> None:
    story.calls.append(call("pay", intent="pays a part"))
    assert story.broken() == {MONEY}


def test_a_total_that_is_not_that_of_its_lines(story: Story) -> None:
    story.order = replace(story.order, total=Decimal(59))
    assert story.broken() == {MONEY}


# Portions


@pytest.mark.parametrize("left", [8, 10, -1])
def test_portions_that_do_not_add_up(story: Story, left: int) -> None:
    story.portions = left
    assert story.broken() == {PORTIONS}


def cancelled(story: Story) -> None:
    story.order = replace(
        story.order, state="cancelled", cancel_reason="the guest has left", total=Decimal(0)
    )
    story.lines = [replace(line, cancelled=True) for line in story.lines]


def test_a_cancelled_order_that_nobody_began_gives_its_portion_back(story: Story) -> None:
    story.told = [("order.placed", ""), ("order.cancelled", ""), ("tray.voided", "")]
    story.calls = story.calls[:1]
    cancelled(story)
    story.tray = replace(story.tray, state="void")
    story.tickets = [replace(t, state="void", begun=False) for t in story.tickets]
    assert story.broken() == {PORTIONS}
    story.portions = 10
    assert story.broken() == set()


def test_a_cancelled_order_that_somebody_began_does_not(story: Story) -> None:
    story.told = [*story.told[:4], ("order.cancelled", ""), ("tray.voided", "")]
    story.told.append(("ticket.stopped", BOIL))
    story.calls = story.calls[:2]
    cancelled(story)
    story.tray = replace(story.tray, state="void")
    boil, fry = story.tickets
    story.tickets = [replace(boil, state="void"), replace(fry, state="void", begun=False)]
    assert story.broken() == set()
    story.portions = 10
    assert story.broken() == {PORTIONS}


def test_a_refired_line_takes_its_portions_again(story: Story) -> None:
    refired(story, "sent back", portions=0)
    assert story.broken() == {PORTIONS}


# Moves


def test_a_ticket_that_is_done_before_it_was_started(story: Story) -> None:
    story.forget("ticket.started", FRY)
    story.calls.pop(3)
    assert story.broken() == {MOVES}


def test_an_order_that_is_served_twice(story: Story) -> None:
    story.tell("order.served")
    assert story.broken() == {MOVES}


def test_a_tray_that_is_served_before_it_was_ready(story: Story) -> None:
    story.forget("tray.ready")
    story.tell("tray.ready", after="tray.served")
    assert MOVES in story.broken()


def test_a_row_that_moved_without_a_word(story: Story) -> None:
    story.forget("order.served")
    assert story.broken() == {MOVES}


def test_a_word_without_a_move(story: Story) -> None:
    story.order = replace(story.order, state="ready")
    assert story.broken() == {MOVES}


def test_news_of_a_ticket_that_is_not_there(story: Story) -> None:
    story.tell("ticket.fired", "ticket-of-nobody")
    assert MOVES in story.broken()


# Ready


def test_a_tray_that_is_told_ready_before_all_of_it_is_done(story: Story) -> None:
    story.forget("tray.ready")
    story.tell("tray.ready", after="ticket.started")
    assert story.broken() == {READY}


def test_a_tray_that_is_told_ready_twice_on_one_canvas(story: Story) -> None:
    story.tell("tray.ready", after="tray.ready")
    assert READY in story.broken()


def test_a_tray_that_waits_though_all_of_it_is_done(story: Story) -> None:
    for name in ("tray.ready", "tray.served"):
        story.forget(name)
    story.tray = replace(story.tray, state="waiting")
    assert story.broken() == {READY}


# Answered


def test_an_answer_that_is_late(story: Story) -> None:
    story.calls.append(call("look", seconds=5.1))
    assert story.broken() == {ANSWERED}


def test_an_answer_that_never_comes(story: Story) -> None:
    story.calls.append(call("look", seconds=8.0, outcome="unknown"))
    assert story.broken() == {ANSWERED}


def test_an_answer_that_is_late_on_a_machine_that_had_no_time(story: Story) -> None:
    story.calls.append(call("look", seconds=6.0))
    story.busy.append((3.0, 4.0))
    assert story.broken() == set()


@pytest.mark.parametrize(("seconds", "promises"), [(7.0, set()), (8.0, {ANSWERED})])
def test_a_crowded_machine_has_a_little_longer(
    story: Story, seconds: float, promises: set[str]
) -> None:
    story.calls.append(call("look", seconds=seconds))
    story.crowded.append((3.0, 4.0))
    assert story.broken() == promises


def test_a_caller_who_waits_on_purpose(story: Story) -> None:
    story.calls.append(call("wait", seconds=9.0))
    assert story.broken() == set()


@pytest.mark.parametrize(
    ("status", "code", "promises"),
    [(500, "internal", {ANSWERED}), (503, "", {ANSWERED}), (503, "database_unavailable", set())],
)
def test_a_refusal_says_why(story: Story, status: int, code: str, promises: set[str]) -> None:
    refused = replace(
        call("look"), outcome="fail", answer={"status": status, "code": code, "replayed": False}
    )
    story.calls.append(refused)
    assert story.broken() == promises


# Heard


@pytest.mark.parametrize("what", ["deaf", "unsent", "unsettled"])
def test_an_event_that_somebody_has_not_heard(story: Story, what: str) -> None:
    getattr(story, what).add("trays.ready")
    assert story.broken() == {HEARD}


def test_a_message_that_is_still_parked(story: Story) -> None:
    story.tickets[0] = replace(story.tickets[0], parked=True)
    assert story.broken() == {HEARD}


def test_messages_that_are_left_in_a_queue(story: Story) -> None:
    story.queued = {"pass": 2}
    assert story.broken() == {HEARD}


# Mended


@pytest.mark.parametrize("seconds", [1.0, 10.0])
def test_a_repair_where_nothing_was_broken(story: Story, seconds: float) -> None:
    story.seconds_between = seconds
    story.tell("tray.repaired", after="ticket.done")
    assert story.broken() == {REPAIRED}
    story.harmless = False
    assert story.broken() == set()


def test_who_was_called_late_may_be_called_again_though_others_of_the_tray_move(
    story: Story,
) -> None:
    story.tell("tray.repaired", "fry was never called", after="ticket.done")
    story.crowded.append((0.0, 1000.0))
    assert story.broken() == set()


@pytest.mark.parametrize(("seconds", "promises"), [(1.0, {REPAIRED}), (10.0, set())])
def test_on_a_slow_machine_only_what_has_just_moved_is_surely_not_lost(
    story: Story, seconds: float, promises: set[str]
) -> None:
    story.seconds_between = seconds
    story.tell("tray.repaired", after="ticket.done")
    story.crowded.append((0.0, 1000.0))
    assert story.broken() == promises


# Runs that show nothing


def test_a_run_with_too_few_orders_shows_nothing(story: Story) -> None:
    assert why_invalid(story.evidence()) == "only 1 orders were taken"


def test_a_run_of_which_most_requests_failed_shows_nothing(story: Story) -> None:
    failed = replace(call("look"), outcome="fail", answer={"status": 503, "code": "x"})
    story.calls += [failed] * 7
    assert why_invalid(story.evidence()) == "only 6 of 13 requests came through"


def test_a_run_with_enough_orders_shows_something(story: Story) -> None:
    story.calls += [
        call("place", intent=f"{number}", key=f"{number}", order=f"order-{number}")
        for number in range(2, 6)
    ]
    assert why_invalid(story.evidence()) is None
