"""FAISS behind llama-index's vector-store interface, with the filters and deletion its own adapter lacks.

``llama-index-vector-stores-faiss`` 0.7 raises on a metadata filter and on
``delete``. Here a filter becomes a mask that FAISS searches under (exact, not
cut after the fact), and a deleted node is gone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from llama_index.core.schema import BaseNode, TextNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)
from llama_index.core.vector_stores.utils import build_metadata_filter_fn
from pydantic import PrivateAttr

from .index import Index
from .llama import node_of
from .vectors import Vectors, kind_for

# What an inverted list of metadata values answers at once; any other operator is asked of each node.
LISTED = {FilterOperator.EQ, FilterOperator.IN, FilterOperator.CONTAINS, FilterOperator.ANY}


class FaissStore(BasePydanticVectorStore):
    """Nodes with their vectors and texts; similarities are cosines. Thread-safe.

    >>> store = FaissStore(dimensions=384)
    >>> store.add(nodes)
    >>> store.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=5, filters=MetadataFilters(filters=[
    ...     MetadataFilter(key="district", value="朝阳区"),
    ...     MetadataFilter(key="years", value=2021, operator=FilterOperator.CONTAINS)])))
    """

    stores_text: bool = True
    dimensions: int

    _vectors: Vectors = PrivateAttr()
    _nodes: dict[int, BaseNode] = PrivateAttr(default_factory=dict)
    _numbers: dict[str, int] = PrivateAttr(default_factory=dict)
    _listed: dict[str, dict[Hashable, set[int]]] = PrivateAttr(default_factory=dict)
    _next: int = PrivateAttr(default=0)
    _lock: threading.RLock = PrivateAttr(default_factory=threading.RLock)

    def __init__(self, *, dimensions: int) -> None:
        super().__init__(dimensions=dimensions)
        self._vectors = Vectors.build(np.empty((0, dimensions), np.float32))

    @classmethod
    def of(cls, index: Index) -> FaissStore:
        """A store of the index's passages; what is added or deleted there leaves the index as it is."""
        store = cls(dimensions=index.encoder.dimensions)
        store._vectors = Vectors(faiss.clone_index(index.vectors.index), kind=index.vectors.kind)
        for number, passage in enumerate(index.passages):
            store._enter(number, node_of(passage))
        store._next = len(index.passages)
        return store

    @property
    def client(self) -> faiss.Index:
        """The FAISS index."""
        return self._vectors.index

    def __len__(self) -> int:
        return len(self._nodes)

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Add nodes that carry embeddings; a node id that is there already is replaced."""
        if not nodes:
            return []
        vectors = np.asarray([node.get_embedding() for node in nodes], np.float32)
        if vectors.shape[1] != self.dimensions:
            raise ValueError(f"embeddings of {vectors.shape[1]} dimensions; this store holds {self.dimensions}")
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        last = {node.node_id: at for at, node in enumerate(nodes)}  # of a node given twice the last counts
        with self._lock:
            self._remove([self._numbers[name] for name in last if name in self._numbers])
            numbers = np.arange(self._next, self._next + len(last))
            self._next += len(last)
            self._vectors.add(numbers, vectors[list(last.values())])
            for number, at in zip(numbers.tolist(), last.values(), strict=True):
                self._enter(number, nodes[at])
            if kind_for(len(self)) != self._vectors.kind:
                kept = self._vectors.ids()
                self._vectors = Vectors.build(self._vectors.reconstruct(kept), ids=kept)
        return [node.node_id for node in nodes]

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """Delete every node of a document; a gazette's document is its file name."""
        with self._lock:
            self._remove([number for number, node in self._nodes.items() if node.ref_doc_id == ref_doc_id])

    def delete_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None, **_: Any) -> None:
        """Delete the nodes that are named, that pass the filters, or both where both are given."""
        with self._lock:
            self._remove(self._chosen(node_ids, filters))

    def clear(self) -> None:
        """Delete all."""
        with self._lock:
            self._nodes, self._numbers, self._listed = {}, {}, {}
            self._vectors = Vectors.build(np.empty((0, self.dimensions), np.float32))

    def get_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None) -> list[BaseNode]:
        """The nodes that are named and pass the filters, in the order they were added."""
        with self._lock:
            return [self._nodes[number] for number in sorted(self._chosen(node_ids, filters))]

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """The most similar nodes, best first; raises ``ValueError`` for another mode than the default."""
        if query.mode != VectorStoreQueryMode.DEFAULT:
            raise ValueError(f"query mode {query.mode.value!r} is not supported; Index.search searches in hybrid fashion")
        if query.query_embedding is None:
            raise ValueError("a query needs query_embedding")
        vector = np.asarray([query.query_embedding], np.float32)
        vector /= max(float(np.linalg.norm(vector)), 1e-12)
        with self._lock:
            allowed = None
            # llama-index's own retriever passes empty lists where nothing was asked for.
            if query.filters or query.node_ids or query.doc_ids:
                chosen = self._chosen(query.node_ids or None, query.filters)
                if query.doc_ids:
                    chosen = {number for number in chosen if self._nodes[number].ref_doc_id in query.doc_ids}
                allowed = np.zeros(self._next, bool)
                allowed[list(chosen)] = True
            limit = min(query.similarity_top_k, len(self))
            ids, scores = self._vectors.search(vector, limit, allowed=allowed) if limit else (np.empty((1, 0), int),) * 2
            pairs = zip(ids[0].tolist(), scores[0].tolist(), strict=True)
            found = [(self._nodes[number], score) for number, score in pairs if number >= 0]
        return VectorStoreQueryResult(
            nodes=[node for node, _ in found], similarities=[score for _, score in found], ids=[node.node_id for node, _ in found]
        )

    def persist(self, persist_path: str, fs: Any = None) -> None:
        """Write the store into the folder ``persist_path``."""
        if fs is not None:
            raise ValueError("only local folders are supported")
        folder = Path(persist_path)
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._vectors.save(folder / "vectors.faiss")
            nodes = {number: node.to_dict() for number, node in self._nodes.items()}
        (folder / "nodes.json").write_text(json.dumps(nodes, ensure_ascii=False), "utf-8")

    @classmethod
    def from_persist_path(cls, persist_path: str) -> FaissStore:
        """What ``persist`` wrote."""
        folder = Path(persist_path)
        vectors = Vectors.load(folder / "vectors.faiss")
        store = cls(dimensions=vectors.dimensions)
        store._vectors = vectors
        for number, node in json.loads((folder / "nodes.json").read_text("utf-8")).items():
            store._enter(int(number), TextNode.from_dict(node))
        store._next = max(store._nodes, default=-1) + 1
        return store

    def _enter(self, number: int, node: BaseNode) -> None:
        self._nodes[number] = node
        self._numbers[node.node_id] = number
        for key, value in node.metadata.items():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(one, Hashable):
                    self._listed.setdefault(key, {}).setdefault(one, set()).add(number)

    def _remove(self, numbers: Sequence[int] | set[int]) -> None:
        numbers = list(numbers)
        if not numbers:
            return
        self._vectors.remove(np.asarray(numbers))
        for number in numbers:
            node = self._nodes.pop(number)
            del self._numbers[node.node_id]
        gone = set(numbers)
        for values in self._listed.values():
            for value in [value for value, listed in values.items() if listed & gone]:
                values[value] -= gone
                if not values[value]:
                    del values[value]

    def _chosen(self, node_ids: Sequence[str] | None, filters: MetadataFilters | None) -> set[int]:
        chosen = set(self._nodes) if node_ids is None else {self._numbers[name] for name in node_ids if name in self._numbers}
        return chosen & self._passing(filters) if filters else chosen

    def _passing(self, filters: MetadataFilters) -> set[int]:
        """Numbers of the nodes that pass; filters may be nested."""
        if not filters.filters:
            return set(self._nodes)
        parts = [self._passing(one) if isinstance(one, MetadataFilters) else self._matching(one) for one in filters.filters]
        if filters.condition == FilterCondition.NOT:
            return set(self._nodes) - set.union(*parts)
        return set.union(*parts) if filters.condition == FilterCondition.OR else set.intersection(*parts)

    def _matching(self, one: MetadataFilter) -> set[int]:
        if one.operator in LISTED and not (one.operator == FilterOperator.EQ and isinstance(one.value, list)):
            wanted = one.value if isinstance(one.value, list) else [one.value]
            listed = self._listed.get(one.key, {})
            return set().union(*(listed.get(value, ()) for value in wanted))
        test = build_metadata_filter_fn(lambda name: self._nodes[self._numbers[name]].metadata, MetadataFilters(filters=[one]))
        return {number for number, node in self._nodes.items() if test(node.node_id)}
