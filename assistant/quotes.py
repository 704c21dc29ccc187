"""A clause to the sentences of it that answer, each at its offsets."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from corpus import Clause, Corpus

SENTENCE = re.compile(r"[^。；！？;\n]*(?:[。；！？;]+[”’」』）)]*|\n{2,}|\n|$)")
PAGE_BREAK = re.compile(r"\s*\n\s*")
MARKUP = re.compile(r"\*\*|</?(?:p|b|sub|sup|div|span|br)\b[^<>\n]{0,60}>|^[#>\-\s]{1,8}")
LONG = 180  # characters a clause may have and still be quoted whole
OPENING = re.compile(r"^.{0,60}?[：:]$")


@dataclass(frozen=True, slots=True)
class Quote:
    """``text`` is what is shown; ``gazette.text[start:end]`` is the print it stands for."""

    clause: Clause
    start: int
    end: int
    text: str
    score: float


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


def quote_of(clause: Clause, *, corpus: Corpus, score: Callable[[str], float], limit: int = LONG) -> Quote:
    """The clause whole where it is short, else the run of its sentences that scores best within ``limit`` characters."""
    if clause.kind == "row" or len(clause.text) <= limit:
        return Quote(clause, clause.start, clause.end, clause.text, score(clause.text))
    printed = corpus.gazettes[clause.notice.source].text[clause.start : clause.end]
    spans = sentences(printed)
    best = max(range(len(spans)), key=lambda i: (score(printed[spans[i][0] : spans[i][1]]), -i))
    first = last = best
    while True:
        room = limit - (spans[last][1] - spans[first][0])
        wider = [(score(printed[spans[i][0] : spans[i][1]]), i) for i in (first - 1, last + 1) if 0 <= i < len(spans)]
        wider = [(value, i) for value, i in wider if spans[i][1] - spans[i][0] <= room]
        if not wider:
            break
        _, i = max(wider, key=lambda pair: (pair[0], pair[1]))
        first, last = min(first, i), max(last, i)
    start, end = spans[first][0], spans[last][1]
    text = readable(printed[start:end])
    return Quote(clause, clause.start + start, clause.start + end, text, score(text))


def readable(printed: str) -> str:
    """Print without markup and page breaks."""
    return MARKUP.sub("", PAGE_BREAK.sub("", printed)).strip()
