"""What the last stage of retrieval reads off question and passage side by side: word piece by word piece, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

Term = tuple[str, tuple[str, ...], float]  # a term of a question, its other forms, its share of the question's weight


class Closeness:
    """Thread-safe; holds nothing of a question."""

    def __init__(self, passages: Sequence[Passage], *, terms: Terms, pieces: PieceIndex) -> None:
        self.passages, self.terms, self.pieces = passages, terms, pieces
        self._plain = lru_cache(KEPT)(self._normalised)

    def rows(self, question: str, asked: Pieces | None, at: np.ndarray) -> np.ndarray:
        """``(len(at), len(NAMES))`` fp32 for the passages at positions ``at``; ``asked`` are the question's word pieces."""
        likeness = self.pieces.likeness(asked, at) if asked else np.zeros((len(at), 5), np.float32)
        likeness = (likeness - likeness.max(axis=0, initial=-1)) / SPREAD
        matter = [(forms[0], forms[1:], weight) for forms, weight in self.terms.matter(question).items()]
        covered = [self._covered(matter, int(one)) for one in at]
        return np.concatenate([likeness, np.asarray(covered, np.float32).reshape(-1, 4)], axis=1).astype(np.float32)

    def _covered(self, matter: Sequence[Term], at: int) -> tuple[float, float, float, float]:
        """The share of the question's matter in the text, in the context, in the best sentence, in that and the context."""
        context, text, sentences = self._plain(at)
        above, found = had(context, matter), had(text, matter)
        inside, new = weight_of(above), set(found).difference(above)
        best = more = 0.0
        for sentence in sentences if found else ():
            here = had(sentence, found)
            best, more = max(best, weight_of(here)), max(more, weight_of(new.intersection(here)))
        return weight_of(found), inside, best, inside + more

    def _normalised(self, at: int) -> tuple[str, str, tuple[str, ...]]:
        passage = self.passages[at]
        sentences = tuple(normalise(part) for part in SENTENCE_END.split(passage.text) if part.strip())
        return normalise(passage.context), "\n".join(sentences), sentences


def weight_of(terms: Iterable[Term]) -> float:
    return sum([weight for _, _, weight in terms])


def had(text: str, terms: Sequence[Term]) -> list[Term]:
    """The terms that a text has in any form. Five thousand times a question: most terms have one form, looked for without a call."""
    return [term for term in terms if term[0] in text or (term[1] and any(form in text for form in term[1]))]
