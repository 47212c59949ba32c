"""`manage.py plan`, on the menu of the tests."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from kitchen.models import MenuItem, Option, RecipeStep, Ticket, Zone
from kitchen.planning.goal import Goal, parse, percentile
from kitchen.planning.guests import evenings_of
from kitchen.planning.house import House
from kitchen.planning.menu import orders_of
from kitchen.planning.mix import Line, Written, from_file, from_history
from kitchen.planning.refusal import NotPlanned
from kitchen.planning.staffing import Planner, one_more
from orders.models import Order

MIX = """
[[order]]
weight = 2
lines = [{ item = "tom-yum" }, { item = "thai-tea", tray = 2 }]

[[order]]
lines = [{ item = "pad-krapow", options = ["fried-egg"] }]
"""


@pytest.fixture
def mix(choices: dict[str, Option], tmp_path: Path) -> Path:
    file = tmp_path / "mix.toml"
    file.write_text(MIX)
    return file


def plan(mix: Path | str, **more: Any) -> str:
    """What it prints; one short evening."""
    given = {"orders_per_hour": 60.0, "hours": 1.0, "evenings": 1, "goal": "p95 wait 12 min"}
    said = StringIO()
    call_command("plan", mix=str(mix), stdout=said, **{**given, **more})
    return said.getvalue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p95 wait 20 min", Goal(0.95, 1200)),
        (" p50  wait 90 s", Goal(0.5, 90)),
        ("p9 wait 1.5h", Goal(0.09, 5400)),
    ],
)
def test_a_goal_is_a_share_and_a_time(text: str, expected: Goal) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "p95", "20 min", "p0 wait 3 min", "p95 wait 0 s", "p100 wait 3 s"]
)
def test_another_goal_is_answered_with_one_that_works(text: str) -> None:
    with pytest.raises(NotPlanned, match="for instance --goal 'p95 wait 20 min'"):
        parse(text)


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile(range(1, 21), share) for share in (0.01, 0.5, 0.95, 0.99)] == [1, 10, 19, 20]


def test_the_plan_names_each_zone_and_what_one_more_cook_changes(mix: Path) -> None:
    said = plan(mix)
    assert "Cooks for p95 wait 12 min" in said
    assert ["grill", "0.00", "2", "1", "0%"] in [
        [word for word in line.split() if word.isascii()] for line in said.splitlines()
    ]
    for zone in Zone.objects.values_list("code", flat=True):
        assert f"and one more at {zone}" in said


def test_the_same_seed_makes_the_same_plan(mix: Path) -> None:
    assert plan(mix, seed=5) == plan(mix, seed=5)
    assert plan(mix, seed=5) != plan(mix, seed=6)


def test_where_too_few_cook_now_it_says_so(mix: Path) -> None:
    Zone.objects.filter(code="boil").update(cooks=1)
    assert "Now more comes to boil than the cooks there can do" in plan(mix)


def test_it_draws_what_it_found(mix: Path, tmp_path: Path) -> None:
    picture = tmp_path / "plan.svg"
    plan(mix, picture=picture)
    drawn = ElementTree.parse(picture)  # noqa: S314  we have drawn it
    words = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Who is served after how long", "needed", "boil"} <= words


def test_a_picture_that_cant_be_written_says_so(mix: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be written"):
        plan(mix, picture=tmp_path / "nowhere" / "plan.svg")


def test_a_plan_writes_nothing(mix: Path, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12) as asked:
        plan(mix)
    assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)


def planner(goal: str, per_hour: float = 60) -> Planner:
    mix = orders_of([Written([Line("tom-yum"), Line("water")], "here")])
    evenings = evenings_of(mix, per_hour, 1, seed=1, count=1)
    return Planner(House.current(), evenings, 1, parse(goal))


def test_what_is_needed_meets_the_goal_and_one_less_does_not(menu: dict[str, MenuItem]) -> None:
    planned = planner("p95 wait 8 min")
    needed = planned.needed()
    assert planned.meets(needed)
    for zone, cooks in needed.items():
        if cooks > planned.fewest()[zone]:
            assert not planned.meets(one_more(needed, zone, -1))


def test_more_guests_need_more_cooks(menu: dict[str, MenuItem]) -> None:
    few, many = (planner("p95 wait 10 min", rate).needed() for rate in (30, 120))
    assert sum(few.values()) < sum(many.values())


def test_a_goal_that_no_cook_can_reach_says_what_can_be(menu: dict[str, MenuItem]) -> None:
    with pytest.raises(NotPlanned, match=r"with a cook for every ticket it would be 5\.0 min"):
        planner("p95 wait 4 min").needed()


def test_the_history_is_what_was_cooked_lately(served: Callable[..., Order]) -> None:
    served("tom-yum", ("thai-tea", 2))
    long_ago = served("gai-yang")
    Ticket.objects.filter(tray__order_ref=long_ago.ref).update(
        done_at=timezone.now() - timedelta(days=29)
    )
    (remembered,) = from_history(timezone.now() - timedelta(days=28))
    assert {(line.item, line.tray) for line in remembered.lines} == {
        ("tom-yum", 1),
        ("thai-tea", 2),
    }
    assert "1 orders of 28 days" in plan("history")


def test_what_is_not_on_the_menu_any_more_is_left_out(served: Callable[..., Order]) -> None:
    served("tom-yum")
    served("gai-yang")
    RecipeStep.objects.filter(item="gai-yang").delete()
    said = plan("history")
    assert "1 orders of 28 days; 1 more have something that is not on the menu now" in said


def test_without_a_history_it_says_what_to_do(menu: dict[str, MenuItem]) -> None:
    with pytest.raises(
        CommandError, match=r"Nothing was cooked since .*: look further back with --days"
    ):
        plan("history")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what?", "is not TOML"),
        ("", r"There is no \[\[order\]\] in"),
        ("order = 3", r"There is no \[\[order\]\] in"),
        ("[[order]]\nweight = 1", "order 1: it has no lines"),
        ("[[order]]\nlines = []", "order 1: it has no lines"),
        ("[[order]]\nlines = 3", "order 1: lines = 3 is not understood"),
        ("[[order]]\nweight = -1\nlines = [{ item = 'tom-yum' }]", "its weight is -1"),
        ("[[order]]\nlines = [{ items = 'tom-yum' }]", r"order 1, line 1: write { item = "),
        ("[[order]]\nlines = [{ item = 'tom-yum', size = 3 }]", "size = 3 is not understood"),
        (
            "[[order]]\nlines = [{ item = 'tom-yum', options = [3] }]",
            "with the codes of the item's",
        ),
        (
            "[[order]]\nlines = [{ item = 'tom-yam' }]",
            r"no 'tom-yam' with a recipe. Is it tom-yum\?",
        ),
        ("[[order]]\nlines = [{ item = 'zzz' }]", "GET /api/v1/menu/ lists them"),
        ("[[order]]\nlines = [{ item = 'water', options = ['pork'] }]", "no such option"),
    ],
)
def test_a_mix_that_is_not_understood_says_where_and_why(
    text: str, said: str, menu: dict[str, MenuItem], tmp_path: Path
) -> None:
    file = tmp_path / "mix.toml"
    file.write_text(text)
    with pytest.raises(CommandError, match=said):
        plan(file)


def test_a_mix_that_is_not_there_says_so(menu: dict[str, MenuItem], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"can't be read \(No such file or directory\)"):
        plan(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("number", ["0", "-3", "nan", "many"])
def test_a_number_that_makes_no_sense_is_refused(number: str) -> None:
    with pytest.raises(CommandError, match="orders-per-hour"):
        call_command("plan", "--orders-per-hour", number)


def test_a_line_is_one_ticket_a_step_and_its_options_are_tracks_of_their_own(mix: Path) -> None:
    _, wok = orders_of(from_file(mix))
    assert [[(s.zone, s.seconds) for s in track] for track in wok.tracks] == [
        [("fry", 120)],
        [("rice", 30)],
        [("fry", 45)],
    ]
