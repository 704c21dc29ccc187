"""The index in llama-index's words: passages as nodes, the encoder as an embedding, the search as a retriever.

Not imported by the index itself: llama-index takes more than a second to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from pydantic import PrivateAttr

from .encoder import Encoder
from .index import Index
from .model import Passage


def node_of(passage: Passage) -> TextNode:
    """The passage as a node: its id, its text, all its facts as metadata, its gazette as the document it comes from."""
    metadata = {
        "source": passage.source, "start": passage.start, "end": passage.end, "district": passage.district,
        "years": list(passage.years), "notice": passage.notice, "title": passage.title, "path": list(passage.path),
        "kind": passage.kind, "clause_ids": list(passage.clause_ids), "context": passage.context,
    }
    return TextNode(
        id_=passage.id, text=passage.text, metadata=metadata, start_char_idx=passage.start, end_char_idx=passage.end,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.source)},
        # The context says all of the metadata that helps a reader, in words; the rest is for programs.
        excluded_embed_metadata_keys=[key for key in metadata if key != "context"],
        excluded_llm_metadata_keys=[key for key in metadata if key != "context"],
        metadata_template="{value}", text_template="{metadata_str}\n{content}",
    )


class IndexRetriever(BaseRetriever):
    """``Index.search`` as a retriever, narrowed to districts, years and notices where they are given.

    >>> IndexRetriever(Index.load(), limit=5, districts=["朝阳区"]).retrieve("过年能放鞭炮吗")
    [NodeWithScore(node=TextNode(id_='chaoyang-2021-02.txt:…'), score=…), …]
    """

    def __init__(
        self, index: Index, *, limit: int = 20, districts: Sequence[str] = (), years: Sequence[int] = (),
        notices: Sequence[str] = (), **options: Any,
    ) -> None:
        super().__init__(**options)
        self.index, self.limit = index, limit
        self.districts, self.years, self.notices = districts, years, notices

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self.index.search(query_bundle.query_str, districts=self.districts, years=self.years,
                                 notices=self.notices, limit=self.limit)
        return [NodeWithScore(node=node_of(hit.passage), score=hit.score) for hit in hits]


class EncoderEmbedding(BaseEmbedding):
    """The shared encoder as llama-index's embedding model, so that its own indexes can be filled with it."""

    _encoder: Encoder = PrivateAttr()

    def __init__(self, encoder: Encoder, **options: Any) -> None:
        super().__init__(model_name=encoder.name, **options)
        self._encoder = encoder

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._encoder.encode_queries([query])[0].tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._encoder.encode_passages(texts).tolist()
