"""At which step a question went wrong, computed from its result and the parsed gazettes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from corpus import Corpus

from .figures import Judged
from .folding import squeezed
from .labels import names_clause
from .places import ENOUGH, covered, covers

Step = Literal["parse", "understand", "retrieve", "decide", "compose", "verify"]
STEPS: tuple[Step, ...] = ("parse", "understand", "retrieve", "decide", "compose", "verify")


def failed_step(one: Judged, *, corpus: Corpus) -> Step | None:
    """The first step that kept the question from being solved; ``None`` where it is solved.

    - parse: no clause, or one of another notice or heading, stands where a needed place is printed
    - understand: the search was narrowed to districts or notices that exclude a needed place
    - retrieve: the passages found do not hold every needed place
    - decide: refused what they answer, answered what nothing does, or did not ask back
    - compose: the places were found but not cited, or the words that matter not said, or too many said
    - verify: a quote that the gazette does not print
    """
    if one.solved:
        return None
    if not one.question.answerable:
        return "decide"
    if one.record.status == "refused" and one.record.reason not in ("", "unsupported"):
        return "understand"
    if one.record.citations and one.verbatim != 1.0:
        return "verify"
    if one.citation_recall < 1.0:
        if not all(parsed_rightly(one, at, corpus=corpus) for at in range(len(one.question.gold))):
            return "parse"
        if narrowed_away(one):
            return "understand"
        if one.found(one.retrieved) < 1.0:
            return "retrieve"
    if one.record.status == "refused" or one.question.type == "ambiguous":
        return "decide"
    return "compose"


def faults_of(judged: Iterable[Judged], *, corpus: Corpus) -> dict[str, list[str]]:
    """The ids of the questions that failed by what went wrong, in the order of the steps."""
    found: dict[str, list[str]] = {}
    for one in judged:
        if step := failed_step(one, corpus=corpus):
            found.setdefault(fault(one, step), []).append(one.question.id)
    return dict(sorted(found.items(), key=lambda item: (STEPS.index(item[0].partition("_")[0]), -len(item[1]))))


def fault(one: Judged, step: Step) -> str:
    """What went wrong at ``step``: a key of ``why`` in prompts/report.yaml."""
    if step == "understand":
        return "understand_refused" if one.refused else "understand_narrowed"
    if step == "retrieve":
        return "retrieve_some" if one.found(one.retrieved) else "retrieve_none"
    if step == "decide":
        if not one.question.answerable:
            return "decide_answered"
        if one.refused:
            return "decide_refused"
        return "decide_ask" if one.record.status == "answered" else "decide_sides"
    if step == "compose":
        if one.citation_recall < 1.0:
            return "compose_cut" if cut_short(one) else "compose_some" if one.citation_recall else "compose_cite"
        return "compose_facts" if one.missing_facts else "compose_long"
    return step


def cut_short(one: Judged) -> bool:
    """Whether a citation stands in a needed place but leaves out too much of it."""
    return any(
        not covers(places, one.cited) and any(span and span.touches(place) for span in one.cited for place in places)
        for places in one.evidence
    )


def parsed_rightly(one: Judged, at: int, *, corpus: Corpus) -> bool:
    """Whether clauses of the right notice and heading path hold gold place ``at``, wherever it is printed."""
    gold = one.question.gold[at]
    for place in one.evidence[at]:
        start, end = one.texts.printed(place)
        right = [
            clause for clause in corpus.clauses_at(place.source, start, end)
            if squeezed(clause.notice.key) == squeezed(gold.notice)
        ]
        spans = [one.texts.place(clause.notice.source, clause.start, clause.end) for clause in right]
        named = any(names_clause(clause.path, gold.clause) for clause in right)
        if named and covered(place, spans) >= ENOUGH:
            return True
    return False


def narrowed_away(one: Judged) -> bool:
    """Whether the districts or notices that the search was held to leave out one that is needed."""
    districts, notices = one.record.understanding.get("districts"), one.record.understanding.get("notices")
    for gold, places in zip(one.question.gold, one.evidence, strict=True):
        homes = {one.texts.gazettes[place.source].district for place in places}
        if districts and not homes & set(districts):
            return True
        if notices and squeezed(gold.notice) not in {squeezed(notice) for notice in notices} and not covers(places, one.retrieved):
            return True
    return False
