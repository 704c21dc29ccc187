"""A question to ranked passages: candidates by meaning, words, character pairs and to the letter, ranked in two stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import BoundedSemaphore

import numpy as np

from corpus import Corpus

from .closeness import Closeness
from .encoder import Encoder, available_cores
from .exact import Exact
from .features import Features
from .filters import Filters
from .model import Hit, Passage
from .nearness import Nearness
from .pieces import PieceIndex, Pieces
from .precedents import FLOOR, Precedents
from .ranking import weights
from .reranker import Reranker
from .sisters import Sisters
from .terms import Matches, Terms
from .vectors import Vectors

READ = 1024  # passages read word by word whose sentences' figures are kept, about those of the last twenty questions
RECENT = 64  # questions whose vector and matches are kept: one question is searched several times, for each side of it
# Candidates taken from each side; deeper adds milliseconds and no recall (benchmarks/RESULTS-retrieval.md).
DENSE, LEXICAL, MAPPED, EXACT, ASKED = 100, 60, 15, 60, 15
SECOND = 64  # candidates of the second stage: the first ranks the needed one lower twice in a thousand questions
READ_TOGETHER = 24  # first hits that a cross-encoder reads, where one is set: each costs it a full reading


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passage positions, how near the question they are ``(n,)`` in steps of ``Nearness``, how near to it a question comes that
    was asked about them before ``(n,)``, what all passages share with it."""

    at: np.ndarray
    near: np.ndarray
    before: np.ndarray
    matches: Matches


