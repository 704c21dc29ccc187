"""Fit what decides between answering and refusing, and write ``assistant/calibration.yaml``.

    python -m benchmarks.calibrate            # fit on all gazettes and write
    python -m benchmarks.calibrate --check    # each notice's questions left out in turn (ten folds); nothing written

Supported questions are those of the training bank asked of the whole index.
Unsupported ones are made of them, so that they are near misses and not
strangers: the same question with the notice that answers it taken away and its
sisters with it; with only the passages that hold the evidence taken away (the
matter is covered, the detail is not); of another district or year, where no
sister answers it; and the questions of ``unanswerable.txt``, of kinds that no
removal makes. Everything is seeded, a run repeats itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from assistant.evidence import Evidence, support
from assistant.scope import Scope
from corpus.relations import relations
from indexing import Hit, Index

from .retrieval import Question, Texts

SEED = 20
UNANSWERABLE = Path(__file__).parent / "unanswerable.txt"
TODAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Example:
    """What one asking looked like: ``features``, how it was made, which notice it is about, whether an answer was to be had."""

    features: np.ndarray
    made: str
    notice: str
    question: str
    supported: bool


class Maker:
    """Makes examples of bank questions."""

    def __init__(self, index: Index) -> None:
        self.index, self.texts, self.scope = index, Texts(index), Scope(index.corpus)
        self.notice = np.asarray([passage.notice for passage in index.passages])
        self.district = np.asarray([passage.district for passage in index.passages])
        self.sisters: dict[str, set[str]] = {}
        for relation in relations(index.corpus):
            if relation.kind in ("sister", "later", "earlier"):
                self.sisters.setdefault(relation.notice, set()).add(relation.target)

    def examples(self, questions: Sequence[Question]) -> Iterator[Example]:
        chance = random.Random(SEED)
        for question in questions:
            places = [place for piece in question.evidence for place in self.texts.find(piece)]
            gold = [at for at, (source, a, b) in enumerate(self.texts.spans)
                    if any(source == s and a < end and start < b for s, start, end in places)]
            if not gold:
                continue
            notice = str(self.notice[next((at for at in gold if self.index.passages[at].source == question.source), gold[0])])
            about = {str(self.notice[at]) for at in gold}
            about |= {sister for key in about for sister in self.sisters.get(key, ())}
            named = self.scope(question.text, today=TODAY)
            everywhere = np.ones(len(self.notice), bool)
            of_district = np.isin(self.district, named.districts) if named.districts else everywhere
            away = ~np.isin(self.notice, sorted(about))
            detail = everywhere.copy()
            detail[gold] = False
            yield from self._one(question.text, everywhere & of_district, named, "bank", notice, True, gold=gold)
            yield from self._one(question.text, away & of_district, named, "notice away", notice, False)
            yield from self._one(question.text, detail & of_district, named, "detail away", notice, False)
            other = self._other_district(named.districts, about, chance)
            if other:
                text, mask = self._moved(question.text, named.districts, other)
                yield from self._one(text, mask & away, self.scope(text, today=TODAY), "other district", notice, False)
        for line in UNANSWERABLE.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                named = self.scope(line, today=TODAY)
                mask = np.isin(self.district, named.districts) if named.districts else np.ones(len(self.notice), bool)
                yield from self._one(line, mask, named, "listed", line, False)

    def _other_district(self, named: Sequence[str], about: set[str], chance: random.Random) -> str:
        taken = {str(self.district[self.notice == key][0]) for key in about if (self.notice == key).any()}
        left = sorted(set(self.scope.covered) - set(named) - taken)
        return chance.choice(left) if named and left else ""

    def _moved(self, text: str, named: Sequence[str], other: str) -> tuple[str, np.ndarray]:
        for district in named:
            text = text.replace(district, other).replace(district.removesuffix("区"), other)
        return (text if other in text else other + text), self.district == other

    def _one(self, text, mask, named, made, notice, supported, *, gold=()) -> Iterator[Example]:
        hits = self.search(text, mask, years=named.years)
        if not hits:
            return
        if supported and not any(hit.passage.id in {self.index.passages[at].id for at in gold} for hit in hits):
            made = "bank, not found"
        evidence = Evidence(text, index=self.index)
        yield Example(support(evidence, hits, years=named.years, districts=named.districts), made, notice, text, supported)

    def search(self, text: str, mask: np.ndarray, *, years: Sequence[int]) -> list[Hit]:
        return self.index._search.among(text, mask, years=years, limit=20)
