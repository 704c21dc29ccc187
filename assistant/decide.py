"""Answer, ask back or refuse: what the hits support, as sure as the training bank says one may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexing import Hit, Index

from .confidence import Confidence, logit
from .evidence import Evidence
from .model import Status, Understanding
from .reading import Reader
from .retrieve import Retriever, asked_of
from .sides import Sides, opened

ELSEWHERE = 0.5  # chance from which on another year or district that answers is pointed out
MUCH_LESS = 2.0  # log odds by which one of two years named is less sure where it comes after the other
STRANGE = 2.5  # steps: of the 65 answerable follow-ups of eval/questions/written.jsonl one comes so near to a stranger by its own words


@dataclass(frozen=True, slots=True)
class Decision:
    """``groups`` are the hits to answer from: one group, or one for each side to tell apart; ``asked`` is what each is asked.

    ``outside`` is the district and year that no gazette covers, where that is why nothing is answered; ``elsewhere`` is the
    question as another year or district answers it.
    """

    status: Status
    groups: tuple[tuple[Hit, ...], ...] = ()
    asked: tuple[str, ...] = ()
    confidence: float = 0.0
    reason: str = ""
    hits: tuple[Hit, ...] = ()
    evidence: Evidence | None = None
    outside: str = ""
    elsewhere: Understanding | None = None


class Decider:
    """Decides over one index."""

    def __init__(self, index: Index, retriever: Retriever, reader: Reader) -> None:
        self.index, self.retriever, self.read = index, retriever, reader
        self.confidence = Confidence(index, reader)
        self.sides = Sides(index, retriever, self.confidence)
        Evidence("问", index=index)  # the tagger reads its dictionary now, not at the first question

    def __call__(self, understood: Understanding, hits: Sequence[Hit]) -> Decision:
        evidence = Evidence(understood.question, index=self.index)
        # Who asks about a lost cat after a school asks nothing more about the school.
        if not hits or understood.own and self.index.strange(understood.own) >= STRANGE:
            return self.refused(understood, hits, evidence=evidence, confidence=0.0)
        groups, asked = self.sides.compared(understood, hits)
        # Of what is compared each side holds its part of the question: the surest side counts.
        whole, *sides = [self.confidence(understood, evidence, group) for group in (hits, *(groups if len(groups) > 1 else ()))]
        confidence = max(whole, *sides, 0.0)
        if sides and understood.kind != "comparison":
            # 2021年买的房，2022年上学: of two years named one may only tell a story, and comes last.
            order = sorted(range(len(sides)), key=lambda at: logit(sides[at]) < logit(max(sides)) - MUCH_LESS)
            groups, asked = tuple(groups[at] for at in order), tuple(asked[at] for at in order)
        if len(groups) == 1 and self.retriever.of_another_year(understood, hits):
            return self.refused(understood, hits, evidence=evidence, confidence=min(confidence, self.confidence.threshold))
        # Who names a paper by its number asks about that paper: it is at hand.
        if confidence < self.confidence.threshold and not understood.notices:
            return self.refused(understood, hits, evidence=evidence, confidence=confidence)
        if len(groups) == 1 and understood.kind != "comparison":
            groups = self.sides.left_open(understood, hits, evidence=evidence)
            asked = (understood.question,) * len(groups)
            asks = len(groups) > 1
        else:
            asks = False
        return Decision(
            "clarify" if asks else "answered", groups=groups, asked=asked, confidence=confidence, evidence=evidence,
            hits=self.read.ranked(understood.question, hits, own=understood.own),
        )

    def refused(self, understood: Understanding, hits: Sequence[Hit], *, evidence: Evidence, confidence: float) -> Decision:
        """A refusal; one that says so where no paper of the district is of a year asked about."""
        covered = not understood.years or self.index.filters.mask(districts=understood.districts, years=understood.years).any()
        outside = "" if covered else "、".join(understood.districts) + "、".join(f"{year}年" for year in understood.years)
        return Decision(
            "refused", confidence=confidence, reason="outside" if outside else "unsupported", hits=tuple(hits),
            evidence=evidence, outside=outside, elsewhere=self.elsewhere(understood),
        )

    def elsewhere(self, understood: Understanding) -> Understanding | None:
        """The question asked of another year of its district, else of another district, where that surely answers it."""
        if understood.notices or understood.is_followup:
            return None
        # Who heads a district is asked of that district alone.
        wider = [understood.districts] * bool(understood.years) + [()] * (bool(understood.districts) and understood.kind != "personnel")
        for districts in wider:
            asked = replace(understood, question=opened(understood), districts=districts, years=())
            hits = self.retriever(asked)
            if hits and self.confidence(asked, Evidence(asked.question, index=self.index), hits) >= ELSEWHERE:
                return asked_of(asked, hits[0].passage, corpus=self.index.corpus)
        return None