class Search:
    """Thread-safe; keeps the vectors of the last questions, which are searched again for each district or year."""

    def __init__(
        self, *, corpus: Corpus, passages: Sequence[Passage], vectors: Vectors, terms: Terms, pieces: PieceIndex, precedents: Precedents, filters: Filters,
        encoder: Encoder, reranker: Reranker | None = None,
    ) -> None:
        self.corpus, self.passages, self.vectors, self.terms = corpus, passages, vectors, terms
        self.filters, self.encoder, self.reranker = filters, encoder, reranker
        self.nearness, self.precedents = Nearness(vectors), precedents
        self._asked_about = precedents.held([(passage.source, passage.start, passage.end) for passage in passages])
        self.exact = Exact(passages)
        self.features = Features(passages, exact=self.exact)
        self.closeness = Closeness(passages, terms=terms, pieces=pieces)
        self.sisters = Sisters(passages)
        # More searches at once only take the interpreter from one another and from the encoding beside them: with as many as there
        # are cores a tenth fewer a second at 16 askers.
        self._turns = BoundedSemaphore(max(1, available_cores() // 2))
        self._encoded = lru_cache(RECENT)(self.encoded)
        self.closely = lru_cache(READ)(self._closely)
        self.like_before = lru_cache(RECENT)(self._like_before)
        self._matches = lru_cache(RECENT)(terms.matches)

    def __call__(
        self, question: str, *, districts: Sequence[str] = (), years: Sequence[int] = (), notices: Sequence[str] = (),
        limit: int = 20,
    ) -> list[Hit]:
        """At most ``limit`` hits, best first."""
        allowed = self.filters.mask(districts=districts, years=years, notices=notices)
        alike = not (districts or notices or self.features.named_districts(question))
        return self.among(question, allowed, years=years, spread=alike, limit=limit)

    def among(
        self, question: str, allowed: np.ndarray | None, *, years: Sequence[int] = (), spread: bool = True, limit: int = 20
    ) -> list[Hit]:
        """At most ``limit`` hits among the passages ``allowed`` (``None``: all); ``spread`` brings sister notices forward."""
        if allowed is not None and not allowed.any():
            return []
        queries, asked = self._encoded(question)  # outside the turns, since questions that wait are encoded together
        with self._turns:
            found = self.candidates(question, queries, allowed=allowed)
            rows = self.features.rows(question, found.at, near=found.near, before=found.before, matches=found.matches, years=years)
            scores = self._second(question, asked, found.at, rows=rows)
            scores = self._read_together(question, found.at, scores)
        order = np.argsort(-scores, kind="stable")
        if spread:
            order = self.sisters.spread(order, places=found.at, scores=scores)
        lexical = found.matches.words[found.at]
        return [
            Hit(self.passages[found.at[one]], float(scores[one]), float(found.near[one]), float(lexical[one]) or None)
            for one in order[:limit]
        ]

    def encoded(self, question: str) -> tuple[np.ndarray, Pieces | None]:
        """Vectors ``(1 or 2, dimensions)`` of the question and of it in the rules' words, where it has others; the
        question's word pieces, ``None`` where the model has none."""
        pieces: dict[int, Pieces] = {}
        ruled = self.terms.in_rules_words(question)
        vectors = self.encoder.encode_queries([question, ruled] if ruled else [question], each=pieces.__setitem__)
        return vectors, pieces.get(0)

    def encoded_lately(self, question: str) -> np.ndarray:
        """The vectors of ``encoded``, kept for the last questions."""
        return self._encoded(question)[0]

    def _like_before(self, question: str) -> np.ndarray:
        """Steps ``(precedents,)`` beyond ``FLOOR`` that ``question`` comes near to each question asked before."""
        query = self._encoded(question)[0][0]
        return np.maximum(self.nearness(self.precedents.cosines(query), query=query) - FLOOR, 0)

    def _closely(self, question: str, at: int) -> np.ndarray:
        """``PieceIndex.by_sentence`` of the passage at position ``at``; all 0 where the model has no word pieces.

        Kept for the last questions: one passage is read for the answer, for each side and for each of the things asked.
        """
        asked = self._encoded(question)[1]
        return self.closeness.pieces.by_sentence(asked, at) if asked and len(asked.ids) else np.zeros((1, 2), np.float32)

    def _second(self, question: str, asked: Pieces | None, at: np.ndarray, *, rows: np.ndarray) -> np.ndarray:
        """Scores ``(len(at),)``: the second stage's for the best of the first, the others below them in the first's order."""
        scores = rows @ weights("first")
        best = np.argsort(-scores, kind="stable")[:SECOND]
        if not len(best):
            return scores
        close = self.closeness.rows(question, asked, at[best])
        second = np.concatenate([rows[best], close], axis=1) @ weights("second")
        scores += second.min() - scores[best].min()
        scores[best] = second
        return scores

    def _read_together(self, question: str, at: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """``scores`` with the cross-encoder's log odds added for the first hits; those it did not read count as its worst.

        Both are log odds of being right from different evidence, so they add up.
        """
        if not self.reranker or not len(at):
            return scores
        first = np.argsort(-scores, kind="stable")[:READ_TOGETHER]
        read = self.reranker.log_odds(question, [self.passages[at[one]].embedded_text for one in first])
        odds = np.full(len(scores), read.min(), np.float32)
        odds[first] = read
        return scores + odds

    def candidates(self, question: str, queries: np.ndarray, *, allowed: np.ndarray | None = None) -> Candidates:
        """What is worth ranking for ``question``, whose vectors are ``queries`` ``(n, dimensions)``: the nearest of them counts."""
        matches = self._matches(question)
        nearest = np.unique(self.vectors.search(queries, min(DENSE, len(self.passages)), allowed=allowed)[0])
        before = self._asked_about(self.like_before(question))
        sides = [_best(before, ASKED), _best(matches.words, LEXICAL), _best(matches.pairs, LEXICAL), _best(matches.rules, MAPPED)]
        named = self.exact.positions(self.exact.mentions(question)).values()
        sides += [places[np.argsort(-matches.covered[places], kind="stable")][:EXACT] for places in named]
        others = np.concatenate(sides)
        if allowed is not None:
            others = others[allowed[others]]
        at = np.union1d(nearest[nearest >= 0], others)
        if not len(at):
            return Candidates(at, np.empty(0, np.float32), np.empty(0, np.float32), matches)
        vectors = self.vectors.reconstruct(at)
        near = np.max([self.nearness(vectors @ query, query=query) for query in queries], axis=0)
        return Candidates(at, near, before[at], matches)


def _best(scores: np.ndarray, count: int) -> np.ndarray:
    """Positions of the best scores above 0, at most ``count``, in no order."""
    if len(scores) > count:
        places = np.argpartition(-scores, count)[:count]
    else:
        places = np.arange(len(scores))
    return places[scores[places] > 0]
