"""BM25 over two kinds of terms, jieba's words and pairs of characters: built from passages, kept in a folder.

Words carry meaning; pairs of neighbouring characters survive a wrong cut, a
typo and a name that no dictionary has. On the training questions the two
together find more than either (benchmarks/RESULTS-retrieval.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import bm25s
import jieba
import numpy as np

from corpus.errors import GazetteError
from corpus.normalise import normalise

from .model import Passage

RUN = re.compile(r"[\u4e00-\u9fffa-z0-9]+")


class Terms:
    """Scores every passage for a question's words and for its character pairs."""

    def __init__(self, *, by_word: bm25s.BM25, by_pair: bm25s.BM25) -> None:
        self.by_word, self.by_pair = by_word, by_pair

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> Terms:
        """Count the terms of the passages' embedded texts."""
        texts = [passage.embedded_text for passage in passages]
        by_word, by_pair = bm25s.BM25(), bm25s.BM25()
        by_word.index([words(text) for text in texts], show_progress=False)
        by_pair.index([pairs(text) for text in texts], show_progress=False)
        return cls(by_word=by_word, by_pair=by_pair)

    def save(self, folder: Path) -> None:
        self.by_word.save(folder / "words")
        self.by_pair.save(folder / "pairs")

    @classmethod
    def load(cls, folder: Path) -> Terms:
        """Raises ``GazetteError`` where ``folder`` is damaged."""
        try:
            return cls(by_word=bm25s.BM25.load(folder / "words"), by_pair=bm25s.BM25.load(folder / "pairs"))
        except (OSError, ValueError, KeyError) as error:
            raise GazetteError(f"the index is damaged: {folder}: {error}; run `python -m indexing build`") from None

    def word_scores(self, text: str) -> np.ndarray:
        """A BM25 score for each passage, ``(passages,)`` fp32."""
        return scores(self.by_word, words(text))

    def pair_scores(self, text: str) -> np.ndarray:
        """The same by character pairs."""
        return scores(self.by_pair, pairs(text))


def scores(scorer: bm25s.BM25, terms: list[str]) -> np.ndarray:
    known = list(dict.fromkeys(term for term in terms if term in scorer.vocab_dict))
    return scorer.get_scores(known) if known else np.zeros(scorer.scores["num_docs"], np.float32)


def words(text: str) -> list[str]:
    """jieba's search words of the normalised text, single punctuation left out."""
    return [word for word in jieba.cut_for_search(normalise(text)) if any(sign.isalnum() for sign in word)]


def pairs(text: str) -> list[str]:
    """Neighbouring characters within each run of letters and digits."""
    return [run[at : at + 2] for run in RUN.findall(normalise(text)) for at in range(len(run) - 1)]
