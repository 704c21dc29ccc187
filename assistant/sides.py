"""The sides of a question: the districts, years, papers or subjects it compares, or those it leaves open that each answer it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from indexing import Hit, Index

from .evidence import Evidence
from .model import Understanding
from .retrieve import Retriever, yearly

Group = tuple[Hit, ...]

PER_SIDE = 6  # hits of a side
CANDIDATES = 20  # of a sister, among which the counterpart of the best hit is looked for
ALIKE = 0.3  # weight (log odds for a step of nearness) of being worded like the best hit
MOST = 4  # sides of an open question
# How much less near (steps) the best passage of another district or year may be and still be an answer of its own:
# less for a stranger than for a notice of the same matter.
STRANGER, SISTER = 2.0, 3.5
LESS = 0.3  # share of the question's weight that a stranger may cover less than the best hit
# What two things are compared: X和Y, X与Y, X跟Y, X、Y, X Y; what follows them is asked of both.
COORDINATE = re.compile(
    r"(?<![^，,。；;？?\s、和与跟])(?=(?P<left>[^，,。；;？?\s、和与跟]{2,24})(?P<joined>，?(?:和|与|跟|还是)|、|\s)"
    r"(?P<right>[^，,。；;？?\s、和与跟]{2,24}?)(?:[各由在是有哪怎谁多都，,。；;？?\s、和与跟]|的|分别|之间|相比|比较|$))"
)
YEAR = re.compile(r"(?:19|20)\d{2}年?")


class Sides:
    """Finds the sides of questions over one index."""

    def __init__(self, index: Index, retriever: Retriever) -> None:
        self.index, self.retriever = index, retriever
        self._at = {passage.id: at for at, passage in enumerate(index.passages)}
        self.sisters = {
            key: {one.target for one in found if one.kind in ("sister", "later", "earlier")} for key, found in index.corpus.relations.items()
        }

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
        """A group for each district or year that the question leaves open and that answers it; one group where only one does."""
        top = hits[0]
        if understood.notices or understood.cited or (understood.districts and understood.years):
            return (tuple(hits),)
        least = evidence.coverage(top.passage.embedded_text) - LESS
        rivals: list[Group] = []
        for key in sorted(self.sisters.get(top.passage.notice, ())):
            rivals.append(self._sister(understood, key, top=top))
        if not understood.districts:
            for district in self.index.filters.districts:
                if district and district != top.passage.district:
                    side = self._side(understood, districts=(district,))
                    if side and _near(side[0], top, STRANGER) and evidence.coverage(side[0].passage.embedded_text) >= least:
                        rivals.append(side)
        kept = _one_each([side for side in rivals if side], beside=top, understood=understood)
        if not kept:
            return (tuple(hits),)
        own = tuple(hit for hit in hits if hit.passage.notice == top.passage.notice)[:PER_SIDE]
        return (own, *kept[: MOST - 1])

    def _sister(self, understood: Understanding, key: str, *, top: Hit) -> Group:
        """The counterpart of the best hit within a notice of the same matter."""
        side = self._like(top, self._side(replace(understood, years=()), notices=(key,), limit=CANDIDATES))
        if not side or not _near(side[0], top, SISTER):
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


def _stem(district: str) -> str:
    return re.escape(re.sub(r"(?<=..)[区县市]$", "", district))


def _near(hit: Hit, top: Hit, margin: float) -> bool:
    return (hit.dense or 0.0) >= (top.dense or 0.0) - margin


def _one_each(sides: Sequence[Group], *, beside: Hit, understood: Understanding) -> list[Group]:
    """One side for each district and year, the nearest, the best first."""
    seen = {(beside.passage.district, beside.passage.years)}
    kept = []
    for side in sorted(sides, key=lambda side: -(side[0].dense or 0.0)):
        edition = (side[0].passage.district, side[0].passage.years)
        if edition not in seen:
            seen.add(edition)
            kept.append(side)
    return kept
