"""A question to ranked passages: meaning, words and character pairs in one score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus import Corpus

from .encoder import Encoder
from .filters import Filters
from .lexicon import mapped
from .model import Hit, Passage
from .terms import Terms
from .vectors import Vectors

DEPTH = 100  # passages taken from each side
# The weights of the sum, chosen on the training questions alone (benchmarks/retrieval.py). Cosines of this family of
# models lie between about 0.7 and 0.9, so a difference of 0.2 is the whole scale; BM25 is measured against the best.
COSINE_SCALE = 0.2
WORD_WEIGHT, PAIR_WEIGHT = 0.3, 0.3
# How much a word of the rules that stands for one of the question counts beside the question's own.
MAPPED_WORD, MAPPED_PAIR = 0.2, 0.4


class Search:
    """Thread-safe; holds no state of a question."""

    def __init__(
        self, *, corpus: Corpus, passages: Sequence[Passage], vectors: Vectors, terms: Terms, filters: Filters,
        encoder: Encoder,
    ) -> None:
        self.corpus, self.passages, self.vectors, self.terms = corpus, passages, vectors, terms
        self.filters, self.encoder = filters, encoder

    def __call__(
        self, question: str, *, districts: Sequence[str] = (), years: Sequence[int] = (), notices: Sequence[str] = (),
        limit: int = 20,
    ) -> list[Hit]:
        """At most ``limit`` hits, best first."""
        allowed = self.filters.mask(districts=districts, years=years, notices=notices)
        query = self.encoder.encode_queries([question])
        near, cosines = self.vectors.search(query, DEPTH, allowed=allowed)
        by_word, by_pair = self._lexical(question, allowed=allowed)
        lexical = WORD_WEIGHT * by_word + PAIR_WEIGHT * by_pair
        best = np.argpartition(-lexical, min(DEPTH, len(lexical) - 1))[:DEPTH]
        best = best[lexical[best] > 0]
        dense = {int(at): float(cosine) for at, cosine in zip(near[0], cosines[0], strict=True) if at >= 0}
        missing = np.array([at for at in best if int(at) not in dense], np.int64)
        if len(missing):
            dense |= dict(zip(missing.tolist(), (self.vectors.reconstruct(missing) @ query[0]).tolist(), strict=True))
        total = {at: cosine / COSINE_SCALE + float(lexical[at]) for at, cosine in dense.items()}
        order = sorted(total, key=total.__getitem__, reverse=True)[:limit]
        return [Hit(self.passages[at], total[at], dense[at], float(lexical[at])) for at in order]

    def _lexical(self, question: str, *, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Word and pair scores of every passage, each 1 for the best; 0 for what is not allowed."""
        rules = " ".join(mapped(question))
        sides = (
            self.terms.word_scores(question) + MAPPED_WORD * self.terms.word_scores(rules),
            self.terms.pair_scores(question) + MAPPED_PAIR * self.terms.pair_scores(rules),
        )
        if allowed is not None:
            sides = tuple(np.where(allowed, side, 0) for side in sides)
        return tuple(side / max(float(side.max(initial=0)), 1e-6) for side in sides)
