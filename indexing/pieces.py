"""Vectors of the passages' word pieces in few bytes, so that a question is read against a passage word by word.

Late interaction (Khattab and Zaharia 2020, ColBERT): each word of the question
looks for its nearest word in the passage. The vectors are the encoder's own
last states, less their mean and turned to their main directions; they are read
from the disk as they are needed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from corpus.errors import GazetteError

from .rows import Rows

WIDTH = 192  # directions kept; 128 lose half a point of recall@5, all 384 win little (benchmarks/RESULTS-retrieval.md)
SCALE = 254  # of an int8 step: no direction takes more than half of a unit vector
SAMPLED = 200  # texts that the directions are found from
RECENT = 64  # questions whose turned states are kept: each is read against passage after passage
FILES = ("codes", "ids", "parts", "starts", "basis", "counts")
BLOCK = 1024  # rows turned into fp32 at a time: they stay in the CPU's nearest memory
ON_DISK = ("codes", "ids")  # three quarters of an index's bytes; a question is read against 64 passages of three thousand

SENTENCE_END = re.compile(r"[。；;！？\n]")


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A text's word pieces: ids ``(n,)``, last hidden states ``(n, dimensions)`` fp32, first characters ``(n,)``; each its own key."""

    ids: np.ndarray
    states: np.ndarray
    starts: np.ndarray


@dataclass(frozen=True, slots=True)
class Coded:
    """The same as it is kept: ids int32, codes ``(n, WIDTH)`` int8, the number of the sentence each stands in, uint8.

    Sentence 0 is the text's first line, which is the passage's context.
    """

    ids: np.ndarray
    codes: np.ndarray
    parts: np.ndarray

    @classmethod
    def nothing(cls, basis: Basis) -> Coded:
        """The pieces of a text whose model tells none."""
        return cls(np.empty(0, np.int32), np.empty((0, len(basis.table) - 1), np.int8), np.empty(0, np.uint8))


class Basis:
    """The mean of word piece states and their main directions, best first; the same for all passages of an index."""

    def __init__(self, table: np.ndarray) -> None:
        self.table = table  # (1 + width, dimensions): the mean, then the directions

    @classmethod
    def fit(cls, states: Sequence[np.ndarray], *, dimensions: int) -> Basis:
        """The main directions of ``states``, each ``(n, dimensions)``; nothing is lost where the model has few dimensions."""
        everything = np.concatenate(states) if len(states) else np.zeros((1, dimensions), np.float32)
        mean = everything.mean(axis=0)
        centred = _unit(everything - mean)
        _, directions = np.linalg.eigh(centred.T @ centred)
        return cls(np.concatenate([mean[None], directions[:, ::-1][:, :WIDTH].T]).astype(np.float32))

    def turned(self, states: np.ndarray) -> np.ndarray:
        """``(n, width)``: dot products of these are about the cosines of the centred states."""
        return _unit(states - self.table[0]) @ self.table[1:].T

    def coded(self, pieces: Pieces, text: str) -> Coded:
        codes = np.clip(np.round(self.turned(pieces.states) * SCALE), -127, 127).astype(np.int8)
        return Coded(pieces.ids.astype(np.int32), codes, parts_at(text, pieces.starts).astype(np.uint8))


def parts_at(text: str, places: np.ndarray) -> np.ndarray:
    """The numbers of the sentences of ``text`` that characters at ``places`` stand in; 0 is its first line."""
    first_line = text.find("\n") + 1
    bounds = np.asarray([end for match in SENTENCE_END.finditer(text) if (end := match.end()) >= first_line], np.int64)
    return np.minimum(np.searchsorted(bounds, places, side="right"), 255)


