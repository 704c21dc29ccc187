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
from pathlib import Path

import numpy as np

from corpus.errors import GazetteError

WIDTH = 192  # directions kept; 128 lose half a point of recall@5, all 384 win little (benchmarks/RESULTS-retrieval.md)
SCALE = 254  # of an int8 step: no direction takes more than half of a unit vector
SAMPLED = 200  # texts that the directions are found from
FILES = ("codes", "ids", "parts", "starts", "basis", "counts")

SENTENCE_END = re.compile(r"[。；;！？\n]")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text's word pieces: ids ``(n,)``, last hidden states ``(n, dimensions)`` fp32, first characters ``(n,)``."""

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
        ends = [match.end() for match in SENTENCE_END.finditer(text)]
        first_line = text.find("\n") + 1
        bounds = np.asarray([end for end in ends if end >= first_line], np.int64)
        parts = np.minimum(np.searchsorted(bounds, pieces.starts, side="right"), 255)
        return Coded(pieces.ids.astype(np.int32), codes, parts.astype(np.uint8))


class PieceIndex:
    """The coded pieces of all passages, one after the other. Thread-safe."""

    def __init__(self, *, codes: np.ndarray, ids: np.ndarray, parts: np.ndarray, starts: np.ndarray, basis: np.ndarray,
                 counts: np.ndarray) -> None:
        if not len(codes) == len(ids) == len(parts) == starts[-1]:
            raise ValueError("word pieces do not fit together")
        self.codes, self.ids, self.parts, self.starts, self.basis = codes, ids, parts, starts, Basis(basis)
        self.counts = counts

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
            np.save(folder / f"{name}.npy", self.basis.table if name == "basis" else getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> PieceIndex:
        """What ``save`` wrote; the codes stay on the disk. Raises ``GazetteError`` where ``folder`` is damaged."""
        try:
            return cls(**{name: np.load(folder / f"{name}.npy", mmap_mode="r" if name in ("codes", "ids") else None) for name in FILES})
        except (OSError, ValueError, IndexError) as error:
            raise GazetteError(f"the index is damaged: {folder}: {error}; run `python -m indexing build`") from None

    def likeness(self, question: Pieces, at: np.ndarray) -> np.ndarray:
        """How near the passages at positions ``at`` come to the question's pieces, ``(len(at), 5)`` fp32, at most about 1.

        The mean over the question's pieces of the nearest piece's cosine: (0) in the
        passage, rare pieces weighing more; (1) all weighing alike; (2) in its best
        sentence; (3) in its best sentence and its context; (4) in its context.
        """
        lengths = self.starts[at + 1] - self.starts[at]
        some = lengths > 0
        if not len(question.ids) or not some.any():
            return np.zeros((len(at), 5), np.float32)
        places = np.concatenate([np.arange(self.starts[one], self.starts[one + 1]) for one in at])
        cosines = self.codes[places].astype(np.float32) @ (self.basis.turned(question.states).T / SCALE)
        known = np.where(question.ids < len(self.counts), self.counts[np.minimum(question.ids, len(self.counts) - 1)], 0)
        rarity = np.log(1 + len(self) / (1 + known))
        weights = (rarity / rarity.sum()).astype(np.float32)

        # One row for each sentence of each passage; of a passage without pieces there is none, and all figures stay 0.
        passage, part = np.repeat(np.arange(len(at)), lengths), self.parts[places]
        new = np.flatnonzero((np.diff(part, prepend=-1) != 0) | (np.diff(passage, prepend=-1) != 0))
        nearest, of, number = np.maximum.reduceat(cosines, new), passage[new], part[new]
        whole = np.full((len(at), cosines.shape[1]), -1, np.float32)
        np.maximum.at(whole, of, nearest)
        context = np.full_like(whole, -1)
        context[of[number == 0]] = nearest[number == 0]
        best, both = context @ weights, context @ weights
        text = number > 0
        only_context = np.setdiff1d(of, of[text])
        best[np.setdiff1d(of, only_context)] = both[np.setdiff1d(of, only_context)] = -1
        np.maximum.at(best, of[text], nearest[text] @ weights)
        np.maximum.at(both, of[text], np.maximum(nearest[text], context[of[text]]) @ weights)
        found = np.stack([whole @ weights, whole.mean(axis=1), best, both, context @ weights], axis=1)
        return np.where(some[:, None], found, 0).astype(np.float32)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
