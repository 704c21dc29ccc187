"""What the last stage of retrieval reads off question and passage side by side: word piece by word piece, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
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
        matter = self.terms.matter(question)
        covered = [self._covered(matter, int(one)) for one in at]
        return np.concatenate([likeness, np.asarray(covered, np.float32).reshape(-1, 4)], axis=1).astype(np.float32)

    def _covered(self, matter: dict[tuple[str, ...], float], at: int) -> tuple[float, float, float, float]:
        """The share of the question's matter in the text, in the context, in the best sentence, in that and the context."""
        context, text, sentences = self._plain(at)
        outside = {forms: weight for forms, weight in matter.items() if not has(context, forms)}
        inside = sum(matter.values()) - sum(outside.values())
        found = {forms: weight for forms, weight in matter.items() if has(text, forms)}
        best = more = 0.0
        for sentence in sentences if found else ():
            here = [forms for forms in found if has(sentence, forms)]
            best = max(best, sum(found[forms] for forms in here))
            more = max(more, sum(outside.get(forms, 0.0) for forms in here))
        return sum(found.values()), inside, best, inside + more

    def _normalised(self, at: int) -> tuple[str, str, tuple[str, ...]]:
        passage = self.passages[at]
        sentences = tuple(normalise(part) for part in SENTENCE_END.split(passage.text) if part.strip())
        return normalise(passage.context), "\n".join(sentences), sentences


def has(text: str, forms: Sequence[str]) -> bool:
    """Whether a text has a term in any of its forms."""
    return forms[0] in text or any(form in text for form in forms[1:])
