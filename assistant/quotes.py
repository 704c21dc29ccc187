"""A quotation: what is shown of a clause and the print it stands for; sentences of a clause at their offsets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus import Clause, Notice

SENTENCE = re.compile(r"[^。；！？;\n]*(?:[。；！？;]+[”’」』）)]*|\n{2,}|\n|$)")
PAGE_BREAK = re.compile(r"\s*\n\s*")
MARKUP = re.compile(r"\*\*|</?(?:p|b|sub|sup|div|span|br)\b[^<>\n]{0,60}>|^[#>\-\s]{1,8}")
MARKER = "\0{n}\0"  # stands in a line where the marker of the n-th further quotation belongs


@dataclass(frozen=True, slots=True)
class Quote:
    """``lines`` is what is shown; ``gazette.text[start:end]`` is the print it stands for; ``path`` names its place.

    ``score`` is the probability that the answer stands in it. ``further`` are printed places ``(start, end)`` of single
    cells that are cited by themselves; ``lines`` name them by ``MARKER``.
    """

    notice: Notice
    path: tuple[str, ...]
    start: int
    end: int
    lines: tuple[str, ...]
    score: float = 0.0
    further: tuple[tuple[int, int], ...] = ()

    @property
    def length(self) -> int:
        return sum(map(len, self.lines))

    def touches(self, source: str, start: int, end: int) -> bool:
        return self.notice.source == source and self.start < end and start < self.end


def sentences(printed: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a printed clause; white space belongs to none."""
    spans = []
    for match in SENTENCE.finditer(printed):
        start, end = match.span()
        while start < end and printed[start].isspace():
            start += 1
        while end > start and printed[end - 1].isspace():
            end -= 1
        if end > start:
            spans.append((start, end))
    return joined_over_breaks(printed, spans)


def joined_over_breaks(printed: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A sentence that a page break cut is one again."""
    whole: list[tuple[int, int]] = []
    for start, end in spans:
        if whole and printed[whole[-1][1] - 1] not in "。；！？;”）)：:":
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole


def readable(printed: str) -> str:
    """Print without markup and page breaks."""
    return MARKUP.sub("", PAGE_BREAK.sub("", printed)).strip()


def window(lengths: Sequence[float], weights: Sequence[float], *, around: int, limit: float) -> tuple[int, int]:
    """First and last of the run of neighbours around ``around`` that weighs most and has at most ``limit`` characters."""
    first = last = around
    room = limit - lengths[around]
    while True:
        sides = [(weights[at], -abs(at - around), at) for at in (first - 1, last + 1) if 0 <= at < len(lengths) and lengths[at] <= room]
        if not sides:
            return first, last
        _, _, at = max(sides)
        first, last, room = min(first, at), max(last, at), room - lengths[at]


def common(clauses: Sequence[Clause]) -> tuple[str, ...]:
    """The headings that all clauses share."""
    paths = [clause.path for clause in clauses]
    shared = 0
    while all(len(path) > shared and path[shared] == paths[0][shared] for path in paths):
        shared += 1
    return paths[0][:shared]


def ordered(quotes: Sequence[Quote], *, as_printed: bool) -> list[Quote]:
    """By notice, the likeliest first; within a notice as printed, or as they come."""
    notices = {quote.notice.key: at for at, quote in reversed(list(enumerate(quotes)))}
    return sorted(quotes, key=lambda quote: (notices[quote.notice.key], quote.start if as_printed else 0))
