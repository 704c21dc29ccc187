"""A decision to an answer made of the clauses' own words: quotations chosen side by side, their citations, what is in force."""

from __future__ import annotations

from collections.abc import Sequence

from corpus import Clause, Corpus
from indexing import Index

from .decide import Decision
from .model import Answer, Citation, Understanding
from .present import Presenter
from .quotes import Quote
from .reading import Reader
from .selection import RELATED, Selector

ROOM = {"list": 520, "comparison": 640, "side": 640}  # characters quoted in an answer, about; the lead-in comes on top
ORDINARY = 360
MOST = 3  # quotations in an answer that has one side
FEWEST = 2  # sides of an answer that asks back
LONGEST = 700  # characters quoted in it; further sides are left to the choices
EACH = 2  # quotations of a side where there are several


class Composer:
    """Thread-safe; holds what is known of the corpus before any question."""

    def __init__(self, index: Index, reader: Reader) -> None:
        self.corpus = index.corpus
        self.select, self.presenter = Selector(index, reader), Presenter(index.corpus)

    def __call__(self, understood: Understanding, decision: Decision) -> Answer:
        """The answer to a question that the hits support."""
        several = len(decision.groups) > 1
        kind = "side" if several else understood.kind
        room = ROOM.get(kind, ORDINARY) // len(decision.groups)
        most = 1 if decision.status == "clarify" else EACH if several else MOST
        sides: list[tuple[list[Quote], list[Clause]]] = []
        for group, asked in zip(decision.groups, decision.asked, strict=True):
            taken = [quote for side, _ in sides for quote in side]
            sides.append(self.select(group, asked, own=understood.own, kind=kind, room=room, most=most, taken=taken))
        while decision.status == "clarify" and len(sides) > FEWEST and sum(one.length for side, _ in sides for one in side) > LONGEST:
            sides.pop()
        quotes = [quote for side, _ in sides for quote in side]
        runners = [clause for _, following in sides for clause in following][:RELATED]
        text, citations = self.cited(quotes, status=decision.status)
        return Answer(
            status=decision.status, text=text, understanding=understood, citations=citations, retrieved=decision.hits,
            validity=self.presenter.validity(quotes, left=understood.left), confidence=decision.confidence,
            related=tuple(citation(clause, clause.start, clause.end, corpus=self.corpus) for clause in runners),
            choices=self.presenter.choices(understood, decision.groups) if decision.status == "clarify" else (),
        )

    def cited(self, quotes: Sequence[Quote], *, status: str) -> tuple[str, tuple[Citation, ...]]:
        """The text with its markers, and what they stand for, in the order of the text."""
        citations: list[Citation] = []
        lines: list[tuple[Quote, str]] = []
        silent: list[int] = []
        for quote in quotes:
            if lines and quote.lines and quote.lines == lines[-1][0].lines:
                continue  # a row that is printed twice
            places = [len(citations) + 1 + at for at in range(len(quote.further))]
            citations += [citation(quote, start, end, corpus=self.corpus) for start, end in quote.further]
            citations.append(citation(quote, quote.start, quote.end, corpus=self.corpus))
            if not quote.lines:  # a table's header: its marker stands with the first row below
                silent.append(len(citations))
                continue
            lines.append((quote, self.presenter.marked(quote, [*silent, len(citations)], places)))
            silent = []
        return self.presenter.written(lines, status=status), tuple(citations)


def citation(quote: Quote | Clause, start: int, end: int, *, corpus: Corpus) -> Citation:
    notice = quote.notice
    return Citation(
        notice=notice.key, title=notice.title, date=notice.signed.isoformat() if notice.signed else "", clause=quote.path,
        source=notice.source, start=start, end=end, quote=corpus.gazettes[notice.source].text[start:end],
    )
