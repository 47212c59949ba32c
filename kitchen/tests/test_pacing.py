"""When things will be ready and when to begin, worked out by hand beside the rules."""

import pytest

from kitchen.pacing import SPARE, Step, Track, ends, left, pace, promises

COOKS = {"boil": 2, "fry": 2, "grill": 1, "drinks": 1}


def track(*steps: tuple[str, float], fires: float = 0, cooking: bool = False) -> Track:
    return Track(tuple(Step(*step) for step in steps), fires, cooking)


SOUP = track(("boil", 240), ("fry", 60))
CHICKEN = track(("grill", 300))
EGG = track(("fry", 30))
WOK = track(("fry", 120))
TEA = track(("drinks", 60))
ON_THE_GRILL = track(("grill", 40), cooking=True)
SOUP_ON_THE_FIRE = track(("boil", 100), ("fry", 60), cooking=True)


def held(seconds: float, *steps: tuple[str, float]) -> Track:
    return track(*steps, fires=seconds)


@pytest.mark.parametrize(
    ("prep", "since", "expected"),
    [
        pytest.param(300, 0, 300, id="just begun"),
        pytest.param(300, 120, 180, id="what is left of it"),
        pytest.param(300, 300, 0, id="done any moment"),
        pytest.param(300, 360, 60, id="as long again as it is over"),
        pytest.param(300, 600, 300, id="up to once more"),
        pytest.param(300, 9000, 300, id="forgotten"),
        pytest.param(300, -5, 305, id="begun by a clock that is ahead"),
    ],
)
def test_only_what_is_left_of_it_counts(prep: float, since: float, expected: float) -> None:
    assert left(prep, since) == expected


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        pytest.param([], [], id="nothing to do"),
        pytest.param([TEA], [60], id="one step"),
        pytest.param([SOUP], [300], id="a step after the other"),
        pytest.param([SOUP, CHICKEN, TEA], [300, 300, 60], id="zones work side by side"),
        pytest.param([WOK, WOK], [120, 120], id="two cooks, two pans"),
        pytest.param([WOK, WOK, EGG, WOK], [120, 120, 150, 240], id="in turn, who is free first"),
        pytest.param([CHICKEN, CHICKEN], [300, 600], id="one cook, one after the other"),
        pytest.param([CHICKEN, ON_THE_GRILL], [340, 40], id="behind what cooks already"),
        pytest.param([SOUP_ON_THE_FIRE], [160], id="the rest of a track"),
        pytest.param(
            [track(("grill", 10), cooking=True), ON_THE_GRILL, CHICKEN],
            [10, 40, 340],
            id="more pans than cooks: all burn",
        ),
        pytest.param([WOK, WOK, SOUP, EGG], [120, 120, 300, 150], id="who comes later waits"),
        pytest.param([held(200, ("grill", 50)), CHICKEN], [350, 300], id="held, and then behind"),
        pytest.param([CHICKEN, held(400, ("grill", 50))], [300, 450], id="held for longer"),
        pytest.param([held(-9, ("grill", 50))], [50], id="what is overdue comes now"),
        pytest.param(
            [SOUP, *[held(230, ("fry", 90))] * 2], [380, 320, 320], id="in its way when it comes"
        ),
    ],
)
def test_every_zone_cooks_in_turn(tracks: list[Track], expected: list[float]) -> None:
    assert ends(tracks, COOKS) == expected


@pytest.mark.parametrize(
    ("live", "own", "waiting", "target", "fires"),
    [
        pytest.param([], [], [TEA], 60, [0], id="one track waits for nobody"),
        pytest.param([], [], [SOUP, TEA], 300, [0, 240 - SPARE], id="tea when the soup is fried"),
        pytest.param([], [], [CHICKEN, SOUP], 300, [0, 0], id="equally long"),
        pytest.param([], [], [CHICKEN, WOK], 300, [0, 180 - SPARE], id="the wok for the grill"),
        pytest.param(
            [CHICKEN], [], [CHICKEN, TEA], 600, [0, 540 - SPARE], id="a queue makes a track longer"
        ),
        pytest.param(
            [ON_THE_GRILL, TEA], [], [TEA, CHICKEN], 340, [220 - SPARE, 0], id="queues of both"
        ),
        pytest.param([SOUP_ON_THE_FIRE], [0], [TEA], 160, [0], id="what is on is nearly done"),
        pytest.param([ON_THE_GRILL], [0], [WOK], 120, [0], id="the grill is early: now"),
        pytest.param([SOUP], [0], [TEA], 300, [240 - SPARE], id="what is fired already"),
        pytest.param([CHICKEN, CHICKEN], [1], [TEA], 600, [540 - SPARE], id="a late start"),
        pytest.param([], [], [TEA, TEA, CHICKEN], 300, [240 - SPARE, 180 - SPARE, 0], id="sisters"),
        pytest.param([CHICKEN], [0], [], 300, [], id="all of it is fired"),
        pytest.param([CHICKEN], [], [], 0, [], id="nothing is left"),
    ],
)
def test_a_tray_comes_together(
    live: list[Track], own: list[int], waiting: list[Track], target: float, fires: list[float]
) -> None:
    paced = pace(live, own, waiting, COOKS)
    assert (paced.target, paced.fires) == (target, fires)


def test_fired_when_it_says_everything_comes_by_the_target() -> None:
    """As long as nobody orders more."""
    live, waiting = [CHICKEN, WOK, WOK, SOUP, ON_THE_GRILL], [CHICKEN, SOUP, TEA, WOK, EGG]
    paced = pace(live, [1], waiting, COOKS)
    fired = [Track(t.steps, at) for t, at in zip(waiting, paced.fires, strict=True)]
    own = ends([*live, *fired], COOKS)[len(live) :]
    assert max(own) == paced.target


@pytest.mark.parametrize(
    ("trays", "before", "expected"),
    [
        pytest.param([], [], [], id="no tray"),
        pytest.param([[SOUP]], [], [300], id="one track"),
        pytest.param([[SOUP, CHICKEN, TEA]], [], [300], id="tracks run side by side"),
        pytest.param([[TEA], [CHICKEN]], [], [60, 300], id="each tray has its own promise"),
        pytest.param([[CHICKEN, CHICKEN]], [], [600], id="a track waits behind its sister"),
        pytest.param([[CHICKEN], [CHICKEN]], [], [300, 600], id="and behind the tray before"),
        pytest.param([[EGG, SOUP]], [], [300], id="the egg is done when the soup comes"),
        pytest.param([[EGG], [TEA]], [WOK, WOK, WOK], [150, 60], id="behind what is there"),
        pytest.param([[CHICKEN]], [ON_THE_GRILL], [340], id="of that only what is left"),
        pytest.param([[SOUP]], [held(200, ("fry", 90))] * 1, [300], id="a cook is free"),
        pytest.param([[SOUP]], [held(200, ("fry", 90))] * 2, [350], id="behind what is held"),
        pytest.param([[CHICKEN]], [held(200, ("grill", 90))], [300], id="before what is held"),
    ],
)
def test_a_tray_is_promised_for_its_longest_track(
    trays: list[list[Track]], before: list[Track], expected: list[float]
) -> None:
    assert promises(trays, before, COOKS) == expected


def test_more_cooks_never_promise_later() -> None:
    basket, before = [[SOUP, CHICKEN, TEA], [SOUP, EGG]], [WOK, WOK, CHICKEN, SOUP] * 5
    found = [promises(basket, before, dict.fromkeys(COOKS, cooks)) for cooks in range(1, 20)]
    assert found == sorted(found, reverse=True)
