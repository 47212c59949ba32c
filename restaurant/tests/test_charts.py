"""Small charts: round ticks, bars as high as they should be, and XML whatever they say."""

from xml.etree import ElementTree

import pytest

from restaurant.charts import bars, highest, lines, page, ticks

SVG = "{http://www.w3.org/2000/svg}"


def parsed(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(chart)  # noqa: S314  we have drawn it


@pytest.mark.parametrize(
    ("values", "top", "shown"),
    [
        ([], 1.0, [0, 0.25, 0.5, 0.75, 1]),
        ([0], 1.0, [0, 0.25, 0.5, 0.75, 1]),
        ([3, 100], 100, [0, 25, 50, 75, 100]),
        ([6], 6, [0, 1, 2, 3, 4, 5, 6]),
        ([0.07], 0.07, [0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07]),
        ([487.2], 500, [0, 100, 200, 300, 400, 500]),
    ],
)
def test_the_axis_has_round_numbers(values: list[float], top: float, shown: list[float]) -> None:
    assert highest(values) == pytest.approx(top)
    assert ticks(highest(values)) == pytest.approx(shown)


def test_a_bar_of_twice_as_much_is_twice_as_high() -> None:
    chart = page("Cooks", [bars("Cooks", {"now": {"fry": 2.0, "boil": 4.0}}, up="")])
    heights = [
        float(bar.attrib["height"])
        for bar in parsed(chart).iter(f"{SVG}rect")
        if "x" in bar.attrib and bar.attrib["width"] != "12"
    ]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)


def test_a_line_goes_through_its_points() -> None:
    chart = page("Waits", [lines("Waits", {"now": [(0, 0), (10, 5), (20, 20)]}, across="", up="")])
    (drawn,) = parsed(chart).iter(f"{SVG}polyline")
    points = [tuple(map(float, place.split(","))) for place in drawn.attrib["points"].split()]
    assert [text.text for text in parsed(chart).iter(f"{SVG}text")].count("10") == 2
    (left, low), (middle, some), (right, high) = points
    assert middle == pytest.approx((left + right) / 2)
    assert (low - some) * 4 == pytest.approx(low - high, abs=0.5)


def test_whatever_it_says_is_text() -> None:
    chart = page("<b>", [bars("a & b", {"<now>": {'"x"': 1.0}}, up="<%>")])
    words = {text.text for text in parsed(chart).iter(f"{SVG}text")}
    assert {"a & b", "<now>", '"x"', "<%>"} <= words
