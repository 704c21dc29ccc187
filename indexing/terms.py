"""BM25 over jieba's words (bm25s): built from passages, kept in a folder, asked for scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
import jieba
import numpy as np

from corpus.errors import GazetteError

from .model import Passage


class Terms:
    """Scores every passage for a question's words."""

    def __init__(self, scorer: bm25s.BM25) -> None:
        self.scorer = scorer

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> Terms:
        """Count the words of the passages' embedded texts."""
        scorer = bm25s.BM25()
        scorer.index([words(passage.embedded_text) for passage in passages], show_progress=False)
        return cls(scorer)

    def save(self, folder: Path) -> None:
        self.scorer.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Terms:
        """Raises ``GazetteError`` where ``folder`` is damaged."""
        try:
            return cls(bm25s.BM25.load(folder))
        except (OSError, ValueError, KeyError) as error:
            raise GazetteError(f"the index is damaged: {folder}: {error}; run `python -m indexing build`") from None

    def scores(self, question: str) -> np.ndarray:
        """A BM25 score for each passage, ``(passages,)`` fp32."""
        known = [word for word in words(question) if word in self.scorer.vocab_dict]
        return self.scorer.get_scores(known) if known else np.zeros(self.scorer.scores["num_docs"], np.float32)


def words(text: str) -> list[str]:
    """jieba's search words, lower case, white space and single punctuation left out."""
    return [word for word in jieba.cut_for_search(text.lower()) if any(sign.isalnum() for sign in word)]
