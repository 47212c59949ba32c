"""The runs of a folder as a page: totals, a table, and a picture of each run."""

from collections.abc import Sequence
from html import escape

from tests.chaos.figures import Figures
from tests.chaos.report import all_recoveries, faults_of, recovery, totals_of

WIDTH, LEFT, ROW = 1000, 150, 14
COLOURS = {"order.ready": "#2e7d32", "order.cancelled": "#9e9e9e", "open": "#c62828"}
STYLE = """
body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:1180px;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .7em;border-bottom:1px solid #ddd;
text-align:left;font-variant-numeric:tabular-nums}.bad{color:#c62828;font-weight:600}
.good{color:#2e7d32}svg{width:100%;height:auto;background:#fafafa;border:1px solid #ddd}
svg text{font:11px system-ui,sans-serif;fill:#444}h2{margin-top:2em}small{color:#666}
"""
LEGEND = (
    "Red bars: faults, by kind. Thin lines: orders from placed to ready (green) or cancelled"
    " (grey); red: never. Orange: steps of the house that took longer than a second. Dots:"
    " requests that got no answer."
)


def page_of(runs: Sequence[Figures], command: str) -> str:
    """HTML that needs nothing else."""
    totals = "".join(row(name, value) for name, value in totals_of(runs).items())
    faults = "".join(row(kind, f"{number:,}") for kind, number in faults_of(runs).items())
    head = "".join(
        f"<th>{name}</th>"
        for name in (
            *("experiment", "database", "seed", "verdict", "faults", "orders", "requests"),
            *("unknown", "recovery s (p50 / p95 / max)", "healed s"),
        )
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Chaos</title>'
        f"<style>{STYLE}</style><h1>Chaos</h1><p><code>{escape(command)}</code></p>"
        f"<table>{totals}</table><h2>Faults</h2><table>{faults}</table><h2>Runs</h2>"
        f"<table><tr>{head}</tr>{''.join(map(line_of, runs))}</table><p><small>{LEGEND}</small></p>"
        + "".join(map(section_of, runs))
        + "</html>\n"
    )


def row(name: str, value: str) -> str:
    return f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"


def line_of(run: Figures) -> str:
    cells = (
        *(run.experiment, run.database, str(run.seed), run.verdict),
        *(str(sum(run.faults.values())), str(run.orders), str(run.requests)),
        *(f"{run.share_unknown:.1%}", recovery(all_recoveries([run]))),
        "-" if run.healed_after is None else f"{run.healed_after:.0f}",
    )
    mark = "good" if run.is_good else "bad"
    return f'<tr class="{mark}">{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def section_of(run: Figures) -> str:
    sabotage = f" <b>without:</b> {escape(', '.join(run.sabotage))}" if run.sabotage else ""
    examples = "".join(f"<li>{escape(example)}</li>" for example in run.examples)
    return (
        f"<h2>{escape(run.experiment)} <small>{escape(run.database)}, seed {run.seed},"
        f" {escape(run.verdict)}</small></h2><p>{escape(run.title)}.{sabotage}</p>"
        f"<p><code>{escape(run.command)}</code></p>"
        f"{picture_of(run) if run.timeline else ''}<ul>{examples}</ul>"
    )


def picture_of(run: Figures) -> str:
    """Time from left to right; faults above, the orders below."""
    line = run.timeline
    kinds = list(dict.fromkeys(str(fault[0]) for fault in line["faults"]))
    ends = [float(end) for _, _, end in line["faults"]] + [
        float(end) for order in line["orders"] for end in order[:2]
    ]
    last = max([run.seconds, *ends]) + 1
    scale = (WIDTH - LEFT - 10) / last
    top = 20 + ROW * len(kinds)
    height = top + 20 + 2 * len(line["orders"])

    def x(at: float | str) -> float:
        return round(LEFT + max(0.0, float(at)) * scale, 1)

    def bar(began: float | str, ended: float | str, y: float, thick: float, colour: str) -> str:
        wide = max(1.5, x(ended) - x(began))
        return f'<rect x="{x(began)}" y="{y}" width="{wide:.1f}" height="{thick}" fill="{colour}"/>'

    parts = [
        f'<text x="{x(at)}" y="12">{at} s</text>'
        f'<line x1="{x(at)}" x2="{x(at)}" y1="16" y2="{height}" stroke="#eee"/>'
        for at in range(0, int(last) + 1, 10)
    ]
    for place, kind in enumerate(kinds):
        parts.append(f'<text x="4" y="{29 + place * ROW}">{escape(kind[:26])}</text>')
    for name, began, ended in line["faults"]:
        y = 20 + kinds.index(str(name)) * ROW
        parts.append(bar(began, ended, y, ROW - 4, "#d32f2f"))
    for place, (placed, ended, how) in enumerate(sorted(line["orders"])):
        until = last if float(ended) < 0 else ended
        parts.append(bar(placed, until, top + 4 + 2 * place, 1, COLOURS[str(how)]))
    for _, asked, done in line["steps"]:
        parts.append(bar(asked, done, height - 12, 3, "#ef6c00"))
    parts += [
        f'<circle cx="{x(began)}" cy="{height - 4}" r="2" fill="#6a1b9a"/>'
        for began, _ in line["unknown"]
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="timeline">{"".join(parts)}</svg>'
    )
