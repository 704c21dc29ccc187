"""The sides of a question: the districts, years, papers or subjects it compares, or those it leaves open that each answer it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from corpus import Corpus
from corpus.errors import GazetteError
from indexing import Hit, Index

from .confidence import Confidence, logit
from .evidence import Evidence
from .model import Understanding
from .retrieve import Retriever, asked_of, yearly

Group = tuple[Hit, ...]

PER_SIDE = 6  # hits of a side
CANDIDATES = 20  # of a sister, among which the counterpart of the best hit is looked for
ALIKE = 0.3  # weight (log odds for a step of nearness) of being worded like the best hit
MOST = 4  # sides of an open question
# What tells whether another side answers an open question too: how much nearer its best hit is than the first side's (steps), how
# much more of the question's weight it covers, the log odds that it answers, how much more they are, whether it is a notice
# of the same matter.
BESIDE = ("nearer", "covers_more", "odds", "surer", "same_matter")
CLARIFYING = Path(__file__).parent / "clarifying.yaml"
# What two things are compared: X和Y, X与Y, X跟Y, X、Y, X Y; what follows them is asked of both.
COORDINATE = re.compile(
    r"(?<![^，,。；;？?\s、和与跟])(?=(?P<left>[^，,。；;？?\s、和与跟]{2,24})(?P<joined>，?(?:和|与|跟|还是)|、|\s)"
    r"(?P<right>[^，,。；;？?\s、和与跟]{2,24}?)(?:[各由在是有哪怎谁多都，,。；;？?\s、和与跟]|的|分别|之间|相比|比较|$))"
)
YEAR = re.compile(r"(?:19|20)\d{2}年?度?")


class Sides:
    """Finds the sides of questions over one index. Holds a logistic regression over ``BESIDE``, written by
    ``python -m benchmarks.clarify``."""

    def __init__(self, index: Index, retriever: Retriever, confidence: Confidence) -> None:
        self.index, self.retriever, self.confidence = index, retriever, confidence
        self._at = {passage.id: at for at, passage in enumerate(index.passages)}
        self.sisters = sisters(index.corpus)
        table = yaml.safe_load(CLARIFYING.read_text("utf-8"))
        if set(table["weights"]) != set(BESIDE):
            odd = ", ".join(sorted(set(table["weights"]) ^ set(BESIDE)))
            raise GazetteError(f"{CLARIFYING}: weights do not fit the features ({odd}); run `python -m benchmarks.clarify`")
        self.weights, self.bias = np.asarray([table["weights"][name] for name in BESIDE]), table["bias"]
        self.least = logit(table["threshold"])

    def compared(self, understood: Understanding, hits: Sequence[Hit]) -> tuple[tuple[Group, ...], tuple[str, ...]]:
        """A group for each side that the question names, in its order, with what is asked of it; one group where it names none apart."""
        sides: list[Group] = []
        asked: list[str] = []
        if len(understood.notices) > 1:
            sides = [self._side(understood, notices=(key,)) for key in understood.notices]
        elif len(understood.districts) > 1:
            sides = [self._of_district(understood, name) for name in understood.districts]
        elif len(understood.years) > 1 and not self._one_passage(hits, understood.years):
            sides = [self._of_year(understood, year) for year in understood.years]
        elif understood.kind == "comparison" and not understood.notices:
            asked = subjects(understood.question)
            sides = self._of_subjects(understood, asked)
        asked = asked or [understood.question] * len(sides)
        found = [(side, question) for side, question in zip(sides, asked, strict=True) if side]
        if len({side[0].passage.id for side, _ in found}) > 1:
            return tuple(side for side, _ in found), tuple(question for _, question in found)
        return (tuple(hits),), (understood.question,)

    def left_open(self, understood: Understanding, hits: Sequence[Hit], *, evidence: Evidence) -> tuple[Group, ...]:
        """A group for each district or year that the question leaves open and that answers it, the best hit's first; one group
        where only one does."""
        first, *rivals = self.rivals(understood, hits)
        if not rivals:
            return (tuple(hits),)
        odds = self.bias + self.beside(understood, first, rivals, evidence=evidence) @ self.weights
        order = [at for at in np.argsort(-odds, kind="stable") if odds[at] >= self.least]
        kept = [side for side in _one_each([rivals[at] for at in order], beside=first[0]) if self.answers_alone(understood, side)]
        return (first, *kept[: MOST - 1]) if kept else (tuple(hits),)

    def rivals(self, understood: Understanding, hits: Sequence[Hit]) -> list[Group]:
        """The best hit's side of an open question, and the best of each notice of its matter and of each other district."""
        top = hits[0]
        own = tuple(hit for hit in hits if hit.passage.notice == top.passage.notice)[:PER_SIDE]
        if understood.notices or understood.cited or (understood.districts and understood.years):
            return [own]
        found = [self._sister(understood, key, top=top) for key in sorted(self.sisters.get(top.passage.notice, ()))]
        if not understood.districts:
            for district in self.index.filters.districts:
                if district and district != top.passage.district:
                    found.append(self._side(understood, districts=(district,)))
        # Of a notice of the same matter the counterpart of the best hit goes before what its district has otherwise.
        return [own, *{side[0].passage.notice: side for side in reversed(found) if side}.values()]

    def beside(self, understood: Understanding, first: Group, rivals: Sequence[Group], *, evidence: Evidence) -> np.ndarray:
        """Features ``(len(rivals), len(BESIDE))`` fp64 of each rival beside the first side."""
        near, covers, odds = zip(*(
            (side[0].dense or 0.0, evidence.coverage(side[0].passage.embedded_text), logit(self.confidence(understood, evidence, side)))
            for side in (first, *rivals)
        ), strict=True)
        same = self.sisters.get(first[0].passage.notice, ())
        return np.asarray([
            (near[at] - near[0], covers[at] - covers[0], odds[at], odds[at] - odds[0], side[0].passage.notice in same)
            for at, side in enumerate(rivals, 1)
        ], np.float64)

    def answers_alone(self, understood: Understanding, side: Group) -> bool:
        """Whether the question would be answered if it named the side's district and year, as who chooses the side asks it."""
        alone = asked_of(understood, side[0].passage, corpus=self.index.corpus)
        hits = self.retriever(alone)
        return bool(hits) and self.confidence(alone, Evidence(alone.question, index=self.index), hits) >= self.confidence.threshold

    def _sister(self, understood: Understanding, key: str, *, top: Hit) -> Group:
        """The counterpart of the best hit within a notice of the same matter."""
        side = self._like(top, self._side(replace(understood, years=()), notices=(key,), limit=CANDIDATES))
        if not side:
            return ()
        if understood.districts and side[0].passage.district not in understood.districts:
            return ()
        if understood.years and not any(year in side[0].passage.years for year in understood.years):
            return ()
        return side

    def _side(
        self, understood: Understanding, *, districts: Sequence[str] | None = None, years: Sequence[int] | None = None,
        notices: Sequence[str] | None = None, limit: int = PER_SIDE,
    ) -> Group:
        return tuple(self.retriever.side(understood, districts=districts, years=years, notices=notices, limit=limit))

    def _like(self, top: Hit, side: Group) -> Group:
        """Hits of a sister notice, those first that answer the question and are worded like the hit that answers it best."""
        if not side:
            return ()
        vectors = self.index.vectors.reconstruct(np.asarray([self._at[hit.passage.id] for hit in (top, *side)]))
        step = self.index.nearness.step
        worth = [hit.score + ALIKE * float(likeness) / step for hit, likeness in zip(side, vectors[1:] @ vectors[0], strict=True)]
        return tuple(side[at] for at in np.argsort(-np.asarray(worth), kind="stable")[:PER_SIDE])

    def _of_district(self, understood: Understanding, district: str) -> Group:
        """The question asked of one district, in the year said with it: 朝阳2021年和西城2022年."""
        question = understood.question
        said = re.search(rf"{_stem(district)}[区县市]?[^，。；？]{{0,2}}?((?:19|20)\d{{2}})", question)
        years = (int(said[1]),) if said else tuple(year for year in understood.years if self._has(district, year))
        for other in understood.districts:
            if other != district:
                question = re.sub(rf"(?:和|与|跟|同|、)?{_stem(other)}[区县市]?", "", question)
        for year in understood.years:
            if year not in years:
                question = re.sub(rf"{year}年?度?", "", question)
        return self._side(replace(understood, question=question), districts=(district,), years=years)

    def _has(self, district: str, year: int) -> bool:
        return bool(self.index.filters.mask(districts=(district,), years=(year,)).any())

    def _of_year(self, understood: Understanding, year: int) -> Group:
        question = understood.question
        for other in understood.years:
            if other != year:
                question = re.sub(rf"(?:和|与|跟|同|、|到|至)?{other}年?度?", "", question)
        strict = self.index.search(question, districts=understood.districts, years=(year,), limit=PER_SIDE)
        return tuple(strict) or self._side(replace(understood, question=question), years=(year,))

    def _one_passage(self, hits: Sequence[Hit], years: Sequence[int]) -> bool:
        """Whether the best hit itself speaks of all the years and its notice is of none alone: a plan's figures for 2020 and 2030."""
        if not hits or not all(str(year) in hits[0].passage.text for year in years):
            return False
        notice = self.index.corpus.notice(hits[0].passage.notice)
        return notice is None or not yearly(notice)

    def _of_subjects(self, understood: Understanding, asked: Sequence[str]) -> list[Group]:
        groups: list[Group] = []
        for one in asked:
            group = self._side(replace(understood, question=one))
            # What the first subject is answered by is not the answer to the second.
            taken = {side[0].passage.id for side in groups}
            groups.append(tuple(sorted(group, key=lambda hit: hit.passage.id in taken)) if group[1:] and group[0].score - group[1].score < 1.0 else group)
        return groups


