"""A question to ranked passages: dense and lexical search, fused by reciprocal rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus import Corpus

from .encoder import Encoder
from .filters import Filters
from .model import Hit, Passage
from .terms import Terms
from .vectors import Vectors

DEPTH = 100  # passages taken from each side
# Reciprocal rank fusion's constant, from Cormack, Clarke and Büttcher, SIGIR 2009.
RANK_OFFSET = 60


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
        ids, cosines = self.vectors.search(self.encoder.encode_queries([question]), DEPTH, allowed=allowed)
        dense = {int(position): float(cosine) for position, cosine in zip(ids[0], cosines[0], strict=True) if position >= 0}
        scores = self.terms.scores(question)
        if allowed is not None:
            scores = np.where(allowed, scores, 0)
        best = np.argsort(-scores, kind="stable")[:DEPTH]
        lexical = {int(position): float(scores[position]) for position in best if scores[position] > 0}
        fused: dict[int, float] = {}
        for side in (dense, lexical):
            for rank, position in enumerate(side, start=1):
                fused[position] = fused.get(position, 0.0) + 1 / (RANK_OFFSET + rank)
        order = sorted(fused, key=fused.__getitem__, reverse=True)[:limit]
        return [Hit(self.passages[at], fused[at], dense.get(at), lexical.get(at)) for at in order]
