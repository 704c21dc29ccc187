"""The last gate: what is not printed where it says it is becomes the plain quotation, or goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus import Corpus

from .model import Answer, Citation
from .quotes import readable
from .tables import figures

MARKER = re.compile(r"\[(\d{1,2})\]")


def verified(answer: Answer, *, corpus: Corpus) -> Answer:
    """The answer with only what its citations prove; never raises. An answer of which nothing is left has no citation.

    A block of lines ends with the markers it stands on. It goes where one of them is not verbatim at its offsets or does
    not exist; it becomes the print itself where it holds a number that its answer's citations do not print.
    """
    if not answer.citations:
        return answer
    sound = {n: one for n, one in enumerate(answer.citations, start=1) if verbatim(one, corpus=corpus)}
    known = proved(answer, list(sound.values()))
    kept: list[str] = []
    for text, markers in blocks(answer.text):
        if any(n not in sound for n in markers):
            continue
        if figures(MARKER.sub("", text)) - known:
            text = "\n".join(f"{readable(sound[n].quote)}[{n}]" for n in markers)
        kept.append(text)
    return renumbered(answer, "\n".join(part for part in kept if part), sound)


def blocks(text: str) -> Iterator[tuple[str, list[int]]]:
    """The text's lines, each run together with the line that has its markers; a lead-in stands alone."""
    run: list[str] = []
    for line in text.split("\n"):
        markers = [int(n) for n in MARKER.findall(line)]
        if not markers and line.endswith("：") and not run:
            yield line, []
            continue
        run.append(line)
        if markers:
            yield "\n".join(run), markers
            run = []
    if run:
        yield "\n".join(run), []


def proved(answer: Answer, citations: Sequence[Citation]) -> set[str]:
    """The numbers that need no further proof: of the prints cited, their labels, titles and dates, and of the question."""
    known = figures(f"{answer.understanding.original} {answer.understanding.question}")
    for one in citations:
        for text in (one.quote, one.notice, one.title, one.date, "".join(one.clause), *one.quote.split()):
            known |= figures(text)
        known |= {number.lstrip("0") for number in figures(one.date)}
    return known | {number.rstrip("%") for number in known}


def renumbered(answer: Answer, text: str, sound: dict[int, Citation]) -> Answer:
    """Markers counted from 1 in the order of the text; what no marker names is no citation."""
    order: dict[int, int] = {}
    for n in map(int, MARKER.findall(text)):
        order.setdefault(n, len(order) + 1)
    text = MARKER.sub(lambda match: f"[{order[int(match[1])]}]", text)
    return replace(answer, text=text, citations=tuple(sound[n] for n in order))


def verbatim(citation: Citation, *, corpus: Corpus) -> bool:
    gazette = corpus.gazettes.get(citation.source)
    return bool(gazette and citation.quote.strip() and gazette.text[citation.start : citation.end] == citation.quote)
