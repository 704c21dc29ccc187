"""Vectors in FAISS under ids of our own, searched with filters, from which vectors can be deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import faiss
import numpy as np

Kind = Literal["flat", "hnsw", "ivf"]

# Comparing with every vector is exact and takes 6 ms of a retrieval's 30 here; from there on inverted lists are as good as
# exact and take under 1 ms. A graph finds less and takes twice as long to build (benchmarks/RESULTS-growth.md).
FLAT_UP_TO = 100_000
# A filter that leaves no more than this is answered by comparing with all it leaves.
COMPARED_UP_TO = 20_000

# Vectors for each inverted list that the lists' centres are found from; FAISS's own 256 are all of a million.
TRAINED_ON = 40


def kind_for(count: int) -> Kind:
    """The fastest kind of index at this size."""
    return "flat" if count <= FLAT_UP_TO else "ivf"


class Vectors:
    """Unit vectors under 64-bit ids; scores are cosines.

    Searching is thread-safe; adding and removing is not, and belongs to a build.
    """

    def __init__(self, index: faiss.IndexIDMap2, *, kind: Kind, removed: set[int] | None = None) -> None:
        self.index, self.kind = index, kind
        self.removed = removed or set()
        if kind == "ivf":  # without it a vector cannot be told by its id
            faiss.extract_index_ivf(index.index).make_direct_map()

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
        """Remove what is under ``ids``; returns how many were there.

        FAISS removes from a flat index alone: from the others what is removed
        is hidden at once, and left out when the store is next saved.
        """
        ids = np.asarray(ids, np.int64)
        if self.kind == "flat":
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
        return self.index.reconstruct_batch(np.asarray(ids, np.int64))

    def search(self, queries: np.ndarray, limit: int, *, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """``(ids, cosines)``, each ``(n, limit)``, best first; id -1 where fewer were found.

        ``allowed``: a boolean mask indexed by id; what it does not hold true is not found.
        """
        queries = np.ascontiguousarray(queries, np.float32)
        # Said by each thread for itself: else FAISS gives each a second one, which spins for milliseconds after each search.
        faiss.omp_set_num_threads(1)
        allowed = self._present(allowed)
        if allowed is None:
            scores, ids = self.index.search(queries, limit, params=_parameters(self.kind, limit=limit))
            return ids, scores
        share = np.count_nonzero(allowed) / max(1, self.index.ntotal)
        if self.kind != "flat" and share * self.index.ntotal <= COMPARED_UP_TO:
            return self._compare(queries, np.flatnonzero(allowed), limit)
        selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        parameters = _parameters(self.kind, limit=limit, selector=selector, share=share)
        scores, ids = self.index.search(queries, limit, params=parameters)
        return ids, scores

    def _present(self, allowed: np.ndarray | None) -> np.ndarray | None:
        """``allowed`` less what is hidden and what was never there."""
        if allowed is None and not self.removed:
            return None
        ids = self.ids()
        present = np.zeros(int(ids.max(initial=-1)) + 1, bool)
        present[ids] = True
        if allowed is not None:
            present[: len(allowed)] &= allowed[: len(present)]
            present[len(allowed) :] = False
        return present

    def _compare(self, queries: np.ndarray, ids: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """The exact answer by comparing with each of ``ids``: a graph or lists lose what a narrow filter leaves."""
        found = np.full((len(queries), limit), -1, np.int64)
        scores = np.full((len(queries), limit), -np.inf, np.float32)
        cosines = queries @ self.reconstruct(ids).T if len(ids) else np.empty((len(queries), 0), np.float32)
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :limit]
        found[:, : order.shape[1]] = ids[order]
        scores[:, : order.shape[1]] = np.take_along_axis(cosines, order, axis=1)
        return found, scores

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
    inverted = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimensions), dimensions, lists, faiss.METRIC_INNER_PRODUCT)
    inverted.cp.max_points_per_centroid = TRAINED_ON
    return inverted


def _parameters(
    kind: Kind, *, limit: int, selector: faiss.IDSelector | None = None, share: float = 1.0
) -> faiss.SearchParameters:
    """How widely to look: the more widely the more is wanted and the smaller the share that a filter leaves."""
    if kind == "hnsw":
        return faiss.SearchParametersHNSW(sel=selector, efSearch=min(4096, int(max(128, 2 * limit) / share)))
    if kind == "ivf":
        return faiss.SearchParametersIVF(sel=selector, nprobe=min(1024, int(32 / share)))
    return faiss.SearchParameters(sel=selector)