class PieceIndex:
    """The coded pieces of all passages, one after the other. Thread-safe."""

    def __init__(self, *, codes: np.ndarray | Rows, ids: np.ndarray | Rows, parts: np.ndarray, starts: np.ndarray, basis: np.ndarray,
                 counts: np.ndarray) -> None:
        if not len(codes) == len(ids) == len(parts) == starts[-1]:
            raise ValueError("word pieces do not fit together")
        self.codes, self.ids, self.parts, self.starts, self.basis = codes, ids, parts, starts, Basis(basis)
        self.counts = counts
        self._turned = lru_cache(RECENT)(lambda question: self.basis.turned(question.states).T / SCALE)

    @classmethod
    def build(cls, passages: Sequence[Coded], *, basis: Basis) -> PieceIndex:
        ids = np.concatenate([one.ids for one in passages])
        counts = np.zeros(int(ids.max(initial=0)) + 1, np.int32)
        for one in passages:
            counts[np.unique(one.ids)] += 1
        starts = np.concatenate([[0], np.cumsum([len(one.ids) for one in passages])])
        return cls(codes=np.concatenate([one.codes for one in passages]), ids=ids, counts=counts, starts=starts,
                   parts=np.concatenate([one.parts for one in passages]), basis=basis.table)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def coded(self, at: int) -> Coded:
        """What is kept of the passage at position ``at``."""
        place = slice(self.starts[at], self.starts[at + 1])
        return Coded(self.ids[place], self.codes[place], self.parts[place])

    def save(self, folder: Path) -> None:
        folder.mkdir()
        for name in FILES:
            np.save(folder / f"{name}.npy", (self.basis.table if name == "basis" else getattr(self, name))[:])

    @classmethod
    def load(cls, folder: Path) -> PieceIndex:
        """What ``save`` wrote; the codes stay on the disk. Raises ``GazetteError`` where ``folder`` is damaged."""
        try:
            return cls(**{name: (Rows.stored if name in ON_DISK else np.load)(folder / f"{name}.npy") for name in FILES})
        except (OSError, ValueError, IndexError) as error:
            raise GazetteError(f"the index is damaged: {folder}: {error}; run `python -m indexing build`") from None

    def likeness(self, question: Pieces, at: np.ndarray) -> np.ndarray:
        """How near the passages at positions ``at`` come to the question's pieces, ``(len(at), 5)`` fp32, at most about 1.

        The mean over the question's pieces of the nearest piece's cosine: (0) in the
        passage, rare pieces weighing more; (1) all weighing alike; (2) in its best
        sentence; (3) in its best sentence and its context; (4) in its context.
        """
        some = self.starts[at + 1] > self.starts[at]
        if not len(question.ids) or not some.any():
            return np.zeros((len(at), 5), np.float32)
        weights = self._weights(question)
        nearest, of, number = self._sentences(question, at)
        context = np.full((len(at), len(weights)), -1, np.float32)
        context[of[number == 0]] = nearest[number == 0]
        whole, above = np.full_like(context, -1), context @ weights
        best, both = above.copy(), above.copy()
        first = _firsts(of)
        whole[of[first]] = np.maximum.reduceat(nearest, first)
        nearest, of = nearest[number > 0], of[number > 0]
        first = _firsts(of)
        best[of[first]] = np.maximum.reduceat(nearest @ weights, first)
        both[of[first]] = np.maximum.reduceat(np.maximum(nearest, context[of]) @ weights, first)
        found = np.stack([whole @ weights, whole.mean(axis=1), best, both, above], axis=1)
        return np.where(some[:, None], found, 0).astype(np.float32)

    def by_sentence(self, question: Pieces, at: int) -> np.ndarray:
        """How near each sentence of the passage at position ``at`` comes, ``(sentences, 2)`` fp32: alone, and with its context.

        Row 0 is the context; the figures are those of ``likeness``, rare pieces weighing more.
        """
        nearest, _, number = self._sentences(question, np.asarray([at]))
        found = np.zeros((int(number.max(initial=0)) + 1, 2), np.float32)
        if len(number):
            weights, context = self._weights(question), nearest[number == 0].max(axis=0, initial=-1)
            found[number, 0], found[number, 1] = nearest @ weights, np.maximum(nearest, context) @ weights
        return found

    def _weights(self, question: Pieces) -> np.ndarray:
        """The share of each of the question's pieces, by rarity."""
        known = np.where(question.ids < len(self.counts), self.counts[np.minimum(question.ids, len(self.counts) - 1)], 0)
        rarity = np.log(1 + len(self) / (1 + known))
        return (rarity / rarity.sum()).astype(np.float32)

    def _sentences(self, question: Pieces, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One row for each sentence of each passage at ``at``, none where a passage has no pieces: the nearest cosine to
        each of the question's pieces ``(sentences, pieces)``, which of ``at`` it is of, its number there."""
        turned = self._turned(question)
        runs = [slice(*run) for run in zip(self.starts[at].tolist(), self.starts[at + 1].tolist(), strict=True)]
        codes = np.concatenate([self.codes[run] for run in runs])
        cosines = np.empty((len(codes), turned.shape[1]), np.float32)
        for start in range(0, len(codes), BLOCK):
            np.matmul(codes[start : start + BLOCK].astype(np.float32), turned, out=cosines[start : start + BLOCK])
        part = np.concatenate([self.parts[run] for run in runs])
        passage = np.repeat(np.arange(len(at)), self.starts[at + 1] - self.starts[at])
        new = np.flatnonzero((np.diff(part, prepend=-1) != 0) | (np.diff(passage, prepend=-1) != 0))
        return np.maximum.reduceat(cosines, new), passage[new], part[new]


def _firsts(of: np.ndarray) -> np.ndarray:
    """Where each run of one number begins."""
    return np.flatnonzero(np.diff(of, prepend=-1))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