def subjects(question: str) -> list[str]:
    """The question asked of each of two things it joins, without the other: of those joined, the two most alike.

    A space joins them only where they are: 养老驿站 A型 C型 床位.
    """
    def likeness(found: re.Match[str]) -> float:
        left, right = (set(re.findall(r"\w", found[name])) for name in ("left", "right"))
        if YEAR.match(found["left"]) or not left or not right:
            return 0.0  # years are told apart before
        return len(left & right) / min(len(left), len(right)) + (not found["joined"].isspace())

    best = max(COORDINATE.finditer(question), key=likeness, default=None)
    if best is None or not likeness(best):
        return []
    left, right = best["left"], best["right"]
    # 驿站A型和C型床位: what is joined ends alike, 驿站 and 床位 are said of both.
    length = right.find(left[-1]) + 1 or len(right)
    shared = left[:-length] if right[length - 1] == left[-1] else ""
    before, after = question[: best.start("left")] + shared, question[best.start("right") + length :]
    return [before + left[len(shared) :] + after, before + right[:length] + after]


def opened(understood: Understanding) -> str:
    """The question without its districts and years."""
    question = YEAR.sub("", understood.question)
    for district in understood.districts:
        question = re.sub(rf"(?:北京市?)?{_stem(district)}[区县市]?的?", "", question)
    return question.strip(" ，,的")


def _stem(district: str) -> str:
    return re.escape(re.sub(r"(?<=..)[区县市]$", "", district))


def sisters(corpus: Corpus) -> dict[str, set[str]]:
    """Of each notice those of the same matter, of another district or year; keys of the corpus."""
    return {key: {one.target for one in found if one.kind in ("sister", "later", "earlier")} for key, found in corpus.relations.items()}


def _one_each(sides: Sequence[Group], *, beside: Hit) -> list[Group]:
    """One side for each district and year, the first."""
    kept = {(beside.passage.district, beside.passage.years): ()}
    for side in sides:
        kept.setdefault((side[0].passage.district, side[0].passage.years), side)
    return [side for side in kept.values() if side]
