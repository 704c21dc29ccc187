"""Stacked bars as inline SVG: how many questions of each status, by day or by district. Colours are the style sheet's."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

STATUSES = ("answered", "clarify", "refused")
WIDE, HIGH, EDGE, FOOT = 760, 180, 34, 24  # of the chart by day, in its own units
ROW, LABEL, LONG = 26, 96, 440  # of the chart by district


def upright(columns: Mapping[str, Mapping[str, int]], *, title: str) -> Markup:
    """A column for each day, the first and last and some between labelled."""
    most = scale(max((sum(counts.values()) for counts in columns.values()), default=0))
    step = (WIDE - EDGE) / max(1, len(columns))
    every = max(1, len(columns) // 8)
    parts = []
    for share in (0, 0.5, 1):
        y = HIGH - share * (HIGH - 12)
        parts.append(f'<path class="rule" d="M{EDGE} {y:.1f}H{WIDE}"/><text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{most * share:g}</text>')
    for at, (label, counts) in enumerate(columns.items()):
        x, y = EDGE + at * step, float(HIGH)
        for status in STATUSES:
            height = counts.get(status, 0) / most * (HIGH - 12)
            if height:
                y -= height
                parts.append(f'<rect class="{status}" x="{x + step * .12:.1f}" y="{y:.1f}" width="{step * .76:.1f}" height="{height:.1f}"/>')
        if at % every == 0:
            middle = min(x + step / 2, WIDE - 16)
            parts.append(f'<text x="{middle:.1f}" y="{HIGH + 16}" text-anchor="middle">{escape(label)}</text>')
    return svg(parts, wide=WIDE, high=HIGH + FOOT, title=title)


def lying(rows: Mapping[str, Mapping[str, int]], *, title: str) -> Markup:
    """A bar for each row, its total behind it."""
    most = max((sum(counts.values()) for counts in rows.values()), default=0) or 1
    parts = []
    for at, (label, counts) in enumerate(rows.items()):
        x, y = float(LABEL), at * ROW + 4
        parts.append(f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(label[:9])}</text>')
        for status in STATUSES:
            length = counts.get(status, 0) / most * (LONG - LABEL - 50)
            if length:
                parts.append(f'<rect class="{status}" x="{x:.1f}" y="{y}" width="{length:.1f}" height="{ROW - 8}"/>')
                x += length
        parts.append(f'<text x="{x + 8:.1f}" y="{y + 13}">{sum(counts.values())}</text>')
    return svg(parts, wide=LONG, high=max(1, len(rows)) * ROW + 4, title=title)


def scale(most: int) -> int:
    """The least even round number that is not below ``most``."""
    step = 2
    while step < most:
        step = step * 5 // 2 if str(step)[0] in "24" else step * 2
        step += step % 2
    return step


def svg(parts: list[str], *, wide: int, high: int, title: str) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(wide, high, title) + Markup("".join(parts)) + Markup("</svg>")
