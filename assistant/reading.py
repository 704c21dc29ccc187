"""Some hits read in the light of a question: their sentences, and how likely each is to be the answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from indexing import Hit, Index

from .quotes import Quote
from .scoring import Candidate, Question, Scorer, Table, candidates, table
from .units import Units

PASSAGE = 0.8  # how much of a passage's log odds counts for the units in it
OWN = 0.5  # how much of a follow-up's log odds by its own words counts beside those of the question completed
FAINT = 1e-4  # probability that the answer stands in a passage whose sentences all look wrong
RECENT = 16  # readings kept: what decides whether to answer and what chooses the quotations read the same


@dataclass(frozen=True, slots=True)
class Reading:
    """``odds`` ``(candidates,)`` are the units' probabilities; they sum to 1."""

    question: Question
    found: tuple[Candidate, ...]
    features: Table | None
    odds: np.ndarray


class Reader:
    """Thread-safe; holds what is known of the corpus before any question."""

    def __init__(self, index: Index) -> None:
        self.units, self.scorer = Units(index), Scorer()
        self._recent = lru_cache(RECENT)(self._read)

    def __call__(self, question: str, hits: Sequence[Hit], *, own: str = "", taken: Sequence[Quote] = ()) -> Reading:
        """``hits`` read for ``question``, and for what a follow-up asks by its ``own`` words; the units that quotations have
        ``taken`` are left out."""
        return self._read(question, hits, own, taken) if taken else self._recent(question, tuple(hits), own)

    def ranked(self, question: str, hits: Sequence[Hit], *, own: str = "") -> tuple[Hit, ...]:
        """``hits`` by what is known once their sentences are read: the log odds of a passage and of what stands in it, added."""
        reading = self(question, hits, own=own)
        within = dict.fromkeys((hit.passage.id for hit in hits), FAINT)
        for one, odds in zip(reading.found, reading.odds, strict=True):
            within[one.hit.passage.id] += float(odds)
        return tuple(sorted(hits, key=lambda hit: -(hit.score + math.log(within[hit.passage.id]))))

    def _read(self, question: str, hits: Sequence[Hit], own: str, taken: Sequence[Quote] = ()) -> Reading:
        asked = Question(question, units=self.units)
        found = tuple(one for one in candidates(hits, self.units)
                      if not any(quote.touches(one.unit.clause.notice.source, one.unit.start, one.unit.end) for quote in taken))
        if not found:
            return Reading(asked, found, None, np.empty(0, np.float32))
        features = table(asked, found, self.units)
        odds = weighed(self.scorer(features.rows), np.asarray([one.hit.score for one in found]))
        if own:
            odds = odds * self.scorer(table(Question(own, units=self.units), found, self.units).rows) ** OWN
            odds /= odds.sum()
        return Reading(asked, found, features, odds)


def weighed(odds: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The units' probabilities, ``scores`` (log odds) of the passages they stand in counted in by a part: one sees the
    sentence, the other what surrounds it."""
    together = odds * np.exp(PASSAGE * (scores - scores.max()))
    return together / together.sum()
