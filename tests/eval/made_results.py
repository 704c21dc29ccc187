"""Results made right on purpose, to be spoilt in one way at a time."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from eval.places import Texts
from eval.questions import Question
from eval.records import Cited, Record, Span

ROOT = Path(__file__).parents[2]
DEVELOPMENT = ROOT / "eval" / "questions" / "dev.jsonl"
FIXED = ROOT / "tests" / "data" / "eval"


def right(question: Question, texts: Texts) -> Record:
    """The result of an assistant that finds, cites and says exactly what is needed."""
    if not question.answerable:
        return Record(question.id, status="refused", answer="公报里没有。")
    cited = []
    for gold in question.gold:
        place = texts.find(gold.evidence)[0]
        start, end = texts.printed(place)
        cited.append(Cited(gold.notice, "题目", "", gold.clause, place.source, start, end, texts.raw[place.source][start:end]))
    return Record(
        question.id, status="clarify" if question.type == "ambiguous" else "answered", answer="；".join(question.key_facts),
        citations=tuple(cited), retrieved=tuple(Span(item.source, item.start, item.end, 1.0) for item in cited), confidence=0.9,
    )


def changed(record: Record, **fields: object) -> Record:
    return dataclasses.replace(record, **fields)
