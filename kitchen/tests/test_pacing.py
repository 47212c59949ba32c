"""When things will be ready, worked out by hand beside the rules."""

import pytest

from kitchen.pacing import Queue, Step, promises, track_length

FREE = {zone: Queue(0, 2) for zone in ("boil", "fry", "grill", "drinks")}
BUSY = {**FREE, "fry": Queue(600, 2), "drinks": Queue(60, 3)}

SOUP = [Step("boil", 240), Step("fry", 60)]
CHICKEN = [Step("grill", 300)]
EGG = [Step("fry", 30)]
TEA = [Step("drinks", 60)]


@pytest.mark.parametrize(
    ("track", "loads", "seconds"),
    [
        ([], FREE, 0),
        (TEA, FREE, 60),
        (SOUP, FREE, 300),
        (TEA, BUSY, 20 + 60),
        (SOUP, BUSY, 240 + 300 + 60),
        (CHICKEN, BUSY, 300),
    ],
)
def test_a_track_is_as_long_as_its_queues_and_its_work(
    track: list[Step], loads: dict[str, Queue], seconds: float
) -> None:
    assert track_length(track, loads) == seconds


@pytest.mark.parametrize(("queued", "cooks", "wait"), [(0, 1, 0), (90, 1, 90), (90, 4, 22.5)])
def test_a_zones_cooks_share_its_queue(queued: float, cooks: int, wait: float) -> None:
    assert Queue(queued, cooks).wait == wait


@pytest.mark.parametrize(
    ("trays", "loads", "expected"),
    [
        pytest.param([], FREE, [], id="no tray"),
        pytest.param([[SOUP]], FREE, [300], id="one track"),
        pytest.param([[SOUP, CHICKEN, TEA]], FREE, [300], id="tracks run side by side"),
        pytest.param([[TEA], [CHICKEN]], FREE, [60, 300], id="each tray has its own promise"),
        pytest.param([[CHICKEN, CHICKEN]], FREE, [450], id="a track waits behind its sister"),
        pytest.param([[CHICKEN], [CHICKEN]], FREE, [300, 450], id="and behind the tray before"),
        pytest.param([[EGG, SOUP]], FREE, [240 + 15 + 60], id="also at its second zone"),
        pytest.param([[SOUP, EGG]], FREE, [300], id="an egg waits for what is boiled first"),
        pytest.param([[EGG], [TEA]], BUSY, [330, 80], id="behind what is there already"),
    ],
)
def test_a_tray_is_promised_for_its_longest_track(
    trays: list[list[list[Step]]], loads: dict[str, Queue], expected: list[float]
) -> None:
    assert promises(trays, loads) == expected


def test_a_promise_leaves_the_queues_as_they_are() -> None:
    loads = dict(FREE)
    promises([[SOUP, CHICKEN]], loads)
    assert loads == FREE


def test_more_cooks_never_promise_later() -> None:
    basket = [[SOUP, CHICKEN, TEA], [SOUP, EGG]]
    found = [promises(basket, {zone: Queue(500, cooks) for zone in FREE}) for cooks in range(1, 20)]
    assert found == sorted(found, reverse=True)
