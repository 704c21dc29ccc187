"""Small plots as inline SVG: bars with intervals, and lines. Colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

ROW, LABEL, WIDTH = 23, 58, 400


@dataclass(frozen=True, slots=True)
class Bar:
    """``value`` of 0 to ``most``; ``low`` and ``high`` bound its interval where it has one; ``note`` is written behind it."""

    label: str
    value: float
    note: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Points (x, y), both 0 to 1."""

    label: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


def bars(rows: Sequence[Bar], *, title: str, most: float = 1.0) -> Markup:
    """Horizontal bars, one below the other."""
    plot, end = WIDTH - LABEL - 78, LABEL
    parts = []
    for at, row in enumerate(rows):
        top, middle = at * ROW + 4, at * ROW + ROW / 2 + 1
        length = plot * min(1.0, row.value / most) if most else 0
        parts.append(f'<text class="label" x="{LABEL - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(row.label)}</text>')
        parts.append(f'<rect class="track" x="{end}" y="{top}" width="{plot}" height="{ROW - 8}" rx="3"/>')
        parts.append(f'<rect class="bar" x="{end}" y="{top}" width="{length:.1f}" height="{ROW - 8}" rx="3"/>')
        if row.low is not None and row.high is not None:
            low, high = (end + plot * min(1.0, edge / most) for edge in (row.low, row.high))
            parts.append(f'<path class="whisker" d="M{low:.1f} {middle - 4}v8M{low:.1f} {middle}H{high:.1f}M{high:.1f} {middle - 4}v8"/>')
        parts.append(f'<text class="value" x="{end + plot + 8}" y="{middle + 4:.1f}">{escape(row.note)}</text>')
    return svg("".join(parts), width=WIDTH, height=len(rows) * ROW + 4, title=title)


def lines(
    series: Sequence[Line], *, title: str, across: str, up: str, ticks: Sequence[tuple[float, str]] = (), diagonal: bool = False
) -> Markup:
    """Lines over one another in a square of 0 to 1; ``ticks`` label the x axis (default: percent)."""
    left, top, wide, high = 42, 8, WIDTH - 60, 180
    ticks = ticks or [(share / 4, f"{share * 25}%") for share in range(5)]

    def at(x: float, y: float) -> str:
        return f"{left + wide * x:.1f} {top + high * (1 - y):.1f}"

    parts = []
    for share in range(5):
        y = top + high * (1 - share / 4)
        parts.append(f'<path class="grid" d="M{left} {y:.1f}h{wide}"/>')
        parts.append(f'<text class="value" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{share * 25}%</text>')
    for x, text in ticks:
        parts.append(f'<text class="value" x="{left + wide * x:.1f}" y="{top + high + 18}" text-anchor="middle">{escape(text)}</text>')
    if diagonal:
        parts.append(f'<path class="ideal" d="M{at(0, 0)}L{at(1, 1)}"/>')
    for number, line in enumerate(series):
        if not line.points:
            continue
        parts.append(f'<path class="line s{number}" d="M{"L".join(at(x, y) for x, y in line.points)}"/>')
        if line.dots:
            for x, y in line.points:
                centre = at(x, y).split()
                parts.append(f'<circle class="dot s{number}" cx="{centre[0]}" cy="{centre[1]}" r="4"/>')
    parts.append(f'<text class="value" x="{left + wide}" y="{top + high + 36}" text-anchor="end">{escape(across)} →</text>')
    parts.append(f'<text class="value" x="{left}" y="{top + high + 36}">↑ {escape(up)}</text>')
    legend = top + high + 58
    if len(series) > 1:
        for number, line in enumerate(series):
            x = left + number * 115
            parts.append(f'<path class="line s{number}" d="M{x} {legend - 4}h22"/><text class="value" x="{x + 28}" y="{legend}">{escape(line.label)}</text>')
    return svg("".join(parts), width=WIDTH, height=legend + (6 if len(series) > 1 else -14), title=title)


def svg(inside: str, *, width: float, height: float, title: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title>{inside}</svg>'
    )
