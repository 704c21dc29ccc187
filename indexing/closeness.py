"""What the last stage of retrieval reads off question and passage side by side: word piece by word piece, sentence by sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

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
KEPT = 20_000  # passages whose normalised lines are kept at hand


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
        matter, plain = self.terms.matter(question), [self._plain(place) for place in at.tolist()]
        weights, counts = np.asarray([*matter.values()]), [len(sizes) for _, sizes in plain]
        parts = had("".join(text for text, _ in plain), np.cumsum(np.concatenate([sizes for _, sizes in plain])), terms=matter)
        first = np.cumsum([0, *counts[:-1]])
        context = parts[:, first]
        parts[:, first] = False
        inside, new = weights @ context, parts & ~np.repeat(context, counts, axis=1)
        return np.stack([
            weights @ np.logical_or.reduceat(parts, first, axis=1), inside,
            np.maximum.reduceat(weights @ parts, first), inside + np.maximum.reduceat(weights @ new, first),
        ], axis=1)

    def _normalised(self, at: int) -> tuple[str, np.ndarray]:
        """The passage at position ``at`` in lines, its context and then its sentences, and how long each line is."""
        passage = self.passages[at]
        lines = [f"{normalise(part)}\n" for part in (passage.context, *(part for part in SENTENCE_END.split(passage.text) if part.strip()))]
        return "".join(lines), np.asarray([len(line) for line in lines])


def had(text: str, ends: np.ndarray, *, terms: Collection[Sequence[str]]) -> np.ndarray:
    """Which of the terms, each in any of its forms, stand in which parts of a text, that end at ``ends``: ``(terms, parts)``.

    Term by term through all of it, which is faster than a look at each of the hundreds of parts.
    """
    rows, places = [], []
    for row, forms in enumerate(terms):
        for form in forms:
            place = text.find(form)
            while place >= 0:
                rows.append(row)
                places.append(place)
                place = text.find(form, place + 1)
    found = np.zeros((len(terms), len(ends)), bool)
    found[rows, np.searchsorted(ends, places, side="right")] = True
    return found
