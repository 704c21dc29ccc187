"""Hits to an answer made of the clauses' own words, each sentence with its citation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus import Clause, Corpus
from indexing import Hit, Index

from .decide import Decision
from .evidence import Evidence
from .model import Answer, Choice, Citation, Understanding
from .quotes import Quote, quote_of
from .texts import texts

BUDGET = {"list": 560, "comparison": 760, "clarify": 760}  # characters of an answer, about
ORDINARY = 400
MOST = 3  # quotations in an ordinary answer
QUIET = {"title", "number", "addressee", "heading", "attachment", "signature", "date"}
IN_FORCE = re.compile(r"(?:施行|实施|执行|生效|有效期|废止)")
FROM = re.compile(r"自.{0,40}起|即日起|有效期|至.{0,20}止|废止")


def composed(understood: Understanding, decision: Decision, *, index: Index) -> Answer:
    """The answer to a question that the hits support."""
    corpus, evidence = index.corpus, decision.evidence
    several = len(decision.groups) > 1
    kind = "clarify" if decision.status == "clarify" else "comparison" if several else understood.kind
    budget = BUDGET.get(kind, ORDINARY)
    quotes: list[Quote] = []
    for group in decision.groups:
        room = (budget - 40) // len(decision.groups)
        quotes += chosen(group, corpus=corpus, evidence=evidence, room=room, most=1 if several else MOST)
    if understood.kind == "validity":
        quotes = validity_quotes(decision.groups[0][0], corpus=corpus) or quotes
    citations = tuple(citation(quote, corpus=corpus) for quote in quotes)
    return Answer(
        status=decision.status, text=written(quotes, citations, decision=decision, corpus=corpus),
        understanding=understood, citations=citations, retrieved=decision.hits, confidence=decision.confidence,
        choices=choices(understood, decision) if decision.status == "clarify" else (),
    )


def chosen(group: Sequence[Hit], *, corpus: Corpus, evidence: Evidence, room: int, most: int) -> list[Quote]:
    """The quotations of a group that fit in ``room`` characters, best first."""
    quotes: list[Quote] = []
    for hit in group:
        for clause in leaves(hit, corpus=corpus):
            if any(clause.start < quote.end and quote.start < clause.end for quote in quotes):
                continue
            quote = quote_of(clause, corpus=corpus, score=evidence.coverage)
            if quotes and (len(quotes) >= most or sum(len(q.text) for q in quotes) + len(quote.text) > room):
                return quotes
            quotes.append(quote)
    return quotes


def leaves(hit: Hit, *, corpus: Corpus) -> list[Clause]:
    clauses = corpus.clauses_at(hit.passage.source, hit.passage.start, hit.passage.end)
    telling = [clause for clause in clauses if clause.kind not in QUIET]
    return telling or list(clauses)


def validity_quotes(hit: Hit, *, corpus: Corpus) -> list[Quote]:
    """The clauses of the hit's notice that say when it holds, and its signature date."""
    notice = corpus.notice(hit.passage.notice)
    clauses = corpus.clauses_of(notice) if notice else ()
    telling = [c for c in clauses if c.kind == "text" and len(c.text) < 400 and IN_FORCE.search(c.text) and FROM.search(c.text)]
    signed = [c for c in clauses if c.kind == "date"][:1]
    return [Quote(c, c.start, c.end, c.text, 1.0) for c in telling[-2:] + signed] if telling else []


def citation(quote: Quote, *, corpus: Corpus) -> Citation:
    notice = quote.clause.notice
    return Citation(
        notice=notice.key, title=notice.title, date=notice.signed.isoformat() if notice.signed else "",
        clause=quote.clause.path, source=notice.source, start=quote.start, end=quote.end,
        quote=corpus.gazettes[notice.source].text[quote.start : quote.end],
    )


def written(quotes: Sequence[Quote], citations: Sequence[Citation], *, decision: Decision, corpus: Corpus) -> str:
    """The answer's text: a lead-in, then each quotation with its marker."""
    words = texts("answers")
    lines, last = [], None
    for n, quote in enumerate(quotes, start=1):
        notice = quote.clause.notice
        if notice is not last:
            number = f"（{notice.number}）" if notice.number else ""
            lines.append(words["lead_in"].format(district=notice.district, title=notice.title, number=number))
            last = notice
        lines.append(quote.text + words["marker"].format(n=n))
    if decision.status == "clarify":
        lines.append(words["clarify_question"])
    return "\n".join(lines)


def choices(understood: Understanding, decision: Decision) -> tuple[Choice, ...]:
    words = texts("answers")
    found = []
    for group in decision.groups:
        passage = group[0].passage
        year = passage.years[0] if passage.years else ""
        label = words["choice"].format(district=passage.district, year=year)
        found.append(Choice(label, f"{passage.district}{year}年 {understood.question}"))
    return tuple(found)


def refused(understood: Understanding, *, corpus: Corpus, reason: str, hits: Sequence[Hit] = ()) -> Answer:
    """A civil refusal that says what is covered."""
    words = texts("answers")
    text = words["refused"][reason].format(
        covered=covered(corpus), place=understood.outside, limit=500
    )
    return Answer("refused", text, understood, retrieved=tuple(hits), reason=reason)


def covered(corpus: Corpus) -> str:
    """The districts and years at hand, for a person."""
    years: dict[str, set[int]] = {}
    for notice in corpus.notices:
        if notice.year:
            years.setdefault(notice.district, set()).add(notice.year)
    shape = texts("answers")["covered"]
    return "、".join(
        shape.format(district=district, years="、".join(f"{year}年" for year in sorted(found)))
        for district, found in years.items()
    )
