"""Whether a question file is fit to measure with: fields, verbatim evidence, right notices, duplicates."""

from __future__ import annotations

from pathlib import Path

from corpus import Corpus, GazetteError

from .folding import folded, squeezed
from .places import Texts
from .questions import Question, numbered_lines, parsed

LEAST = 4  # characters of evidence: less is found anywhere


def problems(path: Path, *, corpus: Corpus) -> list[str]:
    """Every fault as ``file:line: what is wrong``, in order; an empty list is a good file.

    Raises ``GazetteError`` where the file cannot be read at all.
    """
    texts = Texts(corpus.gazettes)
    found: list[str] = []
    ids: dict[str, int] = {}
    asked: dict[tuple[str, ...], int] = {}
    for at, line in numbered_lines(path):
        place = f"{path}:{at}"
        try:
            question = parsed(line, place=place)
        except GazetteError as error:
            found.append(str(error))
            continue
        if question.id in ids:
            found.append(f"{place}: id {question.id!r} stands at line {ids[question.id]} already")
        ids.setdefault(question.id, at)
        if question.draft:
            found.append(f"{place}: a draft ({question.draft.get('reason', 'unknown')}): finish it, then take 'draft' out")
        words = (*(folded(turn) for turn in question.history), folded(question.question))
        if words in asked and question.question.strip():
            found.append(f"{place}: the same question stands at line {asked[words]}")
        asked.setdefault(words, at)
        found += [f"{place}: {fault}" for fault in faults(question, corpus=corpus, texts=texts)]
    if not ids and not found:
        found.append(f"{path}: no question in it")
    return found


def faults(question: Question, *, corpus: Corpus, texts: Texts) -> list[str]:
    """What is wrong with one question that has all its fields."""
    found = []
    if not question.question.strip():
        found.append("the question is empty; write it")
    refused = question.type in ("unanswerable", "adversarial")
    if refused == question.answerable:
        found.append(f"type {question.type} and answerable {str(question.answerable).lower()} contradict each other")
    if not question.answerable and question.gold:
        found.append("a question that must be refused has 'gold'")
    if question.type == "followup" and not question.history:
        found.append("a follow-up needs 'history'")
    if question.answerable and not question.gold:
        found.append("an answerable question needs 'gold'; one that nothing answers has \"answerable\": false and type unanswerable")
    if question.type == "ambiguous" and len({squeezed(gold.notice) for gold in question.gold}) < 2:
        found.append("an ambiguous question needs 'gold' of two notices or more")
    if question.answerable and not question.key_facts and question.type != "ambiguous":
        found.append("no 'key_facts': nothing would tell a right answer from a wrong one")
    known = folded("\n".join((question.answer, *(gold.evidence for gold in question.gold))))
    found += [
        f"key fact {fact!r} stands neither in the evidence nor in the reference answer"
        for fact in question.key_facts if question.answerable and folded(fact) not in known
    ]
    for number, gold in enumerate(question.gold, start=1):
        found += [f"gold {number}: {fault}" for fault in gold_faults(gold, corpus=corpus, texts=texts)]
    return found


def gold_faults(gold, *, corpus: Corpus, texts: Texts) -> list[str]:
    notice = corpus.notice(gold.notice)
    if notice is None:
        return [f"no notice {gold.notice!r} in the gazettes"]
    if len(squeezed(gold.evidence)) < LEAST:
        return [f"evidence of fewer than {LEAST} characters"]
    places = texts.find(gold.evidence)
    if not places:
        return [f"evidence is not verbatim in the gazettes: {squeezed(gold.evidence)[:40]}…"]
    within = texts.place(notice.source, notice.start, notice.end)
    if within is not None and not any(within.touches(place) for place in places):
        return [f"evidence stands outside {gold.notice}"]
    return []
