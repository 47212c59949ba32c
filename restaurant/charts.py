"""Small charts as SVG, for files that stand beside figures: lines and bars, nothing else needed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, IN_A_ROW = 480, 300, 2
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 64, 46
#: Told apart in grey, too: each has its own dashes, or its own shade.
COLOURS = ("#c2410c", "#0f766e", "#1e3a8a", "#a16207")
DASHES = ("", "7 4", "2 3", "10 3 2 3")
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#334155}"
    ".title{font-size:14px;font-weight:600}.grid{stroke:#e2e8f0}.axis{stroke:#64748b}"
)
#: Of so many places across each is named.
FEW = 6
#: What a tick's step may begin with.
STEPS = (1, 2, 2.5, 5, 10)

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Scale:
    """From what is shown to where it stands."""

    right: float
    top: float

    def x(self, value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * value / self.right, 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.top, 1)


def page(title: str, panels: Sequence[str]) -> str:
    """A whole file: the charts beside and below each other."""
    rows = math.ceil(len(panels) / IN_A_ROW)
    width, height = WIDTH * min(IN_A_ROW, len(panels)), HEIGHT * rows
    placed = "\n".join(
        f'<g transform="translate({n % IN_A_ROW * WIDTH} {n // IN_A_ROW * HEIGHT})">{panel}</g>'
        for n, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'width="{width}" height="{height}"><title>{escape(title)}</title><style>{STYLE}</style>\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n{placed}\n</svg>\n'
    )


def lines(title: str, series: Mapping[str, Points], *, across: str, up: str) -> str:
    """A line for each series; `across` and `up` name the axes."""
    points = [point for line in series.values() for point in line]
    scale = Scale(highest(x for x, _ in points), highest(y for _, y in points))
    drawn = "".join(line(number, series[name], scale) for number, name in enumerate(series))
    measured = sorted({x for x, _ in points})
    shown = measured if len(measured) <= FEW else ticks(scale.right)
    along = "".join(words(scale.x(x), HEIGHT - BOTTOM + 17, f"{x:g}", "middle") for x in shown)
    return frame(title, list(series), scale, up) + along + name_of_axis(across) + drawn


def line(number: int, points: Points, scale: Scale) -> str:
    colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    places = [(scale.x(x), scale.y(y)) for x, y in points]
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places)
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dashes}"/>{dots if len(places) < 20 else ""}'
    )


def bars(title: str, series: Mapping[str, Mapping[str, float]], *, up: str) -> str:
    """Beside each other for each label a bar of each series; all have the same labels."""
    labels = list(next(iter(series.values())))
    scale = Scale(len(labels), highest(value for bar in series.values() for value in bar.values()))
    wide = (scale.x(1) - scale.x(0)) * 0.8 / len(series)
    drawn = ""
    for place, label in enumerate(labels):
        left = scale.x(place + 0.1)
        for number, values in enumerate(series.values()):
            top = scale.y(values[label])
            drawn += (
                f'<rect x="{left + number * wide:.1f}" y="{top}" width="{wide:.1f}" '
                f'height="{scale.y(0) - top:.1f}" fill="{COLOURS[number % len(COLOURS)]}"/>'
            )
        drawn += words(scale.x(place + 0.5), HEIGHT - BOTTOM + 17, label, "middle")
    return frame(title, list(series), scale, up) + drawn


def frame(title: str, names: Sequence[str], scale: Scale, up: str) -> str:
    """The title, what the lines or bars mean, and the heights."""
    found = words(LEFT, 20, title, kind="title")
    for number, name in enumerate(names):
        left = LEFT + number * (WIDTH - LEFT - RIGHT) / len(names)
        colour = COLOURS[number % len(COLOURS)]
        found += f'<rect x="{left:.0f}" y="32" width="12" height="12" fill="{colour}"/>'
        found += words(left + 17, 42, name)
    for value in ticks(scale.top):
        y = scale.y(value)
        kind = "grid" if value else "axis"
        found += f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        found += words(LEFT - 6, y + 4, f"{value:g}", "end")
    return found + words(10, TOP - 8, up)


def name_of_axis(name: str) -> str:
    return words(WIDTH - RIGHT, HEIGHT - 10, name, "end")


def words(x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{escape(text)}</text>'


def highest(values: Iterable[float]) -> float:
    """A round number that none of them exceeds, and that is above 0."""
    most = max([*values, 0.0]) or 1.0
    step = step_of(most)
    return math.ceil(round(most / step, 9)) * step


def ticks(top: float) -> list[float]:
    """Round numbers from 0 to the top."""
    step = step_of(top)
    return [round(step * number, 9) for number in range(round(top / step) + 1)]


def step_of(top: float) -> float:
    """A round number that fits four times or a little more often."""
    power = 10.0 ** math.floor(math.log10(top / 4))
    return max(step * power for step in STEPS if step * power <= top / 4)
