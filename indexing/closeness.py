"""What the last stage of retrieval reads off question and passage side by side: word piece by word piece, sentence by sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import repeat
from operator import contains

import numpy as np

from corpus.normalise import normalise

from .model import Passage
from .pieces import SENTENCE_END, PieceIndex, Pieces
from .terms import Terms

NAMES = (
    "pieces", "pieces_alike", "pieces_sentence", "pieces_sentence_and_context", "pieces_context",
    "covered_text", "covered_context", "covered_sentence", "covered_sentence_and_context",
)
SPREAD = 0.1  # likenesses of a question's candidates spread over about this much
KEPT = 20_000  # passages whose normalised sentences are kept at hand


class Closeness:
    """Thread-safe; holds nothing of a question."""

    def __init__(self, passages: Sequence[Passage], *, terms: Terms, pieces: PieceIndex) -> None:
        self.passages, self.terms, self.pieces = passages, terms, pieces
        self._plain = lru_cache(KEPT)(self._normalised)

    def rows(self, question: str, asked: Pieces | None, at: np.ndarray) -> np.ndarray:
        """``(len(at), len(NAMES))`` fp32 for the passages at positions ``at``; ``asked`` are the question's word pieces."""
        likeness = self.pieces.likeness(asked, at) if asked else np.zeros((len(at), 5), np.float32)
        likeness = (likeness - likeness.max(axis=0, initial=-1)) / SPREAD
        return np.concatenate([likeness, self._covered(question, at)], axis=1).astype(np.float32)

    def _covered(self, question: str, at: np.ndarray) -> np.ndarray:
        """``(len(at), 4)``: the share of the question's matter in the text, in the context, in the best sentence, in that and the context."""
        matter = self.terms.matter(question)
        weights, plain = np.asarray([*matter.values()]), [self._plain(place) for place in at.tolist()]
        above = had([context for context, _ in plain], matter)
        inside = had([sentence for _, sentences in plain for sentence in sentences], matter)
        of = np.repeat(np.arange(len(at)), [len(sentences) for _, sentences in plain])
        first = np.flatnonzero(np.diff(of, prepend=-1))
        found, context = np.zeros((len(at), 4)), weights @ above
        found[of[first], 0] = weights @ np.logical_or.reduceat(inside, first, axis=1)
        found[of[first], 2] = np.maximum.reduceat(weights @ inside, first)
        found[of[first], 3] = np.maximum.reduceat(weights @ (inside & ~above[:, of]), first)
        found[:, 1], found[:, 3] = context, found[:, 3] + context
        return found

    def _normalised(self, at: int) -> tuple[str, tuple[str, ...]]:
        """The context and the sentences of the passage at position ``at``."""
        passage = self.passages[at]
        return normalise(passage.context), tuple(normalise(part) for part in SENTENCE_END.split(passage.text) if part.strip())


def had(texts: Sequence[str], terms: Collection[Sequence[str]]) -> np.ndarray:
    """Which of the terms, each in any of its forms, each text has: ``(terms, texts)``. Ten thousand looks a question, none of them a call."""
    found = np.zeros((len(terms), len(texts)), bool)
    for row, forms in zip(found, terms, strict=True):
        for form in forms:
            row |= np.fromiter(map(contains, texts, repeat(form)), bool, len(texts))
    return found
