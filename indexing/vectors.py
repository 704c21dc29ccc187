"""Vectors in FAISS under ids of our own, searched with filters, from which vectors can be deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import faiss
import numpy as np

Kind = Literal["flat", "hnsw", "ivf"]

# Where the flat index stops being fast enough for the 30 ms of a retrieval; benchmarks/growth.py measures it.
FLAT_UP_TO = 50_000


def kind_for(count: int) -> Kind:
    """The fastest kind of index at this size."""
    return "flat" if count <= FLAT_UP_TO else "hnsw"


class Vectors:
    """Unit vectors under 64-bit ids; scores are cosines.

    Searching is thread-safe; adding and removing is not, and belongs to a build.
    """

    def __init__(self, index: faiss.IndexIDMap2, *, kind: Kind, removed: set[int] | None = None) -> None:
        self.index, self.kind = index, kind
        self.removed = removed or set()

    @classmethod
    def build(cls, vectors: np.ndarray, *, ids: np.ndarray | None = None, kind: Kind | None = None) -> Vectors:
        """Index ``vectors`` ``(n, dimensions)`` fp32 under ``ids``, or under 0…n-1."""
        count, dimensions = vectors.shape
        kind = kind or kind_for(count)
        store = cls(faiss.IndexIDMap2(_inner(kind, dimensions, count)), kind=kind)
        if not store.index.is_trained:
            store.index.train(vectors)
        store.add(np.arange(count) if ids is None else ids, vectors)
        return store

    def __len__(self) -> int:
        return self.index.ntotal - len(self.removed)

    @property
    def dimensions(self) -> int:
        return self.index.d

    def add(self, ids: np.ndarray, vectors: np.ndarray) -> None:
        """Add vectors under new ids."""
        self.index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.asarray(ids, np.int64))

    def remove(self, ids: np.ndarray) -> int:
        """Remove what is under ``ids``; returns how many were there. HNSW cannot forget: there they are only hidden."""
        ids = np.asarray(ids, np.int64)
        if self.kind != "hnsw":
            return self.index.remove_ids(faiss.IDSelectorBatch(ids))
        hidden = set(np.intersect1d(ids, self.ids()).tolist())
        self.removed |= hidden
        return len(hidden)

    def ids(self) -> np.ndarray:
        """The ids present, in no order."""
        present = faiss.vector_to_array(self.index.id_map)
        return present if not self.removed else np.setdiff1d(present, np.fromiter(self.removed, np.int64))

    def reconstruct(self, ids: np.ndarray) -> np.ndarray:
        """The vectors under ``ids``, ``(n, dimensions)`` fp32."""
        if self.kind == "ivf":
            faiss.extract_index_ivf(self.index.index).make_direct_map()
        return self.index.reconstruct_batch(np.asarray(ids, np.int64))

    def search(self, queries: np.ndarray, limit: int, *, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """``(ids, cosines)``, each ``(n, limit)``, best first; id -1 where fewer were found.

        ``allowed``: a boolean mask indexed by id; what it does not hold true is not found.
        """
        selector = self._selector(allowed)
        parameters = _parameters(self.kind, selector, limit)
        scores, ids = self.index.search(np.ascontiguousarray(queries, np.float32), limit, params=parameters)
        return ids, scores

    def _selector(self, allowed: np.ndarray | None) -> faiss.IDSelector | None:
        if self.removed:
            present = np.zeros(int(faiss.vector_to_array(self.index.id_map).max()) + 1, bool)
            present[self.ids()] = True
            if allowed is not None:
                present[: len(allowed)] &= allowed[: len(present)]
                present[len(allowed) :] = False
            allowed = present
        if allowed is None:
            return None
        bits = np.packbits(allowed, bitorder="little")
        return faiss.IDSelectorBitmap(bits)

    def save(self, path: Path) -> None:
        """Write to ``path``; hidden vectors are left out for good."""
        store = self
        if self.removed:
            kept = self.ids()
            store = Vectors.build(self.reconstruct(kept), ids=kept, kind=self.kind)
        faiss.write_index(store.index, str(path))

    @classmethod
    def load(cls, path: Path) -> Vectors:
        """Read what ``save`` wrote; raises ``RuntimeError`` where it is damaged."""
        index = faiss.read_index(str(path))
        inner = faiss.downcast_index(index.index)
        kind: Kind = "hnsw" if isinstance(inner, faiss.IndexHNSW) else "ivf" if isinstance(inner, faiss.IndexIVF) else "flat"
        return cls(index, kind=kind)


def _inner(kind: Kind, dimensions: int, count: int) -> faiss.Index:
    if kind == "flat":
        return faiss.IndexFlatIP(dimensions)
    if kind == "hnsw":
        graph = faiss.IndexHNSWFlat(dimensions, 32, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = 80
        return graph
    lists = max(1, int(4 * count**0.5))
    return faiss.IndexIVFFlat(faiss.IndexFlatIP(dimensions), dimensions, lists, faiss.METRIC_INNER_PRODUCT)


def _parameters(kind: Kind, selector: faiss.IDSelector | None, limit: int) -> faiss.SearchParameters | None:
    if kind == "hnsw":
        return faiss.SearchParametersHNSW(sel=selector, efSearch=max(128, 2 * limit))
    if kind == "ivf":
        return faiss.SearchParametersIVF(sel=selector, nprobe=32)
    return faiss.SearchParameters(sel=selector) if selector else None
